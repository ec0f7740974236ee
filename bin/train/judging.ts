import { createHash } from 'node:crypto';

/**
 * What judges never teaches, in no training of any seed or number of units: else a model in force would be judged by what it learned.
 * Simulated units to judge by come from seeds that --seed does not take; units of a table are told apart by their names alone.
 */
export const judgingSeedsFrom = 900_000;
export const judgingSeeds = { lives: 900_101, states: 900_201, chaos: 900_301 } as const;

/** Five pumps of each way to fail. */
export const judgingUnits = 30;

const judgingShare = 0.2;
const hashes = 2 ** 32;

/** About a fifth of the names, whichever others stand beside them; the first in that order where none falls into it. */
export function chooseJudging(names: readonly string[]): Set<string> {
  const places = new Map(names.map((name) => [name, placeOf(name)]));
  const chosen = names.filter((name) => (places.get(name) ?? 1) < judgingShare);
  if (chosen.length > 0) return new Set(chosen);
  const [first] = names.toSorted((a, b) => (places.get(a) ?? 1) - (places.get(b) ?? 1));
  return new Set(first === undefined ? [] : [first]);
}

const placeOf = (name: string): number => createHash('sha256').update(name).digest().readUInt32BE() / hashes;
