import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../../core/random/random.ts';
import type { StreamRecord } from '../../../lambdas/ports/shard-state.ts';
import { createGenericMachine } from '../../../simulator/generic/machine.ts';
import { eventOf, Floor } from './floor.ts';

const startMs = Date.parse('2026-01-01T00:00:00.000Z');

/** Three machines at 1 Hz, one of which overheats after a minute: episodes open, change and clear. */
function fillStream(floor: Floor, seconds: number): void {
  const machines = ['M-1', 'M-2', 'M-3'].map((machineId, i) =>
    createGenericMachine({
      machineId,
      seed: 11 + i,
      startMs,
      intervalMs: 1000,
      faults: i === 1 ? [{ mode: 'overheating', onsetS: 20, growthS: 10, severity: 1 }] : [],
    }),
  );
  for (const { machineId } of machines) floor.register(machineId, 'generic');
  for (let second = 0; second < seconds; second++) {
    for (const machine of machines) floor.put(machine.machineId, machine.next().payload);
  }
}

function splitInto(records: readonly StreamRecord[], sizes: readonly number[]): StreamRecord[][] {
  const batches: StreamRecord[][] = [];
  for (let at = 0, i = 0; at < records.length; i++) {
    const size = sizes[i % sizes.length]!;
    batches.push(records.slice(at, at + size));
    at += size;
  }
  return batches;
}

const seconds = 90;

async function runUndisturbed() {
  const floor = new Floor();
  fillStream(floor, seconds);
  const handle = floor.startContainer('only');
  for (const batch of splitInto(floor.stream.slice(0, -1), [10])) await handle(eventOf(batch));
  return finish(floor);
}

/** A last container takes the last record and checkpoints at once. */
async function finish(floor: Floor) {
  expect(await floor.startContainer('last', 0)(eventOf(floor.stream.slice(-1)))).toEqual({ batchItemFailures: [] });
  return floor.outcome();
}

/** What may go wrong with one delivery of a batch. */
const mishaps = ['none', 'none', 'dies before', 'dies after', 'store busy', 'delivered twice', 'cold start'] as const;

describe('exactness of detection', () => {
  it('gives the same rows, states and events whatever dies, repeats, alternates or starts cold', async () => {
    const expected = await runUndisturbed();
    expect(expected.events.length).toBeGreaterThan(0);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        async (sizes, seed) => {
          const floor = new Floor();
          fillStream(floor, seconds);
          await runDisturbed(floor, splitInto(floor.stream.slice(0, -1), sizes), createRandom(seed));
          expect(await finish(floor)).toEqual(expected);
        },
      ),
      { seed: 20261120, numRuns: 40 },
    );
  });
});

async function runDisturbed(floor: Floor, batches: readonly StreamRecord[][], random: Random): Promise<void> {
  let started = 0;
  const start = () => floor.startContainer(`container ${++started}`);
  const containers = [start(), start(), start()];
  for (const batch of batches) {
    let remaining: readonly StreamRecord[] = batch;
    for (let delivery = 0; remaining.length > 0; delivery++) {
      const chosen = random.integer(0, 2);
      // After three mishaps the fourth delivery goes through, as the retries of an event source do in the end.
      const mishap = delivery < 3 ? mishaps[random.integer(0, mishaps.length - 1)]! : 'none';
      if (mishap === 'cold start') containers[chosen] = start();
      floor.death = mishap === 'dies before' ? 'before' : mishap === 'dies after' ? 'after' : null;
      const spared = Math.floor(remaining.length / 2);
      floor.unwrittenFrom = mishap === 'store busy' ? (row) => row.recordIndex >= spared : null;
      try {
        const { batchItemFailures } = await containers[chosen]!(eventOf(remaining));
        if (mishap === 'delivered twice') await containers[(chosen + 1) % 3]!(eventOf(remaining));
        const failed = batchItemFailures[0]?.itemIdentifier;
        remaining =
          failed === undefined ? [] : remaining.slice(remaining.findIndex((r) => r.sequenceNumber === failed));
      } catch {
        containers[chosen] = start(); // the dead one is gone with its memory; the batch is delivered again
      }
    }
  }
  floor.unwrittenFrom = null;
}
