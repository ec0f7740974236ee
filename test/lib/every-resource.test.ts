import { describe, expect, it } from 'vitest';
import { everything, openWholeStage, type StageResource } from './whole-stage.ts';

const text = (value: unknown): string => JSON.stringify(value);
const plainId = ({ id }: StageResource): string => id.replace(/[0-9A-F]{8}$/, '');

describe.each(['timestream', 'influxdb'] as const)('every resource of a stage on %s', (store) => {
  const stage = openWholeStage('prod', { ...everything, store });
  const alarms = stage.of('AWS::CloudWatch::Alarm');
  const queues = stage.of('AWS::SQS::Queue');
  const leadsOn = ({ properties }: StageResource): boolean => properties.RedrivePolicy !== undefined;

  it('queue: encrypted, and either it leads to dead letters, or it keeps them two weeks under an alarm', () => {
    for (const queue of queues) {
      expect(queue.properties.SqsManagedSseEnabled, queue.id).toBe(true);
      if (leadsOn(queue)) {
        const { deadLetterTargetArn } = queue.properties.RedrivePolicy as { deadLetterTargetArn: unknown };
        const target = queues.find(({ id }) => text(deadLetterTargetArn).includes(id));
        expect(target !== undefined && !leadsOn(target), queue.id).toBe(true);
      } else {
        expect(queue.properties.MessageRetentionPeriod, queue.id).toBe(14 * 86_400);
        const watching = alarms.filter(({ properties }) => text(properties.Dimensions ?? []).includes(queue.id));
        expect(watching, queue.id).toMatchObject([
          { properties: { MetricName: 'ApproximateNumberOfMessagesVisible', Threshold: 0 } },
        ]);
      }
    }
  });

  it('bucket: encrypted, closed, logged, by TLS alone, with an end for what only grows', () => {
    const buckets = stage.of('AWS::S3::Bucket');
    const endOf = ({ properties }: StageResource): unknown =>
      (properties.LifecycleConfiguration as { Rules: { ExpirationInDays?: number }[] } | undefined)?.Rules[0]
        ?.ExpirationInDays;
    expect(Object.fromEntries(buckets.map((bucket) => [plainId(bucket), endOf(bucket)]))).toEqual({
      AccessLogs: 90,
      Failures: 3650,
      ArchiveBucket: 3650,
      // One object a shard, which the next takes the place of; and models, a few, which machines are pinned to.
      ShardStateCheckpoints: undefined,
      LearnedModels: undefined,
    });
    const policies = stage.of('AWS::S3::BucketPolicy');
    for (const bucket of buckets) {
      expect(bucket.properties.BucketEncryption, bucket.id).toBeDefined();
      expect(Object.values(bucket.properties.PublicAccessBlockConfiguration as object)).toEqual(Array(4).fill(true));
      const policy = policies.find(({ properties }) => text(properties.Bucket).includes(bucket.id));
      expect(text(policy), bucket.id).toContain('"Bool":{"aws:SecureTransport":"false"}');
    }
    const versioned = buckets.filter(({ properties }) => text(properties.VersioningConfiguration)?.includes('Enabled'));
    expect(versioned.map(plainId)).toEqual(['ArchiveBucket', 'LearnedModels']);
  });

  it('table: recoverable to the minute, unless it holds but this moment; nobody switched its encryption off', () => {
    const ofThisMoment = ['LiveConnections'];
    for (const table of stage.of('AWS::DynamoDB::Table')) {
      const { PointInTimeRecoverySpecification: recovery, SSESpecification, BillingMode } = table.properties;
      expect(text(recovery)?.includes('true') ?? false, table.id).toBe(!ofThisMoment.includes(plainId(table)));
      expect([SSESpecification, BillingMode], table.id).toEqual([undefined, 'PAY_PER_REQUEST']);
    }
  });

  it('stream and topic: encrypted with a key; log: ends when the stage says', () => {
    for (const { properties } of stage.of('AWS::Kinesis::Stream')) {
      expect(properties).toMatchObject({ StreamEncryption: { EncryptionType: 'KMS' }, RetentionPeriodHours: 168 });
    }
    for (const topic of stage.of('AWS::SNS::Topic')) expect(topic.properties.KmsMasterKeyId, topic.id).toBeDefined();
    for (const log of stage.of('AWS::Logs::LogGroup')) expect(log.properties.RetentionInDays, log.id).toBe(90);
  });

  it('event source: its retries end, and what fails alone is told apart', () => {
    for (const { id, properties } of stage.of('AWS::Lambda::EventSourceMapping')) {
      expect(properties.FunctionResponseTypes, id).toEqual(['ReportBatchItemFailures']);
      const queue = queues.find((one) => text(properties.EventSourceArn).includes(one.id));
      if (queue === undefined) {
        expect(properties).toMatchObject({ MaximumRetryAttempts: 10, MaximumRecordAgeInSeconds: 48 * 3600 });
        expect(text(properties.DestinationConfig)).toContain('Failures');
      } else {
        const { maxReceiveCount } = queue.properties.RedrivePolicy as { maxReceiveCount: number };
        expect(maxReceiveCount, id).toBeLessThanOrEqual(30);
      }
    }
  });

  it('rule: has a place for what it cannot deliver, unless that is worth nothing a minute later', () => {
    for (const rule of stage.of('AWS::IoT::TopicRule')) expect(text(rule.properties)).toContain('"ErrorAction":{"Sqs"');
    const passing: string[] = [];
    for (const rule of stage.of('AWS::Events::Rule')) {
      for (const target of rule.properties.Targets as { DeadLetterConfig?: unknown; RetryPolicy?: object }[]) {
        if (target.DeadLetterConfig !== undefined) continue;
        expect(target.RetryPolicy, rule.id).toMatchObject({ MaximumEventAgeInSeconds: 60 });
        passing.push(plainId(rule));
      }
    }
    // The next look for silence comes in a minute; an open page asks for the list of incidents anyway.
    expect(passing).toEqual(['SilenceEachMinute', 'GraphTell']);
  });

  it('function: on arm64 and Node 24, with a log of its own', () => {
    const functions = stage.of('AWS::Lambda::Function');
    for (const { id, properties } of functions) {
      expect(properties, id).toMatchObject({ Architectures: ['arm64'], Runtime: 'nodejs24.x' });
    }
    const logs = functions.map(({ properties }) => text(properties.LoggingConfig));
    expect(new Set(logs).size).toBe(functions.length);
  });

  it('thing that can fail: calls a person', () => {
    const watched = new Set(
      alarms.flatMap(({ properties }) => [
        `${properties.Namespace} ${properties.MetricName}`,
        ...((properties.Metrics ?? []) as { Expression?: string }[]).map(({ Expression }) => Expression),
      ]),
    );
    const calls: Readonly<Record<string, string>> = {
      'the stream takes less than is sent': 'AWS/Kinesis WriteProvisionedThroughputExceeded',
      // By rule and by kind of action: an alarm that named the rule alone would watch a metric that nobody writes.
      'a rule loses messages': `SELECT SUM(ErrorActionFailure) FROM "AWS/IoT" WHERE RuleName = 'factory_prod_telemetry'`,
      'the archive’s bucket is not filled': 'AWS/Firehose DeliveryToS3.DataFreshness',
      'the failure bucket is filled': 'AWS/Lambda OnFailureDestinationDeliveredEventCount',
      'a batch was dropped': 'AWS/Lambda DroppedEventCount',
      // Store, twin table, leases, checkpoints, registry, models, lives: without one of them no batch gets through.
      'detection cannot read or write': 'AWS/Lambda Errors',
      'detection is held up': 'AWS/Lambda IteratorAge',
      'work orders stand still': 'AWS/States ExecutionsFailed',
      'nobody is answered': 'AWS/ApiGateway 5xx',
    };
    for (const [what, metric] of Object.entries(calls)) expect(watched, what).toContain(metric);
    const failing = alarms.filter(({ properties }) => properties.MetricName === 'Errors');
    expect(failing.map(plainId).sort()).toEqual(['AlarmsDetectionErrors', 'SilenceFailed']);
    for (const { id, properties } of alarms) expect(properties.AlarmActions, id).toHaveLength(1);
  });

  it('export: somebody imports it, and only stacks that are made later do', () => {
    const order = ['Data', 'Pipeline', 'Api', 'Operations', 'Desk', 'Grafana'];
    const taken = new Set(stage.imports.flatMap(({ names }) => names));
    expect(stage.exports.filter((name) => !taken.has(name))).toEqual([]);
    for (const { stack, names } of stage.imports) {
      const from = new Set(names.map((name) => name.split(':')[0]!.split('-').at(-1)!));
      for (const other of from)
        expect(order.indexOf(other), `${stack} takes from ${other}`).toBeLessThan(order.indexOf(stack));
    }
  });
});

describe('two stages of one account', () => {
  /** Every property that names a thing in its account, with what CloudFormation will fill in. */
  function namesOf(name: string): string[] {
    const { resources, exports } = openWholeStage('dev', { ...everything, name, plainTopics: name === 'first' });
    const named = resources.flatMap(({ type, properties }) =>
      Object.entries(properties)
        .filter(([key, value]) => /(^|[a-z])(Name|Domain)$/.test(key) && !isReference(value) && !isInner(type, key))
        .map(([key, value]) => `${type} ${key} ${text(value)}`),
    );
    return [...new Set(named), ...exports];
  }
  const isReference = (value: unknown): boolean => /^\{"(Ref|Fn::GetAtt|Fn::ImportValue)"/.test(text(value));
  /** Names inside of a thing that has a name or an id of its own: a metric, a group of one user pool, a field of one graph. */
  const isInner = (type: string, key: string): boolean =>
    /^AWS::(CloudWatch::Alarm|Cognito::UserPoolGroup|ApiGatewayV2::|AppSync::(Resolver|DataSource)|IAM::Policy|EC2::VPCEndpoint|Logs::LogStream)/.test(
      type,
    ) || /^(Measure|Function|Service)Name$/.test(key);

  it('share no name, by whatever property a thing is named', () => {
    const [first, second] = [namesOf('first'), namesOf('second')];
    expect(first.length).toBeGreaterThan(60);
    expect(first.length).toBe(second.length);
    expect(first.filter((name) => second.includes(name))).toEqual([]);
  });

  it('do not both hear the plain topics', () => {
    const topicsOf = (plainTopics: boolean): unknown[] =>
      openWholeStage('dev', { plainTopics })
        .of('AWS::IoT::TopicRule')
        .map(({ properties }) => (properties.TopicRulePayload as { Sql: string }).Sql);
    expect(text(topicsOf(true))).toContain("FROM 'factory/+/telemetry'");
    expect(text(topicsOf(false))).not.toContain('FROM');
  });
});
