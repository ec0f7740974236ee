/** Putting: to which shard a record goes, whether the shard takes it, and who hears of it. */
import { hash } from 'node:crypto';
import type { Caller, Cloud, Json, PublishedRecord } from '../engine.ts';
import { ServiceError } from '../engine.ts';
import { remember } from '../remember.ts';
import { formatSequenceNumber } from './sequence-number.ts';
import type { Shard, Stream } from './stream.ts';

/** What comes from there is booked by the broker. */
const broker = 'iot.amazonaws.com';
const maxRecordBytes = 1024 * 1024;
const maxKeyLength = 256;
const maxRecordsPerPut = 500;
const shardRecordsPerS = 1000;
const shardBytesPerS = 1024 * 1024;

export interface Putting {
  putRecord(stream: Stream, record: Json, caller: Caller): Promise<Json>;
  putRecords(stream: Stream, input: Json, caller: Caller): Promise<Json>;
}

export function createPutting(cloud: Cloud, isThrottled: boolean): Putting {
  const admit = isThrottled ? createThrottle(cloud) : () => true;
  return {
    putRecord: async (stream, record, caller) => {
      const [result] = await put({ cloud, admit, stream, caller }, [record]);
      if ('ErrorCode' in result!) throw new ServiceError(result.ErrorCode, result.ErrorMessage);
      return result!;
    },
    putRecords: async (stream, input, caller) => {
      const records = input.Records as Json[];
      if (records.length > maxRecordsPerPut) {
        throw invalid(`Records: got ${records.length}, allowed are ${maxRecordsPerPut}`);
      }
      const results = await put({ cloud, admit, stream, caller }, records);
      return { FailedRecordCount: results.filter((r) => 'ErrorCode' in r).length, Records: results };
    },
  };
}

interface Put {
  readonly cloud: Cloud;
  readonly admit: (shard: Shard, bytes: number) => boolean;
  readonly stream: Stream;
  readonly caller: Caller;
}

type PutResult =
  | { readonly ShardId: string; readonly SequenceNumber: string }
  | { readonly ErrorCode: string; readonly ErrorMessage: string };

async function put({ cloud, admit, stream, caller }: Put, records: readonly Json[]): Promise<readonly PutResult[]> {
  const nowMs = cloud.nowMs();
  const written = new Set<Promise<void>>();
  const touched = new Set<Shard>();
  const taken: PublishedRecord[] = [];
  // All are read before the first is taken: a request that is refused has put nothing.
  const results = records.map(readRecord).map(({ key, data }): PutResult => {
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
}

function readRecord(record: Json): { readonly key: string; readonly data: Uint8Array } {
  const data = record.Data as Uint8Array;
  if (data.byteLength > maxRecordBytes)
    throw invalid(`record of ${data.byteLength} bytes, allowed are ${maxRecordBytes}`);
  return { key: readPartitionKey(record), data };
}

function readPartitionKey({ PartitionKey, ExplicitHashKey }: Json): string {
  if (ExplicitHashKey !== undefined) throw invalid('ExplicitHashKey is not modelled on the laptop');
  const key = String(PartitionKey ?? '');
  if (key.length >= 1 && key.length <= maxKeyLength) return key;
  throw invalid(`PartitionKey: got ${key.length} characters, allowed are 1 to ${maxKeyLength}`);
}

/** The hash key space of 128 bits is split evenly, so the first 32 bits decide: here as a share of the whole. */
const hashShareOf = remember((partitionKey) => {
  return Number.parseInt(hash('md5', partitionKey, 'hex').slice(0, 8), 16) / 2 ** 32;
}, 100_000);

const findShard = (partitionKey: string, shardCount: number): number =>
  Math.floor(hashShareOf(partitionKey) * shardCount);

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

const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message);
