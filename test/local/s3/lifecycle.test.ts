import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Engine, type Json, owner } from '../../../local/engine.ts';
import { createS3 } from '../../../local/s3/s3.ts';
import { openSurroundings } from '../surroundings.ts';

const dayMs = 86_400_000;
/** Noon. */
const startMs = Date.UTC(2030, 0, 1, 12);

let nowMs: number;
let surroundings: ReturnType<typeof openSurroundings>;
let engine: Engine;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  nowMs = startMs;
  surroundings = openSurroundings(startMs);
});
afterEach(async () => {
  await engine.stop?.();
  vi.useRealTimers();
  surroundings.remove();
});

async function open(...Rules: Json[]): Promise<void> {
  engine = createS3({ ...surroundings.cloud, nowMs: () => nowMs });
  const properties = { BucketName: 'archive', LifecycleConfiguration: { Rules } };
  await engine.resources['AWS::S3::Bucket']!.create({
    ...{ stack: 's', logicalId: 'B', type: 'AWS::S3::Bucket', physicalName: 'b', properties },
  });
  await engine.start?.();
}

const run = (operation: string, input: Json) =>
  engine.operations[operation]!.run({ Bucket: 'archive', ...input }, owner);
const put = (Key: string) => run('PutObject', { Key, Body: Buffer.from('x') });
const keys = async () => {
  const { Contents } = (await run('ListObjectsV2', {})) as { Contents: { key: string }[] };
  return Contents.map(({ key }) => key);
};
const go = (toMs: number): void => {
  nowMs = toMs;
  vi.advanceTimersByTime(10 * 60_000);
};

it('ends an object at the midnight after its days, by the laptop’s clock', async () => {
  await open({ Status: 'Enabled', ExpirationInDays: 7, Transitions: [] }, { Status: 'Enabled', ExpirationInDays: 30 });
  await put('a/first');
  go(startMs + dayMs);
  await put('second');
  go(startMs + 7 * dayMs + dayMs / 2 - 1);
  expect(await keys()).toEqual(['a/first', 'second']);
  go(startMs + 7 * dayMs + dayMs / 2);
  expect(await keys()).toEqual(['second']);
});

it('ends at a start what expired while the laptop was off', async () => {
  await open({ Status: 'Enabled', ExpirationInDays: 7 });
  await put('first');
  await engine.stop?.();
  nowMs += 8 * dayMs;
  await open({ Status: 'Disabled', ExpirationInDays: 1 }, { Status: 'Enabled' });
  expect(await keys()).toEqual(['first']);
  await engine.stop?.();
  await open({ Status: 'Enabled', ExpirationInDays: 7 });
  expect(await keys()).toEqual([]);
});

it('says when an object was put, by the laptop’s clock', async () => {
  await open();
  await put('first');
  const { LastModified } = (await run('GetObject', { Key: 'first' })) as { LastModified: Date };
  expect(LastModified.getTime()).toBe(startMs);
});
