/**
 * The milling process of the teaching scenario (type `cnc-process`): each event is the phase's expectation plus noise plus the
 * scripted fault, drawn in the published order, so that seed 7 gives the published 240 events field by field.
 * Fault plans, where given, take the script's place from their onset on; without them the run is the published one.
 */
import { formatTopic } from '../../core/telemetry/topic.ts';
import { faultLevelAt, type GroundTruth, type MachineOptions, type SimulatedMachine } from '../machine.ts';
import { createTimestampFormatter } from '../timestamp.ts';
import { PythonRandom } from './mersenne-twister.ts';
import { roundHalfEven } from './round.ts';
import { type Expectation, expectationAt, type FaultLabel, faultLabels, type Label, labelAt } from './scenario.ts';

export const processFaultModes: readonly string[] = faultLabels;

const componentOf: Readonly<Record<FaultLabel, string>> = {
  chatter: 'spindle',
  tool_wear: 'tool',
  thermal_drift: 'thermal',
  feed_mismatch: 'spindle',
  sensor_dropout: 'spindle',
};

/** What is measured, before rounding; null when the sensors are gone. */
interface Reading {
  feedMmPerMin: number;
  loadPct: number | null;
  vibrationMmPerS: number | null;
  temperatureC: number | null;
  toolWearPct: number;
}

export function createProcessMachine(options: MachineOptions): SimulatedMachine {
  const { machineId, startMs, intervalMs } = options;
  const random = new PythonRandom(options.seed);
  const partId = `BRACKET-${random.integer(1000, 9999)}`;
  const topic = formatTopic(machineId, 'process');
  const formatTimestamp = createTimestampFormatter();
  let sequence = 0;
  return {
    machineId,
    machineType: 'cnc-process',
    channel: 'process',
    intervalMs,
    next: () => {
      const sampledAtMs = startMs + sequence * intervalMs;
      const expected = expectationAt(sequence);
      const { reading, label, level } = drawEvent(random, expected, sequence, options);
      const payload = {
        timestamp: formatTimestamp(sampledAtMs),
        sequence,
        topic,
        machine_id: machineId,
        part_id: partId,
        operation: 'adaptive_cnc_milling',
        process_phase: expected.phase,
        spindle_speed_rpm: roundHalfEven(expected.spindleSpeedRpm, 1),
        feed_rate_mm_min: roundHalfEven(reading.feedMmPerMin, 1),
        spindle_load_pct: roundReading(reading.loadPct, 2),
        vibration_rms: roundReading(reading.vibrationMmPerS, 3),
        temperature_c: roundReading(reading.temperatureC, 2),
        tool_wear_pct: roundHalfEven(reading.toolWearPct, 2),
        expected_load_pct: roundHalfEven(expected.loadPct, 2),
        expected_temperature_c: roundHalfEven(expected.temperatureC, 2),
        anomaly_label: label,
      };
      const faults = label === 'normal' ? [] : [{ mode: label, component: componentOf[label], level }];
      const truth: GroundTruth = { machineId, machineType: 'cnc-process', sampledAtMs, sequence, faults, label };
      sequence++;
      return { payload, truth };
    },
  };
}

/** The order of the draws is part of the scenario: wear, label, load, vibration, temperature, fault. */
function drawEvent(random: PythonRandom, expected: Expectation, sequence: number, options: MachineOptions) {
  const wear = Math.min(98, 4 + 0.18 * sequence + random.gauss(0, 0.45));
  const scripted = labelAt(sequence, () => random.random());
  const planned = findPlanned(options, sequence);
  const reading: Reading = {
    feedMmPerMin: expected.feedMmPerMin,
    loadPct: expected.loadPct + random.gauss(0, 2.2),
    vibrationMmPerS: expected.vibrationMmPerS + random.gauss(0, 0.04),
    temperatureC: expected.temperatureC + random.gauss(0, 0.75),
    toolWearPct: wear,
  };
  const label: Label = planned?.label ?? scripted;
  const level = planned?.level ?? 1;
  if (label !== 'normal') applyFault(reading, label, { level, sequence, random });
  return { reading: clampReading(reading), label, level };
}

function findPlanned(options: MachineOptions, sequence: number): { label: FaultLabel; level: number } | undefined {
  const elapsedS = (sequence * options.intervalMs) / 1000;
  for (const plan of options.faults) {
    const level = faultLevelAt(plan, elapsedS);
    if (level > 0) return { label: plan.mode as FaultLabel, level };
  }
  return undefined;
}

interface FaultMoment {
  readonly level: number;
  readonly sequence: number;
  readonly random: PythonRandom;
}

function applyFault(reading: Reading, label: FaultLabel, { level, sequence, random }: FaultMoment): void {
  const raise = (field: keyof Reading, by: number): void => {
    reading[field] = reading[field]! + level * by;
  };
  switch (label) {
    case 'tool_wear':
      raise('loadPct', 10 + 0.5 * (sequence % 16));
      raise('vibrationMmPerS', 0.12 + 0.015 * (sequence % 10));
      raise('toolWearPct', 18);
      break;
    case 'chatter':
      raise('loadPct', random.uniform(4, 8));
      raise('vibrationMmPerS', random.uniform(0.75, 1.35));
      break;
    case 'thermal_drift':
      raise('temperatureC', 9 + 0.45 * (sequence % 18));
      raise('loadPct', 3);
      break;
    case 'feed_mismatch':
      reading.feedMmPerMin *= 1 + 1.35 * level;
      raise('vibrationMmPerS', 0.28);
      raise('loadPct', 8);
      break;
    case 'sensor_dropout':
      reading.loadPct = null;
      reading.vibrationMmPerS = null;
      reading.temperatureC = null;
  }
}

/** Noise may carry a small value below zero; a load, an RMS value and a wear share cannot be negative. */
function clampReading(reading: Reading): Reading {
  if (reading.loadPct !== null && reading.loadPct < 0) reading.loadPct = 0;
  if (reading.vibrationMmPerS !== null && reading.vibrationMmPerS < 0) reading.vibrationMmPerS = 0;
  if (reading.toolWearPct < 0) reading.toolWearPct = 0;
  return reading;
}

const roundReading = (value: number | null, digits: number): number | null =>
  value === null ? null : roundHalfEven(value, digits);
