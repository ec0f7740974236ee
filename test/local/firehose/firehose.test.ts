import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { owner } from '../../../local/engine.ts';
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
  const stream = await wire.create('AWS::Kinesis::Stream', { Name: 'telemetry', ShardCount: 2 });
  const bucket = await wire.create('AWS::S3::Bucket', { BucketName: 'archive' });
  const AssumeRolePolicyDocument = {
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'firehose.amazonaws.com' } }],
  };
  const PolicyDocument = { Statement: [{ Effect: 'Allow', Action: ['kinesis:*', 's3:PutObject'], Resource: '*' }] };
  await wire.create('AWS::IAM::Role', {
    RoleName: 'firehose',
    AssumeRolePolicyDocument,
    Policies: [{ PolicyName: 'p', PolicyDocument }],
  });
  const query =
    '{channel: (.channel // "telemetry"), machine_type: (.machine_type // .samples[0].machine_type // "unknown")}';
  await wire.create('AWS::KinesisFirehose::DeliveryStream', {
    KinesisStreamSourceConfiguration: { KinesisStreamARN: stream.attributes!.Arn, RoleARN: roleArn },
    ExtendedS3DestinationConfiguration: {
      BucketARN: bucket.attributes!.Arn,
      RoleARN: roleArn,
      CompressionFormat: 'GZIP',
      Prefix:
        'channel=!{partitionKeyFromQuery:channel}/machine_type=!{partitionKeyFromQuery:machine_type}/day=!{timestamp:yyyy-MM-dd}/',
      ErrorOutputPrefix: 'unreadable/!{firehose:error-output-type}/',
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
    },
  });
});
afterAll(() => wire.stop());

const put = (PartitionKey: string, text: string) =>
  wire.cloud.call('kinesis', 'PutRecord', { StreamName: 'telemetry', PartitionKey, Data: Buffer.from(text) }, owner);

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
  return Object.fromEntries(await Promise.all(entries));
}

describe('the archive', () => {
  it('holds every record once, by channel, machine type and day, and what is no JSON apart', async () => {
    await put('P', '{"machine_type":"pump","n":1}');
    await put('P', '{"machine_type":"pump","n":2}');
    await put('P', '{"samples":[{"machine_type":"mill"}]}');
    await put('P', '{"event":"repair","channel":"lifecycle"}');
    await put('P', 'poison');
    await firehose.flush();
    await firehose.flush();
    const day = `day=${new Date().toISOString().slice(0, 10)}`;
    expect(await listArchive()).toEqual({
      [`channel=telemetry/machine_type=pump/${day}`]: '{"machine_type":"pump","n":1}\n{"machine_type":"pump","n":2}\n',
      [`channel=telemetry/machine_type=mill/${day}`]: '{"samples":[{"machine_type":"mill"}]}\n',
      [`channel=lifecycle/machine_type=unknown/${day}`]: '{"event":"repair","channel":"lifecycle"}\n',
      'unreadable/metadata-extraction-failed': 'poison\n',
    });
  });

  it('refuses a query beyond what is modelled', () => {
    expect(() => compileQuery('{a: (.b | ascii_downcase)}')).toThrow(/is not modelled here/);
    expect(() => compileQuery('.a')).toThrow(/at "\.a" is not modelled here/);
  });
});
