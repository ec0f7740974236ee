import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTimestampFormatter } from '../../simulator/timestamp.ts';

it('writes what Date.toISOString writes, forwards, backwards and before 1970', () => {
  const format = createTimestampFormatter();
  const moments = fc.integer({ min: -2_000_000_000_000, max: 4_000_000_000_000 });
  const steps = fc.array(fc.integer({ min: -70_000, max: 70_000 }), { maxLength: 20 });
  fc.assert(
    fc.property(moments, steps, (startMs, offsetsMs) => {
      for (const offsetMs of [0, ...offsetsMs]) {
        expect(format(startMs + offsetMs)).toBe(new Date(startMs + offsetMs).toISOString());
      }
    }),
    { seed: 1 },
  );
});
