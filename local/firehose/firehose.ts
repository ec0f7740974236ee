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
import { remember } from '../remember.ts';
import { compileQuery, type PickKeys } from './jq.ts';

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

/** Where an object with records of this hour and these keys is put; null for a record without them. */
type PlaceOf = (hour: number, keys: Keys | null) => string;
type Keys = Readonly<Record<string, unknown>>;

export interface FirehoseEngine extends Engine {
  /** Delivers what waits, without regard to the buffering hints. */
  flush(): Promise<void>;
}

const compress = promisify(gzip);
const hourMs = 3_600_000;
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

  const flushDue = async (isDue: (delivery: DeliveryStream) => boolean): Promise<void> => {
    for (const delivery of deliveries.filter(isDue)) {
      try {
        await flushDelivery(cloud, delivery, positions);
      } catch (error) {
        cloud.tell('firehose', `${delivery.name}: ${(error as Error).message}; it is tried again`);
      }
    }
  };
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
    flush: async () => {
      await underWay;
      await flushDue(() => true);
    },
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
  return {
    name: String(properties.DeliveryStreamName ?? physicalName),
    stream,
    reader: cloud.iam.assume(String(source.RoleARN), 'firehose.amazonaws.com'),
    writer: cloud.iam.assume(String(target.RoleARN), 'firehose.amazonaws.com'),
    bucket: String(target.BucketARN).split(':::')[1]!,
    placeOf: createPlaces(String(target.Prefix ?? ''), String(target.ErrorOutputPrefix ?? '')),
    intervalMs: Number(hints.IntervalInSeconds ?? defaultIntervalS) * 1000,
    maxBytes: Number(hints.SizeInMBs ?? defaultSizeMb) * 1024 * 1024,
    isGzip: format === 'GZIP',
    ...readProcessors(target),
    flushedAtMs: cloud.nowMs(),
    flushedBytes: countBytes(stream),
  };
}

function readProcessors(target: Json): { delimiter: Uint8Array; pickKeys: PickKeys | null } {
  const processors = ((target.ProcessingConfiguration as Json | undefined)?.Processors ?? []) as Json[];
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
  return { delimiter: Buffer.from(delimiter), pickKeys };
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

function readKeys(record: StreamRecord, pickKeys: PickKeys): Keys | null {
  try {
    const { buffer, byteOffset, byteLength } = record.data;
    return pickKeys(JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString()));
  } catch {
    // What is no JSON goes under the error prefix.
    return null;
  }
}

/** Few and asked for with every record, so each is made once. */
function createPlaces(prefix: string, errorPrefix: string): PlaceOf {
  const failed = errorPrefix.replaceAll('!{firehose:error-output-type}', 'metadata-extraction-failed');
  const make = remember((text) => {
    const [hour, keys] = JSON.parse(text) as [number, Keys | null];
    const moment = new Date(hour * hourMs).toISOString();
    return keys === null ? fillPrefix(failed, moment, {}) : fillPrefix(prefix, moment, keys);
  });
  return (hour, keys) => make(JSON.stringify([hour, keys]));
}

function fillPrefix(prefix: string, moment: string, keys: Keys): string {
  return prefix
    .replace(/!\{partitionKeyFromQuery:(\w+)\}/g, (_all, name: string) => String(keys[name]))
    .replace(/!\{timestamp:([^}]+)\}/g, (_all, format: string) => formatTime(format, moment));
}

/** The letters of Java's patterns that a prefix needs. */
function formatTime(format: string, moment: string): string {
  const parts = {
    yyyy: moment.slice(0, 4),
    MM: moment.slice(5, 7),
    dd: moment.slice(8, 10),
    HH: moment.slice(11, 13),
  };
  return Object.entries(parts).reduce((text, [letters, value]) => text.replaceAll(letters, value), format);
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
