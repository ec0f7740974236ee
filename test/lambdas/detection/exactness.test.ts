import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Observation } from '../../../core/detection/observation.ts';
import { MachineCondition } from '../../../core/learning/machine-condition.ts';
import { createRandom, type Random } from '../../../core/random/random.ts';
import { createGenericMachine } from '../../../simulator/generic/machine.ts';
import { EventSource } from './event-source.ts';
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

const seconds = 90;

async function runUndisturbed() {
  const floor = new Floor();
  fillStream(floor, seconds);
  const handle = floor.startContainer('only');
  const source = new EventSource(floor.stream.slice(0, -1), { keepsStateOfParts: true });
  while (!source.isDone) await source.deliver(handle, 10);
  return finish(floor);
}

/** A last container takes the last record and checkpoints at once. */
async function finish(floor: Floor) {
  const answer = await floor.startContainer('last', 0)(eventOf(floor.stream.slice(-1)));
  expect(answer.batchItemFailures).toEqual([]);
  return floor.outcome();
}

/** What may go wrong with one delivery of a batch. */
const mishaps = [
  'none',
  'none',
  'none',
  'dies before',
  'dies after',
  'store busy',
  'delivered twice',
  'cold start',
  'window ends',
  'state lost',
  'one batch back',
  'from the beginning',
] as const;

/** A fault of the code that every tenth sample of a machine meets, when its twin has taken half of it in. */
function failAtSomeSamples(): void {
  const observe = MachineCondition.prototype.observe;
  vi.spyOn(MachineCondition.prototype, 'observe').mockImplementation(function (this: MachineCondition, observation) {
    const { machineId } = observation as Observation;
    if (machineId === 'M-2' && observation.sampledAtMs % 10_000 === 0) throw new TypeError('a fault');
    return observe.call(this, observation);
  });
}

describe('exactness of detection', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('gives the same rows, states and events whatever dies, repeats, alternates, starts cold or loses its window', () =>
    proveExact(40));

  it('does so where a machine’s twin throws at some of its samples', async () => {
    failAtSomeSamples();
    await proveExact(8);
  });
});

async function proveExact(numRuns: number): Promise<void> {
  const expected = await runUndisturbed();
  expect(expected.events.length).toBeGreaterThan(0);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      fc.nat(),
      async (sizes, keepsStateOfParts, seed) => {
        const floor = new Floor();
        fillStream(floor, seconds);
        const source = new EventSource(floor.stream.slice(0, -1), { keepsStateOfParts });
        await runDisturbed(floor, source, sizes, createRandom(seed));
        expect(await finish(floor)).toEqual(expected);
      },
    ),
    { seed: 20261120, numRuns },
  );
}

async function runDisturbed(
  floor: Floor,
  source: EventSource,
  sizes: readonly number[],
  random: Random,
): Promise<void> {
  let started = 0;
  const start = () => floor.startContainer(`container ${++started}`);
  const containers = [start(), start(), start()];
  let mishapsLeft = 40;
  for (let batch = 0; !source.isDone; batch++) {
    const size = sizes[batch % sizes.length]!;
    const chosen = random.integer(0, 2);
    const mishap = mishapsLeft > 0 ? mishaps[random.integer(0, mishaps.length - 1)]! : 'none';
    if (mishap !== 'none') mishapsLeft -= 1;
    if (mishap === 'cold start') containers[chosen] = start();
    if (mishap === 'window ends') await source.endWindow(containers[chosen]!);
    if (mishap === 'state lost' || mishap === 'one batch back' || mishap === 'from the beginning') {
      source.failOver(mishap);
    }
    floor.death = mishap === 'dies before' ? 'before' : mishap === 'dies after' ? 'after' : null;
    floor.unwrittenFrom = mishap === 'store busy' ? (row) => row.recordIndex >= Math.floor(size / 2) : null;
    try {
      if (mishap === 'delivered twice') await source.deliverInVain(containers[(chosen + 1) % 3]!, size);
      await source.deliver(containers[chosen]!, size);
    } catch {
      containers[chosen] = start(); // the dead one is gone with its memory; the batch is delivered again
    }
  }
  floor.unwrittenFrom = null;
}
