/**
 * A batch of a shard on its way into a function's worker: the records' bytes in one block that changes hands without a
 * copy, and a column for each of their other parts. The event that Lambda documents is made from it over there.
 */
import { formatSequenceNumber } from './sequence-number.ts';
import type { StreamRecord } from './shard-log.ts';

export interface BatchSource {
  readonly shardId: string;
  readonly streamArn: string;
  readonly roleArn: string;
  readonly region: string;
}

/** What an event source with a tumbling window says beside the records. */
export interface WindowOfBatch {
  readonly startMs: number;
  readonly endMs: number;
  readonly state: object;
  readonly isFinal: boolean;
}

export interface PackedRecords extends BatchSource {
  readonly kind: 'packed-kinesis-records';
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each record's bytes end. */
  readonly ends: Uint32Array;
  readonly indices: Float64Array;
  readonly arrivalsMs: Float64Array;
  readonly partitionKeys: readonly string[];
  readonly window: WindowOfBatch | null;
}

export function packRecords(
  records: readonly StreamRecord[],
  source: BatchSource,
  window: WindowOfBatch | null = null,
): PackedRecords {
  const ends = new Uint32Array(records.length);
  let end = 0;
  records.forEach(({ data }, i) => {
    end += data.byteLength;
    ends[i] = end;
  });
  const bytes = new Uint8Array(end);
  for (const [i, { data }] of records.entries()) bytes.set(data, ends[i]! - data.byteLength);
  return {
    kind: 'packed-kinesis-records',
    ...source,
    bytes,
    ends,
    indices: Float64Array.from(records, ({ index }) => index),
    arrivalsMs: Float64Array.from(records, ({ arrivalMs }) => arrivalMs),
    partitionKeys: records.map(({ partitionKey }) => partitionKey),
    window,
  };
}

export const isPackedRecords = (event: unknown): event is PackedRecords =>
  typeof event === 'object' && event !== null && (event as Partial<PackedRecords>).kind === 'packed-kinesis-records';

export function unpackRecords(packed: PackedRecords): { readonly Records: readonly object[] } {
  const { shardId, streamArn, roleArn, region, ends, indices, arrivalsMs, partitionKeys } = packed;
  const bytes = Buffer.from(packed.bytes.buffer);
  const Records = partitionKeys.map((partitionKey, i) => {
    const sequenceNumber = formatSequenceNumber(shardId, indices[i]!);
    return {
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey,
        sequenceNumber,
        data: bytes.toString('base64', i === 0 ? 0 : ends[i - 1], ends[i]),
        approximateArrivalTimestamp: arrivalsMs[i]! / 1000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shardId}:${sequenceNumber}`,
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: roleArn,
      awsRegion: region,
      eventSourceARN: streamArn,
    };
  });
  return packed.window === null ? { Records } : { Records, ...describeWindow(packed.window, packed) };
}

const describeWindow = ({ startMs, endMs, state, isFinal }: WindowOfBatch, { shardId, streamArn }: BatchSource) => ({
  window: { start: formatSecond(startMs), end: formatSecond(endMs) },
  state,
  shardId,
  eventSourceARN: streamArn,
  isFinalInvokeForWindow: isFinal,
  isWindowTerminatedEarly: false,
});

const formatSecond = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
