import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Cloud } from '../engine.ts';
import type { Positions } from '../event-source-mapping/positions.ts';
import type { Shard } from '../kinesis/stream.ts';
import type { DeliverySettings } from './settings.ts';
import { createSorter, type SortRecord } from './sorter.ts';

const compress = promisify(gzip);
/** The fastest: a laptop has more disk than processor. */
const gzipLevel = 1;
const recordsPerTurn = 500;
const bytesPerRead = 8 * 1024 * 1024;

/** Takes what came since the last time from a stream to a bucket. */
export class Courier {
  private readonly cloud: Cloud;
  private readonly positions: Positions;

  constructor(cloud: Cloud, positions: Positions) {
    this.cloud = cloud;
    this.positions = positions;
  }

  async deliver(delivery: DeliverySettings): Promise<void> {
    const sort = createSorter(delivery.rules);
    for (const shard of delivery.stream.shards) await this.deliverShard(delivery, shard, sort);
  }

  /** At most one buffer's worth at a time: what is behind by hours comes in many objects. */
  private async deliverShard(delivery: DeliverySettings, { shardId, log }: Shard, sort: SortRecord): Promise<void> {
    const { name, maxBytes } = delivery;
    const end = log.nextIndex;
    let at = Math.max(this.positions.get(name, shardId) ?? 0, log.firstIndex);
    while (at < end) {
      const parts = new Map<string, Uint8Array[]>();
      for (let bytes = 0; at < end && bytes < maxBytes; ) {
        const records = log.read(at, recordsPerTurn, bytesPerRead);
        for (const record of records) bytes += sort(record, parts);
        at = (records.at(-1)?.index ?? end) + 1;
        await nextTurn();
      }
      for (const [prefix, chunks] of parts) await this.put(delivery, prefix, Buffer.concat(chunks));
      this.positions.set(name, shardId, at);
    }
  }

  private async put({ name, rules, bucket, writer }: DeliverySettings, prefix: string, body: Buffer): Promise<void> {
    const moment = new Date(this.cloud.nowMs()).toISOString().slice(0, 19).replace(/[T:]/g, '-');
    const input = {
      Bucket: bucket,
      Key: `${prefix}${name}-1-${moment}-${randomUUID()}${rules.isGzip ? '.gz' : ''}`,
      Body: rules.isGzip ? await compress(body, { level: gzipLevel }) : body,
    };
    await this.cloud.call('s3', 'PutObject', input, writer);
  }
}
