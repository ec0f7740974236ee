/** How long it takes from a sample's arrival on the stream to the event of the anomaly that it opened. */
import type { Json } from '../engine.ts';
import type { KinesisEngine } from '../kinesis/kinesis.ts';
import type { Stream } from '../kinesis/stream.ts';

const searchedRecords = 5000;
const readAtOnce = 500;

/** The moment a machine's sample of that timestamp came, if it is among the latest of its shard. */
export function findArrivalMs(streams: readonly Stream[], machineId: string, sampledAtMs: number): number | undefined {
  const timestamp = Buffer.from(new Date(sampledAtMs).toISOString());
  for (const { log } of streams.flatMap((stream) => stream.shards)) {
    const oldest = Math.max(log.firstIndex, log.nextIndex - searchedRecords);
    for (let end = log.nextIndex; end > oldest; end -= readAtOnce) {
      const start = Math.max(oldest, end - readAtOnce);
      const records = log.read(start, end - start, Number.POSITIVE_INFINITY);
      const found = records.findLast(
        (record) =>
          record.partitionKey === machineId &&
          Buffer.from(record.data.buffer, record.data.byteOffset, record.data.byteLength).includes(timestamp),
      );
      if (found !== undefined) return found.arrivalMs;
    }
  }
  return undefined;
}

/** Milliseconds from arrival to now for an event that opens an anomaly, else undefined. */
export function measureAlert(kinesis: KinesisEngine, event: Json, nowMs: number): number | undefined {
  const detail = event.detail as { machineId?: string; atMs?: number; transition?: { kind?: string } };
  if (event['detail-type'] !== 'anomaly' || detail.transition?.kind !== 'opened') return undefined;
  if (typeof detail.machineId !== 'string' || typeof detail.atMs !== 'number') return undefined;
  const arrivalMs = findArrivalMs(kinesis.listStreams(), detail.machineId, detail.atMs);
  return arrivalMs === undefined ? undefined : nowMs - arrivalMs;
}
