/** The pump itself, without sensors: one step moves demand, hydraulics, motor, vibration and heat on by an interval. */
import type { Random } from '../../core/random/random.ts';
import { type Conditions, createOperatingPoint, type OperatingPoint, solveOperatingPoint } from './curves.ts';
import { createDrive, type DemandSteps, type Drive, demandSteps, setMotor, stepSpeed } from './drive.ts';
import { type FaultLevels, setConditions } from './faults.ts';
import { ambientAt, settledSteps, stepTemperatures, type Temperatures, thermalSteps } from './thermal.ts';
import { createVibrationBands, setVibrationBands, type VibrationBands } from './vibration.ts';

export interface PlantOptions {
  readonly random: Random;
  readonly startMs: number;
  readonly intervalS: number;
  readonly typicalLifeS: number;
}

export interface Circumstances {
  readonly levels: FaultLevels;
  ringWear: number;
  running: boolean;
}

/** Bubbles are heard well before the head falls: from this margin down, and in full at `cavitationFullM`. */
const cavitationBeginsM = 3;
const cavitationFullM = -1;
/** Head lost when cavitation is full (assumption; NPSHr itself is defined at 3 % lost). */
const cavitationHeadLoss = 0.08;

export class Plant {
  readonly point: OperatingPoint = createOperatingPoint();
  readonly bands: VibrationBands = createVibrationBands();
  readonly drive: Drive;
  readonly temperatures: Temperatures;
  cavitation = 0;
  private readonly conditions: Conditions;
  private readonly random: Random;
  private readonly demand: DemandSteps;
  private thermal = settledSteps;
  private readonly laterThermal: typeof settledSteps;

  constructor({ random, startMs, intervalS, typicalLifeS }: PlantOptions) {
    this.random = random;
    this.drive = createDrive(random, startMs);
    this.demand = demandSteps(intervalS);
    this.laterThermal = thermalSteps(intervalS, typicalLifeS);
    const ambientC = ambientAt(startMs);
    this.temperatures = { ambientC, fluidC: 32, bearingC: ambientC, motorC: ambientC };
    this.conditions = {
      speedRatio: 0,
      headFactor: 1,
      resistanceFactor: 1,
      lostSuctionHeadM: 0,
      leakM3PerH: 0,
      densityFactor: 1,
      fluidTemperatureC: 32,
    };
  }

  step(sampledAtMs: number, { levels, ringWear, running }: Circumstances): void {
    const { drive, point, temperatures } = this;
    stepSpeed(drive, sampledAtMs, this.demand, this.random, running);
    temperatures.ambientC = ambientAt(sampledAtMs);
    this.solveHydraulics(levels, ringWear);
    setMotor(drive, point.shaftKw, levels.bearing_wear);
    const { speedRatio, lossKw: motorLossKw } = drive;
    setVibrationBands({ speedRatio, point, levels, cavitation: this.cavitation }, this.bands);
    stepTemperatures(temperatures, { speedRatio, point, levels, motorLossKw }, this.thermal);
    this.thermal = this.laterThermal;
  }

  /** Solved without cavitation first: its margin says how much head the bubbles take. */
  private solveHydraulics(levels: FaultLevels, ringWear: number): void {
    const { conditions, point } = this;
    conditions.speedRatio = this.drive.speedRatio;
    conditions.fluidTemperatureC = this.temperatures.fluidC;
    setConditions(levels, ringWear, conditions);
    solveOperatingPoint(conditions, point);
    this.cavitation = cavitationAt(point.npshMarginM);
    if (this.cavitation === 0) return;
    conditions.headFactor *= 1 - cavitationHeadLoss * this.cavitation * this.cavitation;
    solveOperatingPoint(conditions, point);
  }
}

const cavitationAt = (marginM: number): number =>
  marginM >= cavitationBeginsM ? 0 : Math.min(1, (cavitationBeginsM - marginM) / (cavitationBeginsM - cavitationFullM));
