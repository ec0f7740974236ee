import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, owner } from '../../../local/engine.ts';
import { createFirehose, type FirehoseEngine } from '../../../local/firehose/firehose.ts';
import { compileQuery } from '../../../local/firehose/jq.ts';
import { createKinesis, type KinesisEngine } from '../../../local/kinesis/kinesis.ts';
import type { StoredObject } from '../../../local/s3/buckets.ts';
import { createS3 } from '../../../local/s3/s3.ts';
import { openWire, type Wire } from '../wire.ts';

const roleArn = 'arn:aws:iam::000000000000:role/firehose';
let wire: Wire;
let firehose: FirehoseEngine;

beforeAll(async () => {
  let kinesis: KinesisEngine;
  wire = await openWire(
    (cloud) => {
      kinesis = createKinesis(cloud);
      return kinesis;
    },
    (cloud) => createS3(cloud),
    (cloud) => {
      firehose = createFirehose(cloud, kinesis);
      return firehose;
    },
  );
  for (const Name of ['telemetry', 'repairs']) await wire.create('AWS::Kinesis::Stream', { Name, ShardCount: 2 });
  await wire.create('AWS::S3::Bucket', { BucketName: 'archive' });
  const AssumeRolePolicyDocument = {
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'firehose.amazonaws.com' } }],
  };
  const PolicyDocument = { Statement: [{ Effect: 'Allow', Action: ['kinesis:*', 's3:PutObject'], Resource: '*' }] };
  await wire.create('AWS::IAM::Role', {
    RoleName: 'firehose',
    AssumeRolePolicyDocument,
    Policies: [{ PolicyName: 'p', PolicyDocument }],
  });
  await createDelivery('telemetry', {
    Prefix:
      'channel=!{partitionKeyFromQuery:channel}/machine_type=!{partitionKeyFromQuery:machine_type}/day=!{timestamp:yyyy-MM-dd}/',
    query:
      '{channel: (.channel // "telemetry"), machine_type: (.machine_type // .samples[0].machine_type // "unknown")}',
  });
  await createDelivery('repairs', { Prefix: 'part=!{partitionKeyFromQuery:part}/', query: '{part: .part}' });
});
afterAll(() => wire.stop());

const createDelivery = (stream: string, { query, ...settings }: Json & { readonly query: string }) =>
  wire.create('AWS::KinesisFirehose::DeliveryStream', {
    DeliveryStreamName: stream,
    KinesisStreamSourceConfiguration: {
      KinesisStreamARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`,
      RoleARN: roleArn,
    },
    ExtendedS3DestinationConfiguration: {
      BucketARN: 'arn:aws:s3:::archive',
      RoleARN: roleArn,
      CompressionFormat: 'GZIP',
      DynamicPartitioningConfiguration: { Enabled: true },
      ErrorOutputPrefix: `unreadable/${stream}/!{firehose:error-output-type}/`,
      ProcessingConfiguration: {
        Enabled: true,
        Processors: [
          {
            Type: 'MetadataExtraction',
            Parameters: [
              { ParameterName: 'MetadataExtractionQuery', ParameterValue: query },
              { ParameterName: 'JsonParsingEngine', ParameterValue: 'JQ-1.6' },
            ],
          },
          { Type: 'AppendDelimiterToRecord', Parameters: [{ ParameterName: 'Delimiter', ParameterValue: '\\n' }] },
        ],
      },
      ...settings,
    },
  });

const put = (StreamName: string, text: string) =>
  wire.cloud.call('kinesis', 'PutRecord', { StreamName, PartitionKey: 'P', Data: Buffer.from(text) }, owner);

async function listArchive(): Promise<Record<string, string>> {
  const { Contents } = (await wire.cloud.call('s3', 'ListObjectsV2', { Bucket: 'archive' }, owner)) as {
    Contents: StoredObject[];
  };
  const entries = Contents.map(async ({ key }) => {
    const { Body } = (await wire.cloud.call('s3', 'GetObject', { Bucket: 'archive', Key: key }, owner)) as {
      Body: Buffer;
    };
    return [key.slice(0, key.lastIndexOf('/')), gunzipSync(Body).toString()] as const;
  });
  const texts: Record<string, string> = {};
  for (const [folder, text] of await Promise.all(entries)) texts[folder] = (texts[folder] ?? '') + text;
  return texts;
}

describe('the archive', () => {
  it('holds every record once, by channel, machine type and day, and apart what is no JSON or lacks a key', async () => {
    await put('telemetry', '{"machine_type":"pump","n":1}');
    await put('telemetry', '{"machine_type":"pump","n":2}');
    await put('telemetry', '{"samples":[{"machine_type":"mill"}]}');
    await put('telemetry', '{"event":"repair","channel":"lifecycle"}');
    await put('telemetry', 'poison');
    await put('repairs', '{"part":"spindle"}');
    await put('repairs', '{"part":null}');
    await put('repairs', '{"part":{"number":7}}');
    await Promise.all([firehose.flush(), firehose.flush()]);
    await firehose.flush();
    const day = `day=${new Date().toISOString().slice(0, 10)}`;
    expect(await listArchive()).toEqual({
      [`channel=telemetry/machine_type=pump/${day}`]: '{"machine_type":"pump","n":1}\n{"machine_type":"pump","n":2}\n',
      [`channel=telemetry/machine_type=mill/${day}`]: '{"samples":[{"machine_type":"mill"}]}\n',
      [`channel=lifecycle/machine_type=unknown/${day}`]: '{"event":"repair","channel":"lifecycle"}\n',
      'unreadable/telemetry/metadata-extraction-failed': 'poison\n',
      'part=spindle': '{"part":"spindle"}\n',
      'unreadable/repairs/metadata-extraction-failed': '{"part":null}\n{"part":{"number":7}}\n',
    });
  });

  it('refuses a query beyond what is modelled', () => {
    expect(() => compileQuery('{a: (.b | ascii_downcase)}')).toThrow(/is not modelled here/);
    expect(() => compileQuery('.a')).toThrow(/at "\.a" is not modelled here/);
  });

  it.each([
    [{ Prefix: 'a=!{partitionKeyFromQuery:b}/' }, 'Prefix: got "!{partitionKeyFromQuery:b}", modelled are'],
    [{ Prefix: '!{timestamp:HH:mm}/' }, 'Prefix: got "!{timestamp:HH:mm}", modelled are'],
    [{ ErrorOutputPrefix: '!{firehose:random-string}/' }, 'ErrorOutputPrefix: got "!{firehose:random-string}"'],
    [{ DynamicPartitioningConfiguration: { Enabled: false } }, 'MetadataExtraction needs'],
  ])('refuses %j', async (settings, says) => {
    await expect(createDelivery('repairs', { query: '{part: .part}', ...settings })).rejects.toThrow(says);
  });
});
