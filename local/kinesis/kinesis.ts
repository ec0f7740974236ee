/** Kinesis Data Streams: shards by the MD5 of the partition key, sequence numbers, iterators, retention. */
import type { Access, Caller, Cloud, Engine, Json, Operation } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { listing } from '../listing.ts';
import { createPutting } from './put-records.ts';
import { describeStream, getRecords, getShardIterator, listShards, readStreamName } from './read-records.ts';
import { type Stream, streamModel } from './stream.ts';

export interface KinesisEngine extends Engine {
  findStream(nameOrArn: string): Stream;
  listStreams(): readonly Stream[];
}

export interface KinesisOptions {
  /** Refuse what a provisioned shard would: 1,000 records or 1 MiB a second. */
  readonly throttle?: boolean;
}

const retentionCheckMs = 60_000;

export function createKinesis(cloud: Cloud, options: KinesisOptions = {}): KinesisEngine {
  const streams = new Map<string, Stream>();
  let retention: NodeJS.Timeout | undefined;
  const findStream = (nameOrArn: string): Stream => {
    const stream = streams.get(nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1));
    if (stream === undefined) throw new ServiceError('ResourceNotFoundException', `stream ${nameOrArn} does not exist`);
    return stream;
  };
  return {
    name: 'kinesis',
    findStream,
    listStreams: () => [...streams.values()],
    resources: { 'AWS::Kinesis::Stream': streamModel(cloud, (stream) => streams.set(stream.name, stream)) },
    operations: { ...kinesisCalls(cloud, findStream, options), ListStreams: listStreams(streams) },
    start: async () => {
      retention = setInterval(() => dropOld(streams.values(), cloud.nowMs()), retentionCheckMs);
    },
    stop: async () => {
      clearInterval(retention);
      for (const stream of streams.values()) for (const { log } of stream.shards) log.close();
    },
  };
}

function dropOld(streams: Iterable<Stream>, nowMs: number): void {
  for (const { shards, retentionMs } of streams) for (const { log } of shards) log.dropOlderThan(nowMs - retentionMs);
}

const listStreams = (streams: ReadonlyMap<string, Stream>): Operation =>
  listing({
    action: 'kinesis:ListStreams',
    paging: { size: 'Limit', after: 'NextToken', more: 'HasMoreStreams' },
    members: ['ExclusiveStartStreamName'],
    into: 'StreamNames',
    find: ({ ExclusiveStartStreamName: start }) =>
      [...streams.keys()]
        .sort()
        .filter((name) => start === undefined || name > String(start))
        .map((name) => [name, name]),
  });

function kinesisCalls(cloud: Cloud, findStream: (name: string) => Stream, { throttle }: KinesisOptions) {
  const { putRecord, putRecords } = createPutting(cloud, throttle === true);
  type Run = (stream: Stream, input: Json, caller: Caller) => unknown;
  const on = (name: string, members: readonly string[], run: Run): Operation => ({
    members: ['StreamName', 'StreamARN', ...members],
    access: (input): Access[] => [
      { action: `kinesis:${name}`, resource: formatArn(cloud, 'kinesis', `stream/${readStreamName(input)}`) },
    ],
    run: (input, caller) => run(findStream(readStreamName(input)), input, caller),
  });
  return {
    PutRecord: on('PutRecord', ['PartitionKey', 'ExplicitHashKey', 'Data', 'SequenceNumberForOrdering'], putRecord),
    PutRecords: on('PutRecords', ['Records'], putRecords),
    GetShardIterator: on(
      'GetShardIterator',
      ['ShardId', 'ShardIteratorType', 'StartingSequenceNumber', 'Timestamp'],
      getShardIterator,
    ),
    GetRecords: on('GetRecords', ['ShardIterator', 'Limit'], (stream, input) =>
      getRecords(stream, input, cloud.nowMs()),
    ),
    DescribeStreamSummary: on('DescribeStreamSummary', [], (stream) => ({
      StreamDescriptionSummary: describeStream(stream),
    })),
    DescribeStream: on('DescribeStream', [], (stream) => ({
      StreamDescription: { ...describeStream(stream), Shards: listShards(stream), HasMoreShards: false },
    })),
    ListShards: on('ListShards', [], (stream) => ({ Shards: listShards(stream) })),
  };
}
