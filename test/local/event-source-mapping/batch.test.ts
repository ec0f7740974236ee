import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BatchRules, type GiveUpReason, processBatch } from '../../../local/event-source-mapping/batch.ts';
import type { StreamRecord } from '../../../local/kinesis/shard-log.ts';
import type { Outcome } from '../../../local/lambda/function.ts';

const rules: BatchRules = {
  maxRetries: 2,
  maxRecordAgeMs: Number.POSITIVE_INFINITY,
  bisects: true,
  reportsItemFailures: false,
};

const createRecords = (count: number, arrivalMs = 1000): StreamRecord[] =>
  Array.from({ length: count }, (_, index) => ({ index, arrivalMs, partitionKey: 'M', data: new Uint8Array() }));

const crash: Outcome = { ok: false, error: { errorType: 'Error', errorMessage: 'no' } };
const fine: Outcome = { ok: true, payload: 'null' };
const failedAt = (index: number): Outcome => ({
  ok: true,
  payload: JSON.stringify({ batchItemFailures: [{ itemIdentifier: String(index) }] }),
});

async function run(records: StreamRecord[], changes: Partial<BatchRules>, answer: (indices: number[]) => Outcome) {
  const invoked: number[][] = [];
  const givenUp: { index: number; reason: GiveUpReason; attempts: number }[] = [];
  const commits: number[] = [];
  await processBatch(
    records,
    { ...rules, ...changes },
    {
      invoke: async (part) => {
        invoked.push(part.map(({ index }) => index));
        return answer(invoked.at(-1)!);
      },
      findIndex: Number,
      giveUp: async (part, reason, attempts) => {
        for (const { index } of part) givenUp.push({ index, reason, attempts });
      },
      commit: (nextIndex) => commits.push(nextIndex),
      wait: async () => undefined,
      nowMs: () => 2000,
      isStopped: () => false,
    },
  );
  return { invoked, givenUp, commits };
}

describe('a batch', () => {
  it('is done with one invocation when all goes well', async () => {
    const { invoked, commits } = await run(createRecords(3), {}, () => fine);
    expect(invoked).toEqual([[0, 1, 2]]);
    expect(commits).toEqual([3]);
  });

  it('is halved down to its poisoned record, which alone goes to the destination after its retries', async () => {
    const { invoked, givenUp, commits } = await run(createRecords(8), {}, (indices) =>
      indices.includes(5) ? crash : fine,
    );
    expect(givenUp).toEqual([{ index: 5, reason: 'RetryAttemptsExhausted', attempts: 3 }]);
    expect(invoked.filter((indices) => indices.length === 1 && indices[0] === 5)).toHaveLength(3);
    expect(commits.at(-1)).toBe(8);
  });

  it('comes again from the lowest failed item on, and what was before it is done', async () => {
    let isBroken = true;
    const { invoked, commits } = await run(createRecords(6), { reportsItemFailures: true, bisects: false }, () => {
      const outcome = isBroken ? failedAt(4) : fine;
      isBroken = false;
      return outcome;
    });
    expect(invoked).toEqual([
      [0, 1, 2, 3, 4, 5],
      [4, 5],
    ]);
    expect(commits).toEqual([4, 6]);
  });

  it('comes again whole from the failed item on although it bisects, and is halved when nothing of it was done', async () => {
    const { invoked, givenUp } = await run(createRecords(8), { reportsItemFailures: true, maxRetries: 0 }, (indices) =>
      indices.includes(4) ? failedAt(4) : fine,
    );
    expect(invoked).toEqual([[0, 1, 2, 3, 4, 5, 6, 7], [4, 5, 6, 7], [4, 5], [4], [5], [6, 7]]);
    expect(givenUp).toEqual([{ index: 4, reason: 'RetryAttemptsExhausted', attempts: 1 }]);
  });

  it('fails as a whole when the function names an item that is not of it', async () => {
    const { givenUp } = await run(createRecords(1), { reportsItemFailures: true, maxRetries: 0 }, () => failedAt(77));
    expect(givenUp).toHaveLength(1);
  });

  it('gives up what is too old before it is tried', async () => {
    const records = [...createRecords(2, 100), { ...createRecords(1, 1900)[0]!, index: 2 }];
    const { invoked, givenUp } = await run(records, { maxRecordAgeMs: 500 }, () => fine);
    expect(givenUp.map(({ index, reason }) => [index, reason])).toEqual([
      [0, 'EventAgeExceeded'],
      [1, 'EventAgeExceeded'],
    ]);
    expect(invoked).toEqual([[2]]);
  });

  it('ends with every record either taken or given up, whichever are poisoned and however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.uniqueArray(fc.nat(39)),
        fc.boolean(),
        fc.boolean(),
        async (count, poison, bisects, reports) => {
          const taken = new Set<number>();
          const { givenUp, commits } = await run(
            createRecords(count),
            { bisects, reportsItemFailures: reports },
            (indices) => {
              const bad = indices.find((index) => poison.includes(index));
              if (bad === undefined || reports)
                for (const index of indices) if (bad === undefined || index < bad) taken.add(index);
              if (bad === undefined) return fine;
              return reports ? failedAt(bad) : crash;
            },
          );
          const lost = new Set(givenUp.map(({ index }) => index));
          for (let index = 0; index < count; index++) {
            expect(taken.has(index) || lost.has(index)).toBe(true);
            if (bisects || reports) expect(!poison.includes(index) || lost.has(index)).toBe(true);
          }
          if (bisects) expect([...lost].every((index) => poison.includes(index))).toBe(true);
          expect(commits.at(-1)).toBe(count);
        },
      ),
      { numRuns: 300 },
    );
  });
});
