/**
 * Firehose from a Kinesis stream to S3: buffering, partition keys from the record, compression. Nothing is held in memory
 * meanwhile: a flush reads the stream again from the last one, so a killed process delivers after its restart, at least
 * once.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Caller, Cloud, Engine, Json, ResourceRequest } from '../engine.ts';
import { formatArn } from '../engine.ts';
import { openPositions, type Positions } from '../event-source-mapping/positions.ts';
import type { KinesisEngine } from '../kinesis/kinesis.ts';
import type { StreamRecord } from '../kinesis/shard-log.ts';
import type { Shard, Stream } from '../kinesis/stream.ts';
import { createTurns } from '../turns.ts';
import { compileQuery, type PickKeys } from './jq.ts';
import { createPlaces, hourMs, type Keys, type PlaceOf } from './prefix.ts';

interface DeliveryStream {
  readonly name: string;
  readonly stream: Stream;
  readonly reader: Caller;
  readonly writer: Caller;
  readonly bucket: string;
  readonly placeOf: PlaceOf;
  readonly intervalMs: number;
  readonly maxBytes: number;
  readonly isGzip: boolean;
  readonly delimiter: Uint8Array;
  readonly pickKeys: PickKeys | null;
  flushedAtMs: number;
  flushedBytes: number;
}

export interface FirehoseEngine extends Engine {
  /** Delivers what waits, without regard to the buffering hints. */
  flush(): Promise<void>;
}

const compress = promisify(gzip);
/** The fastest: a laptop has more disk than processor. */
const gzipLevel = 1;
const checkEveryMs = 5000;
const recordsPerTurn = 500;
const bytesPerRead = 8 * 1024 * 1024;
/** Firehose's defaults (API reference, BufferingHints). */
const defaultIntervalS = 300;
const defaultSizeMb = 5;

export function createFirehose(cloud: Cloud, kinesis: KinesisEngine): FirehoseEngine {
  const positions = openPositions(join(cloud.dataFolder, 'firehose-positions'));
  const deliveries: DeliveryStream[] = [];
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();
  // Two at once would read from one position, and deliver twice.
  const inTurn = createTurns(1);

  const flushDue = (isDue: (delivery: DeliveryStream) => boolean): Promise<void> =>
    inTurn(async () => {
      for (const delivery of deliveries.filter(isDue)) {
        try {
          await flushDelivery(cloud, delivery, positions);
        } catch (error) {
          cloud.tell('firehose', `${delivery.name}: ${(error as Error).message}; it is tried again`);
        }
      }
    });
  const putFreshness = (delivery: DeliveryStream): void => {
    const ageS = (cloud.nowMs() - delivery.flushedAtMs) / 1000;
    const dimensions = { DeliveryStreamName: delivery.name };
    cloud.putMetric('AWS/Firehose', 'DeliveryToS3.DataFreshness', dimensions, ageS);
  };
  const isDue = (delivery: DeliveryStream): boolean =>
    cloud.nowMs() - delivery.flushedAtMs >= delivery.intervalMs ||
    countBytes(delivery.stream) - delivery.flushedBytes >= delivery.maxBytes;
  const checkAgain = (): void => {
    timer = setTimeout(() => {
      deliveries.forEach(putFreshness);
      underWay = flushDue(isDue).then(checkAgain);
    }, checkEveryMs);
  };

  return {
    name: 'firehose',
    operations: {},
    flush: () => flushDue(() => true),
    resources: {
      'AWS::KinesisFirehose::DeliveryStream': {
        properties: deliveryProperties,
        create: (request) => {
          const delivery = readDelivery(cloud, kinesis, request);
          deliveries.push(delivery);
          return {
            ref: delivery.name,
            attributes: { Arn: formatArn(cloud, 'firehose', `deliverystream/${delivery.name}`) },
          };
        },
      },
    },
    start: async () => {
      for (const { stream, reader } of deliveries) {
        for (const action of ['DescribeStream', 'GetShardIterator', 'GetRecords', 'ListShards']) {
          cloud.authorize(reader, { action: `kinesis:${action}`, resource: stream.arn });
        }
      }
      checkAgain();
    },
    stop: async () => {
      clearTimeout(timer);
      await underWay;
      clearTimeout(timer);
      await flushDue(() => false);
      positions.close();
    },
  };
}

const s3 = 'ExtendedS3DestinationConfiguration';
const deliveryProperties = [
  'DeliveryStreamName',
  'DeliveryStreamType',
  'KinesisStreamSourceConfiguration.KinesisStreamARN',
  'KinesisStreamSourceConfiguration.RoleARN',
  `${s3}.BucketARN`,
  `${s3}.RoleARN`,
  `${s3}.Prefix`,
  `${s3}.ErrorOutputPrefix`,
  `${s3}.BufferingHints.IntervalInSeconds`,
  `${s3}.BufferingHints.SizeInMBs`,
  `${s3}.CompressionFormat`,
  `${s3}.CloudWatchLoggingOptions.*`,
  `${s3}.DynamicPartitioningConfiguration.Enabled`,
  `${s3}.EncryptionConfiguration.NoEncryptionConfig`,
  `${s3}.ProcessingConfiguration.Enabled`,
  `${s3}.ProcessingConfiguration.Processors.Type`,
  `${s3}.ProcessingConfiguration.Processors.Parameters.ParameterName`,
  `${s3}.ProcessingConfiguration.Processors.Parameters.ParameterValue`,
  'Tags.*',
];

function readDelivery(
  cloud: Cloud,
  kinesis: KinesisEngine,
  { properties, physicalName }: ResourceRequest,
): DeliveryStream {
  const source = properties.KinesisStreamSourceConfiguration as Json;
  const target = properties[s3] as Json;
  const hints = (target.BufferingHints ?? {}) as Json;
  const format = String(target.CompressionFormat ?? 'UNCOMPRESSED');
  if (!['GZIP', 'UNCOMPRESSED'].includes(format)) {
    throw new Error(`CompressionFormat: got "${format}", modelled are GZIP and UNCOMPRESSED`);
  }
  const stream = kinesis.findStream(String(source.KinesisStreamARN));
  const { delimiter, pickKeys } = readProcessors(target);
  return {
    name: String(properties.DeliveryStreamName ?? physicalName),
    stream,
    reader: cloud.iam.assume(String(source.RoleARN), 'firehose.amazonaws.com'),
    writer: cloud.iam.assume(String(target.RoleARN), 'firehose.amazonaws.com'),
    bucket: String(target.BucketARN).split(':::')[1]!,
    placeOf: createPlaces({
      prefix: String(target.Prefix ?? ''),
      errorPrefix: String(target.ErrorOutputPrefix ?? ''),
      keyNames: Object.keys(pickKeys?.({}) ?? {}),
    }),
    intervalMs: Number(hints.IntervalInSeconds ?? defaultIntervalS) * 1000,
    maxBytes: Number(hints.SizeInMBs ?? defaultSizeMb) * 1024 * 1024,
    isGzip: format === 'GZIP',
    delimiter: Buffer.from(delimiter),
    pickKeys,
    flushedAtMs: cloud.nowMs(),
    flushedBytes: countBytes(stream),
  };
}

function readProcessors(target: Json): { delimiter: string; pickKeys: PickKeys | null } {
  const { Enabled, Processors } = (target.ProcessingConfiguration ?? {}) as Json;
  const processors = (Enabled === true ? (Processors ?? []) : []) as Json[];
  let delimiter = '';
  let pickKeys: PickKeys | null = null;
  for (const processor of processors) {
    const parameters = ((processor.Parameters ?? []) as Json[]).map(
      (p) => [p.ParameterName, p.ParameterValue] as const,
    );
    const readParameter = (name: string): string => String(parameters.find(([key]) => key === name)?.[1]);
    if (processor.Type === 'MetadataExtraction') pickKeys = compileQuery(readParameter('MetadataExtractionQuery'));
    else if (processor.Type === 'AppendDelimiterToRecord')
      delimiter = readParameter('Delimiter').replaceAll('\\n', '\n');
    else
      throw new Error(
        `Processors: got "${String(processor.Type)}", modelled are MetadataExtraction and AppendDelimiterToRecord`,
      );
  }
  const { Enabled: isPartitioned } = (target.DynamicPartitioningConfiguration ?? {}) as Json;
  if (pickKeys !== null && !(isPartitioned === true && target.ErrorOutputPrefix))
    throw new Error('MetadataExtraction needs DynamicPartitioningConfiguration.Enabled true and an ErrorOutputPrefix');
  return { delimiter, pickKeys };
}

const countBytes = (stream: Stream): number => stream.shards.reduce((sum, shard) => sum + shard.log.appendedBytes, 0);

async function flushDelivery(cloud: Cloud, delivery: DeliveryStream, positions: Positions): Promise<void> {
  const bytes = countBytes(delivery.stream);
  for (const shard of delivery.stream.shards) await flushShard(cloud, delivery, positions, shard);
  delivery.flushedAtMs = cloud.nowMs();
  delivery.flushedBytes = bytes;
}

/** At most one buffer's worth at a time: what is behind by hours comes in many objects. */
async function flushShard(cloud: Cloud, delivery: DeliveryStream, positions: Positions, shard: Shard): Promise<void> {
  const end = shard.log.nextIndex;
  let at = Math.max(positions.get(delivery.name, shard.shardId) ?? 0, shard.log.firstIndex);
  while (at < end) {
    const parts = new Map<string, Uint8Array[]>();
    let bytes = 0;
    while (at < end && bytes < delivery.maxBytes) {
      const records = shard.log.read(at, recordsPerTurn, bytesPerRead);
      for (const record of records) bytes += sortIn(parts, record, delivery);
      at = (records.at(-1)?.index ?? end) + 1;
      await nextTurn();
    }
    for (const [prefix, chunks] of parts) await putObject(cloud, delivery, prefix, chunks);
    positions.set(delivery.name, shard.shardId, at);
  }
}

function sortIn(parts: Map<string, Uint8Array[]>, record: StreamRecord, delivery: DeliveryStream): number {
  const keys = delivery.pickKeys === null ? {} : readKeys(record, delivery.pickKeys);
  const prefix = delivery.placeOf(Math.floor(record.arrivalMs / hourMs), keys);
  const chunks = parts.get(prefix) ?? [];
  parts.set(prefix, chunks);
  chunks.push(record.data);
  if (delivery.delimiter.byteLength > 0) chunks.push(delivery.delimiter);
  return record.data.byteLength + delivery.delimiter.byteLength;
}

const isKey = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

/** Null for a record that lacks one: Firehose sets it aside when "it fails to extract the specified partitioning keys". */
function readKeys(record: StreamRecord, pickKeys: PickKeys): Keys | null {
  try {
    const { buffer, byteOffset, byteLength } = record.data;
    const keys = pickKeys(JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString()));
    return Object.values(keys).every(isKey) ? keys : null;
  } catch {
    // What is no JSON goes under the error prefix.
    return null;
  }
}

async function putObject(
  cloud: Cloud,
  delivery: DeliveryStream,
  prefix: string,
  chunks: readonly Uint8Array[],
): Promise<void> {
  const body = Buffer.concat(chunks);
  const moment = new Date(cloud.nowMs()).toISOString().slice(0, 19).replace(/[T:]/g, '-');
  const input = {
    Bucket: delivery.bucket,
    Key: `${prefix}${delivery.name}-1-${moment}-${randomUUID()}${delivery.isGzip ? '.gz' : ''}`,
    Body: delivery.isGzip ? await compress(body, { level: gzipLevel }) : body,
  };
  await cloud.call('s3', 'PutObject', input, delivery.writer);
}
