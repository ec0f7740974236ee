import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countRefused, countSample, createTally } from '../../../lambdas/detection/tally.ts';

const used = (sequence: number) => ({ disposition: 'used' as const, sequence });

describe('the tally of a machine’s samples', () => {
  it('misses what the machine’s own numbers leave out, until it comes late', () => {
    const tally = createTally();
    for (const sequence of [1, 2, 5]) countSample(tally, used(sequence));
    expect(tally.counts.missing).toBe(2);
    countSample(tally, { disposition: 'out_of_order', sequence: 3 });
    expect(tally.counts).toMatchObject({ missing: 1, late: 1 });
  });

  it('misses nothing when the machine begins to count anew, or never counts', () => {
    const tally = createTally();
    for (const sequence of [900, 901, 0, 1]) countSample(tally, used(sequence));
    countSample(tally, { disposition: 'used', sequence: null });
    countSample(tally, used(2));
    expect(tally.counts).toMatchObject({ used: 6, missing: 0 });
  });

  it('balances whatever comes, and goes on where it was saved', () => {
    const disposition = fc.constantFrom('used', 'duplicate', 'out_of_order', 'late', 'refused');
    fc.assert(
      fc.property(fc.array(fc.tuple(disposition, fc.option(fc.nat(50)))), fc.nat(), (samples, cut) => {
        const count = (from: typeof samples, saved?: ReturnType<typeof createTally>) => {
          const tally = createTally(saved);
          for (const [kind, sequence] of from) {
            if (kind === 'refused') countRefused(tally, 1);
            else countSample(tally, { disposition: kind as 'used', sequence });
          }
          return tally;
        };
        const { counts } = count(samples);
        expect(counts.used + counts.late + counts.duplicates + counts.quarantined).toBe(counts.received);
        expect(counts.missing).toBeGreaterThanOrEqual(0);
        const first = JSON.parse(JSON.stringify(count(samples.slice(0, cut))));
        expect(count(samples.slice(cut), first).counts).toEqual(counts);
      }),
    );
  });
});
