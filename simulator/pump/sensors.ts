/**
 * What the instruments make of the pump: the payload of type `centrifugal-pump`. Noise is relative where the instrument's is
 * (flow, current, vibration), absolute where not; deviations are assumptions of ordinary plant instruments (0.3–1 % class).
 * Every sample takes the same draws, so that a fault changes values and never the noise behind them.
 */
import type { Random } from '../../core/random/random.ts';
import { speedRpmOf } from './drive.ts';
import type { FaultLevels } from './faults.ts';
import type { Plant } from './plant.ts';
import { overallMmPerS } from './vibration.ts';

const relativeNoise = { flow: 0.004, electric: 0.006, vibration: 0.03, line: 0.05, leak: 0.08, efficiency: 0.005 };
const noiseRpm = 1.2;
const noiseBar = 0.004;
const noiseHeadM = 0.06;
const noiseC = 0.12;
const noiseMarginM = 0.05;
/** Full cavitation makes the head dance this much. */
const cavitationDitherM = 1.4;
/** What a standing pump picks up from its neighbours. */
const floorMmPerS = 0.05;
const floorG = 0.01;
/** A sound mechanical seal weeps a few drops; a failed one fills the drip meter's range (assumption). */
const soundLeakMlPerH = 5;
const failedLeakRatio = 12_000;

export interface Reading {
  readonly timestamp: string;
  readonly machineId: string;
  readonly sequence: number;
  readonly runtimeHours: number;
  readonly running: boolean;
}

export function readSensors(plant: Plant, levels: FaultLevels, random: Random, reading: Reading) {
  const { point, bands, drive, temperatures } = plant;
  const moving = drive.speedRatio > 0 ? 1 : 0;
  const ditherM = moving * random.normal(0, noiseHeadM + cavitationDitherM * plant.cavitation);
  const leakMlPerH = levels.seal_leak > 0 ? soundLeakMlPerH * failedLeakRatio ** levels.seal_leak : soundLeakMlPerH;
  return {
    timestamp: reading.timestamp,
    machine_id: reading.machineId,
    speed_rpm: round1(speedRpmOf(drive) + moving * random.normal(0, noiseRpm)),
    flow_m3_h: round3(point.flowM3PerH * (1 + random.normal(0, relativeNoise.flow))),
    suction_pressure_bar: round4(point.suctionPressureBar + random.normal(0, noiseBar)),
    discharge_pressure_bar: round4(
      point.suctionPressureBar + point.barPerM * (point.headM + ditherM) + random.normal(0, noiseBar),
    ),
    head_m: round3(Math.max(0, point.headM + ditherM)),
    motor_current_a: round3(drive.currentA * (1 + random.normal(0, relativeNoise.electric))),
    motor_power_kw: round3(drive.electricKw * (1 + random.normal(0, relativeNoise.electric))),
    efficiency_percent: round2(efficiencyPercentOf(plant) * (1 + random.normal(0, relativeNoise.efficiency))),
    npsh_margin_m: round3(point.npshMarginM + random.normal(0, noiseMarginM)),
    vibration_x: round4(readVibration(overallMmPerS(bands, 'x'), random)),
    vibration_y: round4(readVibration(overallMmPerS(bands, 'y'), random)),
    vibration_z: round4(readVibration(overallMmPerS(bands, 'z'), random)),
    vibration_1x_mm_s: round4(readVibration(bands.onceMmPerS, random)),
    vibration_2x_mm_s: round4(readVibration(bands.twiceMmPerS, random)),
    vibration_vane_pass_mm_s: round4(readVibration(bands.vanePassMmPerS, random)),
    high_frequency_g: round4(readLine(bands.highFrequencyG, random)),
    bearing_bpfo_g: round4(readLine(bands.outerRaceG, random)),
    bearing_bpfi_g: round4(readLine(bands.innerRaceG, random)),
    bearing_temperature_c: round2(temperatures.bearingC + random.normal(0, noiseC)),
    motor_temperature_c: round2(temperatures.motorC + random.normal(0, noiseC)),
    fluid_temperature_c: round2(temperatures.fluidC + random.normal(0, noiseC)),
    ambient_temperature_c: round2(temperatures.ambientC + random.normal(0, noiseC)),
    seal_leak_ml_h: round1(moving * leakMlPerH * Math.max(0, 1 + random.normal(0, relativeNoise.leak))),
    runtime_hours: round4(reading.runtimeHours),
    mode: reading.running ? 'running' : 'stopped',
    machine_type: 'centrifugal-pump',
    sequence: reading.sequence,
  };
}

const efficiencyPercentOf = ({ point }: Plant): number =>
  point.shaftKw > 0 ? (100 * point.hydraulicKw) / point.shaftKw : 0;

const readVibration = (mmPerS: number, random: Random): number =>
  (mmPerS + floorMmPerS) * (1 + random.normal(0, relativeNoise.vibration));

const readLine = (g: number, random: Random): number => (g + floorG) * (1 + random.normal(0, relativeNoise.line));

const round1 = (value: number): number => Math.round(value * 10) / 10;
const round2 = (value: number): number => Math.round(value * 100) / 100;
const round3 = (value: number): number => Math.round(value * 1000) / 1000;
const round4 = (value: number): number => Math.round(value * 10000) / 10000;
