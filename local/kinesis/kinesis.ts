/** Kinesis Data Streams: shards by the MD5 of the partition key, sequence numbers, iterators, retention. */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { Access, Caller, Cloud, Engine, Json, Operation, PublishedRecord, ResourceRequest } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { remember } from '../remember.ts';
import { formatSequenceNumber, parseSequenceNumber } from './sequence-number.ts';
import { openShardLog, type ShardLog, type StreamRecord } from './shard-log.ts';

export interface Shard {
  readonly shardId: string;
  readonly log: ShardLog;
}

export interface Stream {
  readonly name: string;
  readonly arn: string;
  readonly retentionMs: number;
  readonly shards: readonly Shard[];
  /** Called after every append, with the shard: how mappings wake without polling. */
  readonly listeners: Set<(shard: Shard) => void>;
}

export interface KinesisEngine extends Engine {
  findStream(nameOrArn: string): Stream;
  listStreams(): readonly Stream[];
}

export interface KinesisOptions {
  /** Refuse what a provisioned shard would: 1,000 records or 1 MiB a second. */
  readonly throttle?: boolean;
}

/** What comes from there is booked by the broker. */
const broker = 'iot.amazonaws.com';
const maxRecordBytes = 1024 * 1024;
const maxKeyLength = 256;
const managedKey = 'alias/aws/kinesis';
const maxRecordsPerPut = 500;
const maxRecordsPerGet = 10_000;
const maxBytesPerGet = 10 * 1024 * 1024;
const shardRecordsPerS = 1000;
const shardBytesPerS = 1024 * 1024;
const retentionCheckMs = 60_000;
/** An on-demand stream begins with four shards. */
const onDemandShards = 4;

export function createKinesis(cloud: Cloud, options: KinesisOptions = {}): KinesisEngine {
  const streams = new Map<string, Stream>();
  const admit = options.throttle === true ? createThrottle(cloud) : () => true;
  let retention: NodeJS.Timeout | undefined;

  const findStream = (nameOrArn: string): Stream => {
    const stream = streams.get(nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1));
    if (stream === undefined) throw new ServiceError('ResourceNotFoundException', `stream ${nameOrArn} does not exist`);
    return stream;
  };
  const target = (input: Json): Stream => findStream(readStreamName(input));
  const operation = (name: string, run: (stream: Stream, input: Json, caller: Caller) => unknown): Operation => ({
    access: (input): Access[] => [
      { action: `kinesis:${name}`, resource: formatArn(cloud, 'kinesis', `stream/${readStreamName(input)}`) },
    ],
    run: (input, caller) => run(target(input), input, caller),
  });

  const createStream = ({ properties, physicalName }: ResourceRequest) => {
    const name = String(properties.Name ?? physicalName);
    refuseOwnKey(properties.StreamEncryption as Json | undefined);
    const onDemand = (properties.StreamModeDetails as Json | undefined)?.StreamMode === 'ON_DEMAND';
    const shardCount = onDemand ? onDemandShards : Number(properties.ShardCount ?? 1);
    const shards = Array.from({ length: shardCount }, (_, i) => {
      const shardId = formatShardId(i);
      return { shardId, log: openShardLog(join(cloud.dataFolder, 'kinesis', name, shardId)) };
    });
    const arn = formatArn(cloud, 'kinesis', `stream/${name}`);
    const retentionMs = Number(properties.RetentionPeriodHours ?? 24) * 3_600_000;
    streams.set(name, { name, arn, retentionMs, shards, listeners: new Set() });
    return { ref: name, attributes: { Arn: arn } };
  };

  const put = async (stream: Stream, records: readonly Json[], caller: Caller): Promise<readonly PutResult[]> => {
    const nowMs = cloud.nowMs();
    const written = new Set<Promise<void>>();
    const touched = new Set<Shard>();
    const taken: PublishedRecord[] = [];
    const results = records.map((record): PutResult => {
      const key = readPartitionKey(record);
      const data = record.Data as Uint8Array;
      if (data.byteLength > maxRecordBytes) {
        throw invalid(`record of ${data.byteLength} bytes, allowed are ${maxRecordBytes}`);
      }
      const shard = stream.shards[findShard(key, stream.shards.length)]!;
      if (!admit(shard, data.byteLength)) {
        cloud.putMetric('AWS/Kinesis', 'WriteProvisionedThroughputExceeded', { StreamName: stream.name }, 1);
        return throttled(stream, shard);
      }
      const appended = shard.log.append(key, data, nowMs);
      written.add(appended.written);
      touched.add(shard);
      taken.push({ partitionKey: key, data });
      return { ShardId: shard.shardId, SequenceNumber: formatSequenceNumber(shard.shardId, appended.index) };
    });
    await Promise.all(written);
    if (!(caller.kind === 'role' && caller.service === broker)) cloud.ledger.putBack(taken);
    // Only now: a consumer must not get past what a kill could still take back.
    for (const shard of touched) for (const listener of stream.listeners) listener(shard);
    return results;
  };

  return {
    name: 'kinesis',
    findStream,
    listStreams: () => [...streams.values()],
    resources: {
      'AWS::Kinesis::Stream': {
        properties: [
          'Name',
          'ShardCount',
          'RetentionPeriodHours',
          'StreamModeDetails.StreamMode',
          'StreamEncryption.EncryptionType',
          'StreamEncryption.KeyId',
          'Tags.*',
        ],
        create: createStream,
      },
    },
    operations: {
      PutRecord: operation('PutRecord', async (stream, input, caller) => {
        const [result] = await put(stream, [input], caller);
        if ('ErrorCode' in result!) throw new ServiceError(result.ErrorCode, result.ErrorMessage);
        return result;
      }),
      PutRecords: operation('PutRecords', async (stream, input, caller) => {
        const records = input.Records as Json[];
        if (records.length > maxRecordsPerPut) {
          throw invalid(`Records: got ${records.length}, allowed are ${maxRecordsPerPut}`);
        }
        const results = await put(stream, records, caller);
        return { FailedRecordCount: results.filter((r) => 'ErrorCode' in r).length, Records: results };
      }),
      GetShardIterator: operation('GetShardIterator', (stream, input) => ({
        ShardIterator: formatIterator(stream, findInShard(stream, input)),
      })),
      GetRecords: operation('GetRecords', (stream, input) => getRecords(stream, input, cloud.nowMs())),
      DescribeStreamSummary: operation('DescribeStreamSummary', (stream) => ({
        StreamDescriptionSummary: describe(stream),
      })),
      DescribeStream: operation('DescribeStream', (stream) => ({
        StreamDescription: { ...describe(stream), Shards: listShards(stream), HasMoreShards: false },
      })),
      ListShards: operation('ListShards', (stream) => ({ Shards: listShards(stream) })),
    },
    start: async () => {
      retention = setInterval(() => {
        for (const stream of streams.values())
          for (const { log } of stream.shards) log.dropOlderThan(cloud.nowMs() - stream.retentionMs);
      }, retentionCheckMs);
    },
    stop: async () => {
      clearInterval(retention);
      for (const stream of streams.values()) for (const { log } of stream.shards) log.close();
    },
  };
}

type PutResult =
  | { readonly ShardId: string; readonly SequenceNumber: string }
  | { readonly ErrorCode: string; readonly ErrorMessage: string };

function readStreamName(input: Json): string {
  if (typeof input.StreamName === 'string') return input.StreamName;
  if (typeof input.StreamARN === 'string') return input.StreamARN.slice(input.StreamARN.lastIndexOf('/') + 1);
  return parseIterator(input.ShardIterator).stream;
}

function readPartitionKey({ PartitionKey, ExplicitHashKey }: Json): string {
  if (ExplicitHashKey !== undefined) throw invalid('ExplicitHashKey is not modelled on the laptop');
  const key = String(PartitionKey ?? '');
  if (key.length >= 1 && key.length <= maxKeyLength) return key;
  throw invalid(`PartitionKey: got ${key.length} characters, allowed are 1 to ${maxKeyLength}`);
}

const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message);

/** The hash key space of 128 bits is split evenly, so the first 32 bits decide: here as a share of the whole. */
const hashShareOf = remember((partitionKey) => {
  return Number.parseInt(hash('md5', partitionKey, 'hex').slice(0, 8), 16) / 2 ** 32;
}, 100_000);

const findShard = (partitionKey: string, shardCount: number): number =>
  Math.floor(hashShareOf(partitionKey) * shardCount);

const formatShardId = (index: number): string => `shardId-${String(index).padStart(12, '0')}`;

function findInShard(stream: Stream, input: Json): { shard: Shard; index: number } {
  const shard = stream.shards.find((candidate) => candidate.shardId === input.ShardId);
  if (shard === undefined) {
    throw new ServiceError('ResourceNotFoundException', `stream ${stream.name} has no shard ${input.ShardId}`);
  }
  return { shard, index: findIndex(shard.log, input) };
}

function findIndex(log: ShardLog, input: Json): number {
  const sequenceNumber = String(input.StartingSequenceNumber ?? '');
  if (String(input.ShardIteratorType).endsWith('_SEQUENCE_NUMBER') && !/^\d{56}$/.test(sequenceNumber))
    throw new ServiceError('InvalidArgumentException', `StartingSequenceNumber: got "${sequenceNumber}"`);
  switch (input.ShardIteratorType) {
    case 'TRIM_HORIZON':
      return log.firstIndex;
    case 'LATEST':
      return log.nextIndex;
    case 'AT_SEQUENCE_NUMBER':
      return parseSequenceNumber(sequenceNumber);
    case 'AFTER_SEQUENCE_NUMBER':
      return parseSequenceNumber(sequenceNumber) + 1;
    case 'AT_TIMESTAMP':
      return log.findIndexAt(Number(input.Timestamp) * 1000);
    default:
      throw invalid(`ShardIteratorType: got ${input.ShardIteratorType}`);
  }
}

const formatIterator = (stream: Stream, at: { shard: Shard; index: number }): string =>
  Buffer.from(`${stream.name} ${at.shard.shardId} ${at.index}`).toString('base64');

function parseIterator(iterator: unknown): { stream: string; shardId: string; index: number } {
  const [stream, shardId, index] = Buffer.from(String(iterator), 'base64').toString().split(' ');
  if (stream === undefined || shardId === undefined || index === undefined) {
    throw new ServiceError('InvalidArgumentException', `ShardIterator: got ${String(iterator)}`);
  }
  return { stream, shardId, index: Number(index) };
}

function getRecords(stream: Stream, input: Json, nowMs: number): Json {
  const { shardId, index } = parseIterator(input.ShardIterator);
  const shard = stream.shards.find((candidate) => candidate.shardId === shardId)!;
  const records = shard.log.read(index, Number(input.Limit ?? maxRecordsPerGet), maxBytesPerGet);
  const next = (records.at(-1)?.index ?? Math.max(index, shard.log.firstIndex) - 1) + 1;
  const oldestUnread = next < shard.log.nextIndex ? shard.log.read(next, 1, 1)[0]?.arrivalMs : undefined;
  return {
    Records: records.map((record) => formatRecord(shardId, record)),
    NextShardIterator: formatIterator(stream, { shard, index: next }),
    MillisBehindLatest: oldestUnread === undefined ? 0 : Math.max(0, nowMs - oldestUnread),
  };
}

const formatRecord = (shardId: string, record: StreamRecord): Json => ({
  SequenceNumber: formatSequenceNumber(shardId, record.index),
  ApproximateArrivalTimestamp: record.arrivalMs / 1000,
  PartitionKey: record.partitionKey,
  Data: record.data,
});

const describe = (stream: Stream): Json => ({
  StreamName: stream.name,
  StreamARN: stream.arn,
  StreamStatus: 'ACTIVE',
  RetentionPeriodHours: stream.retentionMs / 3_600_000,
  OpenShardCount: stream.shards.length,
});

const listShards = (stream: Stream): Json[] =>
  stream.shards.map(({ shardId }, i) => ({
    ShardId: shardId,
    HashKeyRange: hashKeyRange(i, stream.shards.length),
    SequenceNumberRange: { StartingSequenceNumber: formatSequenceNumber(shardId, 0) },
  }));

function hashKeyRange(index: number, count: number): Json {
  const edge = (i: number): bigint => (BigInt(i) * (1n << 128n)) / BigInt(count);
  return { StartingHashKey: String(edge(index)), EndingHashKey: String(edge(index + 1) - 1n) };
}

const throttled = (stream: Stream, shard: Shard): PutResult => ({
  ErrorCode: 'ProvisionedThroughputExceededException',
  ErrorMessage: `Rate exceeded for shard ${shard.shardId} in stream ${stream.name}`,
});

function createThrottle(cloud: Cloud): (shard: Shard, bytes: number) => boolean {
  const used = new Map<Shard, { second: number; records: number; bytes: number }>();
  return (shard, bytes) => {
    const second = Math.floor(cloud.nowMs() / 1000);
    let use = used.get(shard);
    if (use?.second !== second) use = { second, records: 0, bytes: 0 };
    used.set(shard, use);
    if (use.records + 1 > shardRecordsPerS || use.bytes + bytes > shardBytesPerS) return false;
    use.records += 1;
    use.bytes += bytes;
    return true;
  };
}

/** With a key of one's own every producer and consumer would need a grant on it, which is not asked for here. */
function refuseOwnKey(encryption: Json | undefined): void {
  if (encryption !== undefined && encryption.KeyId !== managedKey)
    throw new Error(`StreamEncryption.KeyId: got "${String(encryption.KeyId)}", modelled is ${managedKey}`);
}
