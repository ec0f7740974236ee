import { afterEach, describe, expect, it } from 'vitest';
import { owner } from '../../../local/engine.ts';
import type { Positions } from '../../../local/event-source-mapping/positions.ts';
import { StreamMapping } from '../../../local/event-source-mapping/stream-mapping.ts';
import { createKinesis } from '../../../local/kinesis/kinesis.ts';
import type { PackedRecords } from '../../../local/kinesis/packed-records.ts';
import type { StreamRecord } from '../../../local/kinesis/shard-log.ts';
import type { LambdaFunction } from '../../../local/lambda/function.ts';
import { until } from '../../until.ts';
import { openSurroundings } from '../surroundings.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

describe('a mapping from a stream', () => {
  it('brings a batch again whose end could not be kept, and tells it as consumed once', async () => {
    const surroundings = openSurroundings(Date.now());
    const kinesis = createKinesis(surroundings.cloud);
    const request = { stack: 'S', logicalId: 'T', type: 'AWS::Kinesis::Stream', physicalName: 'telemetry' };
    kinesis.resources['AWS::Kinesis::Stream']!.create({ ...request, properties: { ShardCount: 1 } });
    const kept: number[] = [];
    const positions: Positions = {
      get: () => kept.at(-1),
      set: (_mapping, _shard, index) => {
        // At 0 it starts; the first batch's end meets a full disk.
        if (index > 0 && invoked.length === 1) throw new Error('database or disk is full');
        kept.push(index);
      },
      close: () => undefined,
    };
    const invoked: number[] = [];
    const consumed: StreamRecord[] = [];
    const invoke = async (packed: PackedRecords) => {
      invoked.push(packed.partitionKeys.length);
      return { ok: true, payload: '{"batchItemFailures":[]}' };
    };
    const mapping = new StreamMapping({
      cloud: surroundings.cloud,
      stream: kinesis.findStream('telemetry'),
      target: { settings: { name: 'f', arn: 'arn:f', roleArn: 'arn:r' }, invoke } as unknown as LambdaFunction,
      caller: owner,
      positions,
      settings: {
        ...{ id: 'M', batchSize: 10, windowMs: 0, tumblingWindowMs: 0, parallelization: 1 },
        ...{ startingPosition: 'TRIM_HORIZON', destination: null, accepts: null },
        ...{ bisects: false, maxRetries: 2, maxRecordAgeMs: Number.POSITIVE_INFINITY, reportsItemFailures: true },
      },
      onConsumed: (records) => consumed.push(...records),
      onGivenUp: () => undefined,
    });
    ends.push(
      () => mapping.stop(),
      () => kinesis.stop?.(),
      surroundings.remove,
    );
    const Records = ['a', 'b'].map((text) => ({ PartitionKey: 'M', Data: Buffer.from(text) }));
    await kinesis.operations.PutRecords!.run({ StreamName: 'telemetry', Records }, owner);
    mapping.start();
    await until(() => expect(mapping.countWaiting()).toBe(0));
    expect(invoked).toEqual([2, 2]);
    expect(consumed.map(({ data }) => Buffer.from(data).toString())).toEqual(['a', 'b']);
    expect(kept).toEqual([0, 2]);
  });
});
