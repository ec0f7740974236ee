import type { Counts } from '../../core/api/ledger.ts';
import type { Observation } from '../../core/detection/observation.ts';

/**
 * What became of a machine's samples, as part of its twin's state: exact over replays and changes of hands, as the rest
 * of it is, and written with the present state, so that counting costs no write of its own. A sample that the store
 * refuses afterwards counts as used here.
 */
export interface Tally {
  readonly counts: { -readonly [Name in keyof Counts]: number };
  lastSequence: number | null;
}

export const createTally = (saved?: Tally): Tally => ({
  counts: { received: 0, used: 0, late: 0, duplicates: 0, quarantined: 0, missing: 0, ...saved?.counts },
  lastSequence: saved?.lastSequence ?? null,
});

const countedAs = { used: 'used', duplicate: 'duplicates', out_of_order: 'late', late: 'late' } as const;

export function countSample(
  tally: Tally,
  { disposition, sequence }: Pick<Observation, 'disposition' | 'sequence'>,
): void {
  const { counts } = tally;
  counts.received++;
  counts[countedAs[disposition]]++;
  // What comes late was missing until now.
  if (disposition === 'out_of_order' || disposition === 'late') counts.missing = Math.max(0, counts.missing - 1);
  if (disposition !== 'used' || sequence === null) return;
  // A machine that counts from the beginning again has restarted, and lost nothing by it.
  if (tally.lastSequence !== null && sequence > tally.lastSequence) counts.missing += sequence - tally.lastSequence - 1;
  tally.lastSequence = sequence;
}

export function countRefused({ counts }: Tally, samples: number): void {
  counts.received += samples;
  counts.quarantined += samples;
}
