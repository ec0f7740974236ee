import { randomUUID } from 'node:crypto';
import type { Cloud } from '../engine.ts';
import type { Positions } from '../event-source-mapping/positions.ts';
import { packBytes } from '../kinesis/packed-records.ts';
import type { StreamRecord } from '../kinesis/shard-log.ts';
import type { Shard } from '../kinesis/stream.ts';
import { startThread, type Thread } from '../thread.ts';
import type { DeliverySettings } from './settings.ts';
import type { Batch, SortedObject } from './sorter.ts';
import type { SortingFunctions } from './thread.ts';

const recordsPerBatch = 1000;
const bytesPerBatch = 8 * 1024 * 1024;

/** Takes what came since the last time from a stream to a bucket. */
export class Courier {
  private readonly cloud: Cloud;
  private readonly positions: Positions;
  private thread: Thread<SortingFunctions> | undefined;

  constructor(cloud: Cloud, positions: Positions) {
    this.cloud = cloud;
    this.positions = positions;
  }

  async deliver(delivery: DeliverySettings): Promise<void> {
    // A laptop that runs for a minute delivers nothing, and needs none.
    this.thread ??= startThread(new URL('./thread.ts', import.meta.url));
    await this.thread.call('begin', [delivery.name, delivery.rules]);
    for (const shard of delivery.stream.shards) await this.deliverShard(this.thread, delivery, shard);
  }

  async stop(): Promise<void> {
    await this.thread?.stop();
  }

  /** At most one buffer's worth at a time: what is behind by hours comes in many objects. */
  private async deliverShard(
    thread: Thread<SortingFunctions>,
    delivery: DeliverySettings,
    { shardId, log }: Shard,
  ): Promise<void> {
    const { name, maxBytes } = delivery;
    const end = log.nextIndex;
    let at = Math.max(this.positions.get(name, shardId) ?? 0, log.firstIndex);
    while (at < end) {
      for (let bytes = 0; at < end && bytes < maxBytes; ) {
        const records = log.read(at, recordsPerBatch, bytesPerBatch);
        const batch = packBatch(records);
        bytes += batch.bytes.byteLength;
        at = (records.at(-1)?.index ?? end) + 1;
        await thread.call('add', [name, batch], [batch.bytes.buffer]);
      }
      for (const object of await thread.call('take', [name])) await this.put(delivery, object);
      this.positions.set(name, shardId, at);
    }
  }

  private async put({ name, rules, bucket, writer }: DeliverySettings, { prefix, body }: SortedObject): Promise<void> {
    const moment = new Date(this.cloud.nowMs()).toISOString().slice(0, 19).replace(/[T:]/g, '-');
    const Key = `${prefix}${name}-1-${moment}-${randomUUID()}${rules.isGzip ? '.gz' : ''}`;
    await this.cloud.call('s3', 'PutObject', { Bucket: bucket, Key, Body: body }, writer);
  }
}

const packBatch = (records: readonly StreamRecord[]): Batch => ({
  ...packBytes(records),
  arrivalsMs: Float64Array.from(records, ({ arrivalMs }) => arrivalMs),
});
