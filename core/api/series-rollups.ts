/**
 * What is kept of an interval once its samples are too fine to ask for: of each number its sum, how often it was there,
 * its least and its greatest. Means of longer intervals come out exactly from sums and counts; from means they would not.
 */
import type { MachineType } from '../machine-types/definition.ts';

/** Each from the one before it, the first from the samples. */
export const rollups = [
  { name: 'minute', seconds: 60 },
  { name: 'hour', seconds: 3600 },
  { name: 'day', seconds: 86_400 },
] as const;
export type RollupName = (typeof rollups)[number]['name'];

/** One row each of an interval, told apart by the measure's name. */
export const rollupKinds = ['sum', 'count', 'min', 'max'] as const;
export type RollupKind = (typeof rollupKinds)[number];

/** How many samples an interval had, whatever was in them. */
export const samplesColumn = 'samples';

const conclusions = ['health', 'rul_p10_hours', 'rul_p50_hours', 'rul_p90_hours'];

/** The numbers that are rolled up: every signal with its expectation, and what the twin concluded. */
export function rolledColumns(types: readonly Pick<MachineType, 'signals'>[]): string[] {
  const signals = new Set(types.flatMap((type) => type.signals.map(({ name }) => name)));
  return [...[...signals].flatMap((name) => [name, `${name}_expected`]), ...conclusions];
}

/** The coarsest rollup whose intervals make up those of this resolution; none where samples are asked for. */
export function rollupFor(resolutionS: number): (typeof rollups)[number] | undefined {
  return rollups.findLast(({ seconds }) => resolutionS % seconds === 0);
}
