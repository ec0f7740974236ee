/** A stream and its shards, as a template describes them. */
import { join } from 'node:path';
import type { Cloud, Json, ResourceModel } from '../engine.ts';
import { formatArn } from '../engine.ts';
import { openShardLog, type ShardLog } from './shard-log.ts';

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

const managedKey = 'alias/aws/kinesis';
/** An on-demand stream begins with four shards. */
const onDemandShards = 4;

export const streamModel = (cloud: Cloud, add: (stream: Stream) => void): ResourceModel => ({
  properties: [
    'Name',
    'ShardCount',
    'RetentionPeriodHours',
    'StreamModeDetails.StreamMode',
    'StreamEncryption.EncryptionType',
    'StreamEncryption.KeyId',
    'Tags.*',
  ],
  create: ({ properties, physicalName }) => {
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
    add({ name, arn, retentionMs, shards, listeners: new Set() });
    return { ref: name, attributes: { Arn: arn } };
  },
});

const formatShardId = (index: number): string => `shardId-${String(index).padStart(12, '0')}`;

/** With a key of one's own every producer and consumer would need a grant on it, which is not asked for here. */
function refuseOwnKey(encryption: Json | undefined): void {
  if (encryption !== undefined && encryption.KeyId !== managedKey)
    throw new Error(`StreamEncryption.KeyId: got "${String(encryption.KeyId)}", modelled is ${managedKey}`);
}
