import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PublishLimit } from '../../../simulator/sinks/mqtt/publish-limit.ts';

it('never lets more than 100 publishes or 512 KiB through in any second, and never stalls', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 131_072 }), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 0, max: 3000 }), (payloads, idleMs) => {
      const limit = new PublishLimit();
      const sent: { atMs: number; bytes: number }[] = [];
      let nowMs = 0;
      for (const [i, bytes] of payloads.entries()) {
        if (i % 50 === 49) nowMs += idleMs;
        for (let waitMs = limit.take(nowMs, bytes); waitMs > 0; waitMs = limit.take(nowMs, bytes)) {
          expect(waitMs).toBeLessThanOrEqual(1000);
          nowMs += waitMs;
        }
        sent.push({ atMs: nowMs, bytes });
      }
      for (const { atMs } of sent) {
        const second = sent.filter((s) => s.atMs >= atMs && s.atMs < atMs + 1000);
        expect(second.length).toBeLessThanOrEqual(100);
        expect(second.reduce((sum, s) => sum + s.bytes, 0)).toBeLessThanOrEqual(512 * 1024);
      }
    }),
    { numRuns: 40, seed: 3 },
  );
});

it('sustains 80 small publishes a second', () => {
  const limit = new PublishLimit();
  let sent = 0;
  for (let nowMs = 0; nowMs < 10_000; nowMs++) if (limit.take(nowMs, 700) === 0) sent++;
  expect(sent).toBeGreaterThanOrEqual(800);
  expect(sent).toBeLessThanOrEqual(820);
});
