import type { Detector, DetectorInput, DetectorKind } from '../../../../core/detection/detector.ts';
import { createRandom, type Random } from '../../../../core/random/random.ts';

/** How the contract drives one kind: what it is made with, what healthy rows look like, what a fault does to a row. */
export interface Scenario {
  readonly kind: DetectorKind<Record<string, unknown>>;
  readonly channels: readonly string[];
  readonly config: Record<string, unknown>;
  /** A healthy row. */
  healthyRow(random: Random, index: number): number[];
  /** The same row once the fault is `age` rows old. */
  faultyRow(healthy: readonly number[], age: number): number[];
  /** Rows that are healthy for certain, seen before the fault may come. */
  readonly trainRows: number;
}

const faultRows = 40;

export const createDetector = (scenario: Scenario, config = scenario.config): Detector =>
  scenario.kind.create({ channels: scenario.channels, config });

/** Healthy rows one second apart, the last `faultRows` of them faulty where asked. */
export function makeRows(scenario: Scenario, seed: number, count: number, faulty = false): DetectorInput[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const healthy = scenario.healthyRow(random, i);
    const age = i - (count - faultRows);
    return {
      atMs: 1_767_225_600_000 + i * 1000,
      values: faulty && age >= 0 ? scenario.faultyRow(healthy, age) : healthy,
    };
  });
}

/** Whether any of the last `faultRows` rows raised the alarm. */
export function alarmsAtTheEnd(scenario: Scenario, seed: number, faulty: boolean): boolean {
  const detector = createDetector(scenario);
  const rows = makeRows(scenario, seed, scenario.trainRows + faultRows, faulty);
  const outputs = rows.map((row) => detector.update(row));
  return outputs.slice(-faultRows).some((output) => output.alarm);
}
