/** Reading: iterators into shards, records from there on, and what a stream says of itself. */
import type { Json } from '../engine.ts';
import { ServiceError } from '../engine.ts';
import { formatSequenceNumber, parseSequenceNumber } from './sequence-number.ts';
import type { ShardLog, StreamRecord } from './shard-log.ts';
import type { Shard, Stream } from './stream.ts';

const maxRecordsPerGet = 10_000;
const maxBytesPerGet = 10 * 1024 * 1024;

export function readStreamName(input: Json): string {
  if (typeof input.StreamName === 'string') return input.StreamName;
  if (typeof input.StreamARN === 'string') return input.StreamARN.slice(input.StreamARN.lastIndexOf('/') + 1);
  return parseIterator(input.ShardIterator).stream;
}

export const getShardIterator = (stream: Stream, input: Json): Json => ({
  ShardIterator: formatIterator(stream, findInShard(stream, input)),
});

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
      throw new ServiceError('ValidationException', `ShardIteratorType: got ${input.ShardIteratorType}`);
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

export function getRecords(stream: Stream, input: Json, nowMs: number): Json {
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

export const describeStream = (stream: Stream): Json => ({
  StreamName: stream.name,
  StreamARN: stream.arn,
  StreamStatus: 'ACTIVE',
  RetentionPeriodHours: stream.retentionMs / 3_600_000,
  OpenShardCount: stream.shards.length,
});

export const listShards = (stream: Stream): Json[] =>
  stream.shards.map(({ shardId }, i) => ({
    ShardId: shardId,
    HashKeyRange: hashKeyRange(i, stream.shards.length),
    SequenceNumberRange: { StartingSequenceNumber: formatSequenceNumber(shardId, 0) },
  }));

function hashKeyRange(index: number, count: number): Json {
  const edge = (i: number): bigint => (BigInt(i) * (1n << 128n)) / BigInt(count);
  return { StartingHashKey: String(edge(index)), EndingHashKey: String(edge(index + 1) - 1n) };
}
