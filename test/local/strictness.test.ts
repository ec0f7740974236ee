import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { beforeAll, describe, expect, it } from 'vitest';
import { owner } from '../../local/engine.ts';
import { createProcessMachine } from '../../simulator/process/machine.ts';
import { until } from '../until.ts';
import { enroll, openLaptop, type Spoil, synthesise, type TestLaptop } from './assembly.ts';

const machineId = 'SEAS-CNC-01';

const replaced =
  (from: string | RegExp, to: string): Spoil =>
  (template) =>
    template.replaceAll(typeof from === 'string' ? from : new RegExp(from, 'g'), to);

const oneSample = (): string =>
  JSON.stringify(
    createProcessMachine({ machineId, seed: 1, startMs: Date.now() - 5000, intervalMs: 2000, faults: [] }).next()
      .payload,
  );

/** Past the broker: the stream books it. */
async function publishOne(test: TestLaptop): Promise<void> {
  await enroll(test, { [machineId]: 'cnc-process' });
  const [stream] = test.laptop.kinesis.listStreams();
  const Data = Buffer.from(oneSample());
  const input = { StreamName: stream!.name, PartitionKey: machineId, Data };
  await test.laptop.cloud.call('kinesis', 'PutRecord', input, owner);
}

beforeAll(synthesise);

describe('a fault in the template is found at the start, with its place', () => {
  const cases: readonly (readonly [what: string, spoil: Spoil, says: RegExp])[] = [
    [
      'an unknown type',
      replaced('AWS::Kinesis::Stream"', 'AWS::Kinesis::Strem"'),
      /stack FactoryTwin-local-Data, resource Telemetry\w+: type AWS::Kinesis::Strem is not modelled/,
    ],
    [
      'an unknown property',
      replaced('"ShardCount"', '"ShardCnt"'),
      /resource Telemetry\w+, property ShardCnt: this property of AWS::Kinesis::Stream is not modelled/,
    ],
    ['a rule that is no SQL', replaced('"SELECT *', '"SELEC *'), /resource Ingest\w+: TopicRulePayload.Sql: .*SELEC/],
    ['an unknown SQL function', replaced('topic(3)', 'topik(3)'), /resource Ingest\w+: TopicRulePayload.Sql: .*topik/],
    [
      'an operator of an event pattern',
      replaced('"anything-but"', '"anything-butt"'),
      /stack FactoryTwin-local-Operations, resource MaintenanceLives\w+: EventPattern: event pattern at detail.gate: operator "anything-butt" is unknown/,
    ],
    [
      'a field of an event pattern',
      replaced(/"detail-type": \[\s*"incident"/, '"detail-typ": ["incident"'),
      /stack FactoryTwin-local-\w+, resource \w+: EventPattern: no event has a field "detail-typ"/,
    ],
    [
      'a field of a state machine',
      replaced('\\"OutputPath\\"', '\\"OutputPth\\"'),
      /stack FactoryTwin-local-Operations, resource Maintenance\w+: .*"?Open"?.*OutputPth/,
    ],
    [
      'a state of a state machine',
      replaced('\\"Type\\":\\"Choice\\"', '\\"Type\\":\\"Choise\\"'),
      /stack FactoryTwin-local-Operations, resource Maintenance\w+: DefinitionString, States.IsNew.Type: .*Expected 'Task'/,
    ],
    [
      'a condition of a policy',
      replaced('"Bool": {', '"Boool": {'),
      /stack FactoryTwin-local-\w+, resource \w+: condition operator Boool is not modelled/,
    ],
    [
      'an action of a rule',
      replaced('"Kinesis": {', '"Kineses": {'),
      /resource Ingest\w+, property TopicRulePayload.Actions.Kineses: this property of AWS::IoT::TopicRule is not modelled/,
    ],
    [
      'an attribute that a resource does not have',
      replaced('"QueueName"', '"QueName"'),
      /property QueName: this property of AWS::SQS::Queue is not modelled/,
    ],
    [
      'a bucket with a key of its own',
      replaced('"AES256"', '"aws:kms"'),
      /resource \w+: BucketEncryption: got "aws:kms", modelled is AES256/,
    ],
    [
      'a role that the service may not assume',
      replaced('"lambda.amazonaws.com"', '"ec2.amazonaws.com"'),
      /lambda.amazonaws.com may not assume role/,
    ],
    [
      'a rule whose role IoT may not assume',
      replaced('"iot.amazonaws.com"', '"sns.amazonaws.com"'),
      /resource Ingest\w+: iot.amazonaws.com may not assume role/,
    ],
    [
      'a handler that is not in the bundle',
      replaced('"index.handler"', '"indx.handler"'),
      /Handler: got "indx.handler"/,
    ],
    [
      'a metric comparison that does not exist',
      replaced('"GreaterThanThreshold"', '"MoreThanThreshold"'),
      /ComparisonOperator: got "MoreThanThreshold"/,
    ],
  ];
  it.each(cases)('%s', async (_what, spoil, says) => {
    await expect(openLaptop(spoil)).rejects.toThrow(says);
  });
});

describe('a missing permission fails at its hop', () => {
  it('names role, action and stream when the rule may not put records', async () => {
    const test = await openLaptop(replaced('"kinesis:PutRecord"', '"kinesis:ListStreams"'));
    const connection = (await enroll(test, { [machineId]: 'cnc-process' }))(machineId);
    const client = await connectAsync(connection.url, connection.options);
    await client.publishAsync(`factory/${machineId}/telemetry`, oneSample(), { qos: 1 });
    await until(() => expect(test.laptop.ledger.totals().deadLettered).toBe(1));
    expect(test.told.join('\n')).toMatch(
      /AccessDeniedException: arn:aws:iam::000000000000:role\/\S*IngestRole\S* is not authorized to perform: kinesis:PutRecord on resource: arn:aws:kinesis:\S*:stream\/\S+/,
    );
    expect(test.laptop.ledger.totals()).toMatchObject({ published: 1, inFlight: 0, difference: 0 });
    const errors = test.laptop.sqs.listDepths().find(({ name }) => /ingest.?errors/i.test(name));
    expect(errors?.depth).toBe(1);
    await client.endAsync(true);
    await test.stop();
  });

  it('names the table when a function is told a wrong one', async () => {
    const test = await openLaptop(replaced(/"TWIN_TABLE": \{[^}]*\}/, '"TWIN_TABLE": "nowhere"'));
    await publishOne(test);
    await until(() => expect(test.told.join('\n')).toMatch(/dynamodb:BatchWriteItem on resource: \S+:table\/nowhere/));
    await test.stop();
  });

  it('names rule and queue when the queue does not admit the rule', async () => {
    const test = await openLaptop(replaced('"sqs:SendMessage"', '"sqs:ReceiveMessage"'));
    const bus = findRef(test, 'AWS::Events::EventBus');
    const Entries = [{ EventBusName: bus, Source: 'factory.twin', DetailType: 'anomaly', Detail: '{}' }];
    await test.laptop.cloud.call('events', 'PutEvents', { Entries }, owner);
    await until(() =>
      expect(test.told.join('\n')).toMatch(
        /events.amazonaws.com is not authorized to perform: sqs:SendMessage on resource: \S+ because no resource-based policy allows it from \S+:rule\/\S+/,
      ),
    );
    await test.stop();
  });

  it('names the key when it does not let in the service that publishes to an encrypted topic', async () => {
    const test = await openLaptop(replaced('"kms:GenerateDataKey"', '"kms:DescribeKey"'));
    const alarms = {
      kind: 'service',
      name: 'cloudwatch.amazonaws.com',
      sourceArn: 'arn:aws:cloudwatch:alarm',
    } as const;
    const topics = [...test.laptop.deployment.resources.values()].filter(({ type }) => type === 'AWS::SNS::Topic');
    const publishing = Promise.allSettled(
      topics.map(({ ref }) => test.laptop.cloud.call('sns', 'Publish', { TopicArn: ref, Message: 'x' }, alarms)),
    );
    const reasons = (await publishing).flatMap((outcome) =>
      outcome.status === 'rejected' ? [outcome.reason.message] : [],
    );
    expect(reasons.join('\n')).toMatch(
      /cloudwatch.amazonaws.com is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:\S+:key\/\S+/,
    );
    await test.stop();
  });

  it('keeps a sample in flight and says why when the function may not write to the store', async () => {
    const test = await openLaptop(replaced('"timestream:WriteRecords"', '"timestream:ListTables"'));
    await publishOne(test);
    await until(() => expect(readErrors(test.folder)).toMatch(/is not authorized to perform: timestream:WriteRecords/));
    expect(test.laptop.ledger.totals()).toMatchObject({ stored: 0, difference: 0 });
    await test.stop();
  });
});

const findRef = (test: TestLaptop, type: string): string =>
  [...test.laptop.deployment.resources.values()].find((resource) => resource.type === type)!.ref;

function readErrors(folder: string): string {
  const logs = join(folder, 'data', 'logs');
  return readdirSync(logs)
    .map((name) => readFileSync(join(logs, name), 'utf8'))
    .join('\n');
}
