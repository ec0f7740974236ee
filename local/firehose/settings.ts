/** What a template says of a delivery stream. */
import type { Caller, Cloud, Json, ResourceRequest } from '../engine.ts';
import type { KinesisEngine } from '../kinesis/kinesis.ts';
import type { Stream } from '../kinesis/stream.ts';
import { createSorter, type SortingRules } from './sorter.ts';

export interface DeliverySettings {
  readonly name: string;
  readonly stream: Stream;
  readonly reader: Caller;
  readonly writer: Caller;
  readonly bucket: string;
  readonly rules: SortingRules;
  readonly intervalMs: number;
  readonly maxBytes: number;
}

/** Firehose's defaults (API reference, BufferingHints). */
const defaultIntervalS = 300;
const defaultSizeMb = 5;

const s3 = 'ExtendedS3DestinationConfiguration';
export const deliveryProperties = [
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

export function readDelivery(
  cloud: Cloud,
  kinesis: KinesisEngine,
  { properties, physicalName }: ResourceRequest,
): DeliverySettings {
  const source = properties.KinesisStreamSourceConfiguration as Json;
  const target = properties[s3] as Json;
  const hints = (target.BufferingHints ?? {}) as Json;
  return {
    name: String(properties.DeliveryStreamName ?? physicalName),
    stream: kinesis.findStream(String(source.KinesisStreamARN)),
    reader: cloud.iam.assume(String(source.RoleARN), 'firehose.amazonaws.com'),
    writer: cloud.iam.assume(String(target.RoleARN), 'firehose.amazonaws.com'),
    bucket: String(target.BucketARN).split(':::')[1]!,
    rules: readRules(target),
    intervalMs: Number(hints.IntervalInSeconds ?? defaultIntervalS) * 1000,
    maxBytes: Number(hints.SizeInMBs ?? defaultSizeMb) * 1024 * 1024,
  };
}

function readRules(target: Json): SortingRules {
  const format = String(target.CompressionFormat ?? 'UNCOMPRESSED');
  if (!['GZIP', 'UNCOMPRESSED'].includes(format)) {
    throw new Error(`CompressionFormat: got "${format}", modelled are GZIP and UNCOMPRESSED`);
  }
  const rules = {
    prefix: String(target.Prefix ?? ''),
    errorPrefix: String(target.ErrorOutputPrefix ?? ''),
    isGzip: format === 'GZIP',
    ...readProcessors(target),
  };
  createSorter(rules); // Refuses what it cannot follow.
  return rules;
}

function readProcessors(target: Json): Pick<SortingRules, 'query' | 'delimiter'> {
  const { Enabled, Processors } = (target.ProcessingConfiguration ?? {}) as Json;
  const processors = (Enabled === true ? (Processors ?? []) : []) as Json[];
  let delimiter = '';
  let query: string | null = null;
  for (const processor of processors) {
    const parameters = ((processor.Parameters ?? []) as Json[]).map(
      (p) => [p.ParameterName, p.ParameterValue] as const,
    );
    const readParameter = (name: string): string => String(parameters.find(([key]) => key === name)?.[1]);
    if (processor.Type === 'MetadataExtraction') query = readParameter('MetadataExtractionQuery');
    else if (processor.Type === 'AppendDelimiterToRecord')
      delimiter = readParameter('Delimiter').replaceAll('\\n', '\n');
    else
      throw new Error(
        `Processors: got "${String(processor.Type)}", modelled are MetadataExtraction and AppendDelimiterToRecord`,
      );
  }
  const { Enabled: isPartitioned } = (target.DynamicPartitioningConfiguration ?? {}) as Json;
  if (query !== null && !(isPartitioned === true && target.ErrorOutputPrefix))
    throw new Error('MetadataExtraction needs DynamicPartitioningConfiguration.Enabled true and an ErrorOutputPrefix');
  return { query, delimiter };
}
