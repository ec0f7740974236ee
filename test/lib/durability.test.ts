import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesise } from './synthesis.ts';

const dev = synthesise('dev');
const prod = synthesise('prod');
const propertiesOf = (type: string, from = dev) => resourcesOf(from, type).map(({ properties }) => properties);

describe('what must not be lost', () => {
  it('encrypts the stream and keeps it as long as the stage says', () => {
    expect(propertiesOf('AWS::Kinesis::Stream', prod)).toMatchObject([
      { RetentionPeriodHours: 168, ShardCount: 2, StreamEncryption: { EncryptionType: 'KMS' } },
    ]);
    const onDemand = synthesise('dev', { capacity: { mode: 'on-demand' } });
    expect(propertiesOf('AWS::Kinesis::Stream', onDemand)).toMatchObject([
      { StreamModeDetails: { StreamMode: 'ON_DEMAND' } },
    ]);
  });

  it('refuses every bucket and queue to callers without TLS', () => {
    const policies = [...propertiesOf('AWS::S3::BucketPolicy'), ...propertiesOf('AWS::SQS::QueuePolicy')];
    expect(policies).toHaveLength(8);
    for (const policy of policies) {
      expect(JSON.stringify(policy)).toContain('"Condition":{"Bool":{"aws:SecureTransport":"false"}},"Effect":"Deny"');
    }
  });

  it('archives compressed by channel, type and day, and tiers to Glacier', () => {
    const [delivery] = propertiesOf('AWS::KinesisFirehose::DeliveryStream');
    expect(delivery?.ExtendedS3DestinationConfiguration).toMatchObject({
      CompressionFormat: 'GZIP',
      Prefix:
        'channel=!{partitionKeyFromQuery:channel}/machine_type=!{partitionKeyFromQuery:machine_type}/day=!{timestamp:yyyy-MM-dd}/',
    });
    const archive = resourcesOf(prod, 'AWS::S3::Bucket').find(({ id }) => id.startsWith('ArchiveBucket'));
    const [rule] = (
      archive!.properties.LifecycleConfiguration as { Rules: { Transitions: { StorageClass: string }[] }[] }
    ).Rules;
    expect(rule?.Transitions.map(({ StorageClass }) => StorageClass)).toEqual(['GLACIER_IR', 'DEEP_ARCHIVE']);
  });

  it('reports late rows that the store refuses', () => {
    const [table] = propertiesOf('AWS::Timestream::Table', prod);
    expect(table).toMatchObject({
      RetentionProperties: { MemoryStoreRetentionPeriodInHours: '48', MagneticStoreRetentionPeriodInDays: '730' },
      MagneticStoreWriteProperties: { EnableMagneticStoreWrites: true },
    });
  });

  it('tells who gives the tables their columns how far back their memory reaches', () => {
    expect(propertiesOf('Custom::SeriesColumns', prod)).toMatchObject([{ MemoryHours: 48 }]);
  });

  it('makes what is in Timestream one after the other: it takes one such request a second', () => {
    const templates = prod.templates.map(
      (template) => template.toJSON().Resources as Record<string, { Type: string; DependsOn?: string[] }>,
    );
    for (const type of ['AWS::Timestream::Table', 'AWS::Timestream::ScheduledQuery']) {
      const made = templates.flatMap((resources) => Object.entries(resources).filter(([, { Type }]) => Type === type));
      const ids = made.map(([id]) => id);
      const waitFor = made.map(([, { DependsOn = [] }]) => DependsOn.filter((id) => ids.includes(id)));
      expect(waitFor, type).toEqual([[], ...ids.slice(0, -1).map((id) => [id])]);
    }
  });

  it('bounds every event source: retries, age, bisecting, partial answers, a place for what fails', () => {
    const sources = propertiesOf('AWS::Lambda::EventSourceMapping');
    expect(sources).toHaveLength(1);
    expect(sources[0]).toMatchObject({
      MaximumRetryAttempts: 5,
      MaximumRecordAgeInSeconds: 86_400,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(sources[0]?.DestinationConfig).toBeDefined();
  });

  it('lets the event source carry the fence of a shard, one batch of it at a time', () => {
    const [source] = propertiesOf('AWS::Lambda::EventSourceMapping');
    expect(source?.TumblingWindowInSeconds).toBe(120);
    expect(source?.ParallelizationFactor).toBeUndefined();
  });

  it('keys each rule by the machine of the topic and gives it an error action', () => {
    const rules = propertiesOf('AWS::IoT::TopicRule');
    expect(rules.map((rule) => rule.RuleName)).toEqual([
      'factory_dev_telemetry',
      'factory_dev_process',
      'factory_dev_training_data',
      'factory_dev_lifecycle',
    ]);
    for (const { TopicRulePayload } of rules) {
      const payload = TopicRulePayload as { Actions: { Kinesis: { PartitionKey: string } }[]; ErrorAction: unknown };
      expect(payload.Actions[0]?.Kinesis.PartitionKey).toBe('${topic(2)}');
      expect(payload.ErrorAction).toHaveProperty('Sqs.QueueUrl');
    }
  });

  it('keeps the data of a stage that retains, and lets that of a trial go', () => {
    const policyOf = (from: typeof dev) => {
      const resources = Object.values(
        from.templates[0]!.toJSON().Resources as Record<string, { Type: string; DeletionPolicy?: string }>,
      );
      const stateful = resources.filter(
        ({ Type }) => /Bucket$|Table$|Stream$|Database$/.test(Type) && !Type.startsWith('AWS::KinesisFirehose'),
      );
      return [
        ...new Set(
          stateful.filter(({ Type }) => Type !== 'AWS::Logs::LogStream').map(({ DeletionPolicy }) => DeletionPolicy),
        ),
      ];
    };
    expect(policyOf(dev)).toEqual(['Delete']);
    expect(policyOf(prod)).toEqual(['Retain']);
  });
});

describe('alarms', () => {
  const alarms = propertiesOf('AWS::CloudWatch::Alarm', prod);
  const runbook = readFileSync('docs/runbook.md', 'utf8');

  it('call a person, and say what it means and where the runbook goes on', () => {
    expect(alarms.length).toBeGreaterThanOrEqual(14);
    for (const { AlarmActions, AlarmDescription } of alarms) {
      expect(AlarmActions).toHaveLength(1);
      const section = /docs\/runbook\.md#([a-z-]+)$/.exec(String(AlarmDescription))?.[1];
      expect(runbook, String(AlarmDescription)).toMatch(new RegExp(`^#+ ${section?.replaceAll('-', '[ -]')}$`, 'im'));
    }
  });
});
