import {
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKinesis } from '../../../local/kinesis/kinesis.ts';
import { openWire, type Wire } from '../wire.ts';

const StreamName = 'telemetry';
let wire: Wire;
let client: KinesisClient;

beforeAll(async () => {
  wire = await openWire((cloud) => createKinesis(cloud, { throttle: true }));
  await wire.create('AWS::Kinesis::Stream', { Name: StreamName, ShardCount: 4 });
  client = new KinesisClient(wire.clientConfig);
});
afterAll(async () => {
  client.destroy();
  await wire.stop();
});

const put = (PartitionKey: string, data: string) =>
  client.send(new PutRecordCommand({ StreamName, PartitionKey, Data: Buffer.from(data) }));

describe('Kinesis over the SDK', () => {
  it('spreads keys over shards by MD5 and keeps a key in order', async () => {
    const shards = new Set<string>();
    for (let i = 0; i < 40; i++) shards.add((await put(`machine-${i}`, String(i))).ShardId!);
    expect(shards.size).toBe(4);
    const answers = [await put('A', 'first'), await put('A', 'second')];
    expect(answers[0]!.ShardId).toBe(answers[1]!.ShardId);
    expect(BigInt(answers[1]!.SequenceNumber!)).toBeGreaterThan(BigInt(answers[0]!.SequenceNumber!));
    expect(answers[0]!.SequenceNumber).toHaveLength(56);
  });

  it('puts a key where the hash ranges that it tells say', async () => {
    const { Shards } = await client.send(new ListShardsCommand({ StreamName }));
    const { ShardId } = await put('user-1', 'x');
    // md5("user-1") begins with 0xd6, in the last quarter of 128 bits.
    expect(ShardId).toBe('shardId-000000000003');
    expect(Shards![1]!.HashKeyRange!.StartingHashKey).toBe(String(1n << 126n));
    expect(Shards!.at(-1)!.HashKeyRange!.EndingHashKey).toBe(String((1n << 128n) - 1n));
  });

  it('takes nothing of a request that it refuses', async () => {
    const { ShardId, SequenceNumber } = await put('C', 'before');
    const Records = [
      { PartitionKey: 'C', Data: Buffer.from('first') },
      { PartitionKey: 'C'.repeat(257), Data: Buffer.from('second') },
    ];
    await expect(client.send(new PutRecordsCommand({ StreamName, Records }))).rejects.toThrow('got 257 characters');
    await put('C', 'after');
    const place = { StreamName, ShardId, StartingSequenceNumber: SequenceNumber };
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ ...place, ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' }),
    );
    const read = await client.send(new GetRecordsCommand({ ShardIterator }));
    expect(read.Records!.map(({ Data }) => Buffer.from(Data!).toString())).toEqual(['after']);
  });

  it('reads from every kind of iterator', async () => {
    const { ShardId, SequenceNumber } = await put('B', 'one');
    await put('B', 'two');
    const read = async (
      ShardIteratorType: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER' | 'LATEST' | 'TRIM_HORIZON',
    ) => {
      const place = { StreamName, ShardId, ShardIteratorType, StartingSequenceNumber: SequenceNumber };
      const { ShardIterator } = await client.send(new GetShardIteratorCommand(place));
      const { Records } = await client.send(new GetRecordsCommand({ ShardIterator }));
      return Records!.map(({ Data }) => Buffer.from(Data!).toString());
    };
    expect(await read('AT_SEQUENCE_NUMBER')).toEqual(['one', 'two']);
    expect(await read('AFTER_SEQUENCE_NUMBER')).toEqual(['two']);
    expect(await read('LATEST')).toEqual([]);
    expect((await read('TRIM_HORIZON')).length).toBeGreaterThan(2);
  });

  it('refuses what a shard of AWS refuses: too large, too much a second, no such stream', async () => {
    const Records = Array.from({ length: 3 }, () => ({ PartitionKey: 'C', Data: Buffer.alloc(500_000) }));
    const answer = await client.send(new PutRecordsCommand({ StreamName, Records }));
    expect(answer.FailedRecordCount).toBe(1);
    expect(answer.Records![2]!.ErrorCode).toBe('ProvisionedThroughputExceededException');
    const large = put('D', 'x'.repeat(1_100_000));
    await expect(large).rejects.toThrow('record of 1100000 bytes');
    const elsewhere = client.send(new DescribeStreamSummaryCommand({ StreamName: 'elsewhere' }));
    await expect(elsewhere).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('refuses keys and places that AWS would not take, and what it would misunderstand', async () => {
    await expect(put('', 'x')).rejects.toThrow('PartitionKey: got 0 characters, allowed are 1 to 256');
    await expect(put('k'.repeat(257), 'x')).rejects.toThrow('PartitionKey: got 257 characters');
    const hashed = { StreamName, PartitionKey: 'a', ExplicitHashKey: '0', Data: Buffer.from('x') };
    await expect(client.send(new PutRecordCommand(hashed))).rejects.toThrow('ExplicitHashKey is not modelled');
    const place = { StreamName, ShardId: 'shardId-000000000000', ShardIteratorType: 'NEWEST' as 'LATEST' };
    await expect(client.send(new GetShardIteratorCommand(place))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});
