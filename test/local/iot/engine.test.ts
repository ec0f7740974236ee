import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { type Json, type Operation, owner, ServiceError } from '../../../local/engine.ts';
import { createIotEngine, type IotEngine } from '../../../local/iot/engine.ts';
import { openSurroundings } from '../surroundings.ts';

const nowMs = Date.UTC(2026, 0, 1);

const policyDocument = {
  Statement: [
    {
      Effect: 'Allow',
      Action: 'iot:Connect',
      Resource: 'arn:aws:iot:us-east-1:000000000000:client/${iot:Connection.Thing.ThingName}',
      Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } },
    },
    {
      Effect: 'Allow',
      Action: 'iot:Publish',
      Resource: [
        'arn:aws:iot:us-east-1:000000000000:topic/factory/${iot:Connection.Thing.ThingName}/*',
        'arn:aws:iot:us-east-1:000000000000:topic/$aws/rules/telemetry/factory/${iot:Connection.Thing.ThingName}/*',
      ],
    },
  ],
};

const rulePayload = {
  Sql: "SELECT * FROM 'factory/+/telemetry'",
  AwsIotSqlVersion: '2016-03-23',
  Actions: [
    {
      Kinesis: { StreamName: 'telemetry', PartitionKey: '${topic(2)}', RoleArn: 'arn:aws:iam::000000000000:role/rule' },
    },
  ],
  ErrorAction: {
    Sqs: { QueueUrl: 'http://localhost/errors', RoleArn: 'arn:aws:iam::000000000000:role/rule', UseBase64: false },
  },
};

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function openIot() {
  const surroundings = openSurroundings(nowMs);
  const engine = createIotEngine(surroundings.cloud, { host: '127.0.0.1', port: 0 });
  const request = { stack: 'test', physicalName: 'test-x' };
  await engine.resources['AWS::IoT::Policy']!.create({
    ...request,
    logicalId: 'P',
    type: 'AWS::IoT::Policy',
    properties: { PolicyName: 'machine', PolicyDocument: policyDocument },
  });
  await engine.resources['AWS::IoT::TopicRule']!.create({
    ...request,
    logicalId: 'R',
    type: 'AWS::IoT::TopicRule',
    properties: { RuleName: 'telemetry', TopicRulePayload: rulePayload },
  });
  await engine.start?.();
  cleanups.push(surroundings.remove, () => engine.stop?.());
  return { ...surroundings, engine };
}

const call = (engine: IotEngine, operation: string, input: Json): Json =>
  (engine.operations[operation] as Operation).run(input, owner) as Json;

function enroll(engine: IotEngine, machineId: string) {
  call(engine, 'CreateThing', { thingName: machineId });
  const keys = call(engine, 'CreateKeysAndCertificate', { setAsActive: true });
  call(engine, 'AttachPolicy', { policyName: 'machine', target: keys.certificateArn });
  call(engine, 'AttachThingPrincipal', { thingName: machineId, principal: keys.certificateArn });
  const { PrivateKey } = keys.keyPair as { PrivateKey: string };
  return { certificateId: keys.certificateId as string, cert: keys.certificatePem as string, key: PrivateKey };
}

async function connect(engine: IotEngine, clientId: string, credentials: IClientOptions): Promise<MqttClient> {
  const client = await connectAsync(`mqtts://localhost:${engine.port()}`, {
    clientId,
    ca: engine.caPem,
    reconnectPeriod: 0,
    connectTimeout: 3000,
    ...credentials,
  });
  cleanups.push(() => client.endAsync(true));
  return client;
}

const closed = (client: MqttClient): Promise<void> =>
  new Promise((resolve) => {
    client.once('close', () => resolve());
  });

describe('an enrolled machine', () => {
  it('publishes through the rule into the stream, keyed by its id, and is acknowledged after that', async () => {
    const { engine, calls, published } = await openIot();
    const client = await connect(engine, 'CNC-001', enroll(engine, 'CNC-001'));
    await client.publishAsync('factory/CNC-001/telemetry', '{"a":1}', { qos: 1 });
    expect(calls).toEqual([
      {
        service: 'kinesis',
        operation: 'PutRecord',
        input: { StreamName: 'telemetry', PartitionKey: 'CNC-001', Data: Buffer.from('{"a":1}') },
      },
    ]);
    expect(published).toEqual(['factory/CNC-001/telemetry']);
  });

  it('is cut off by another connection of its id, and the laptop says so', async () => {
    const { engine, told } = await openIot();
    const credentials = enroll(engine, 'CNC-001');
    const earlier = await connect(engine, 'CNC-001', credentials);
    const isClosed = closed(earlier);
    await connect(engine, 'CNC-001', credentials);
    await isClosed;
    expect(told).toContain('client CNC-001: two connections have this client id: the earlier one is cut off');
  });

  it('meets the named rule alone by Basic Ingest, with the prefix gone', async () => {
    const { engine, calls, published } = await openIot();
    const client = await connect(engine, 'CNC-001', enroll(engine, 'CNC-001'));
    await client.publishAsync('$aws/rules/telemetry/factory/CNC-001/telemetry', '{}', { qos: 1 });
    expect(calls.map((c) => c.input.PartitionKey)).toEqual(['CNC-001']);
    expect(published).toEqual(['factory/CNC-001/telemetry']);
  });

  it.each([
    ['another machine’s topic', 'factory/CNC-002/telemetry', '{}', 'do not allow iot:Publish'],
    [
      'more than 128 KB',
      'factory/CNC-001/telemetry',
      'x'.repeat(131_073),
      'payload has 131073 bytes, allowed are 131072',
    ],
    ['more than 7 slashes', 'factory/CNC-001/a/b/c/d/e/f/g', '{}', 'topic has 8 slashes, allowed are 7'],
  ])('is disconnected when it publishes to %s', async (_, topic, payload, reason) => {
    const { engine, told, published } = await openIot();
    const client = await connect(engine, 'CNC-001', enroll(engine, 'CNC-001'));
    const end = closed(client);
    client.publish(topic, payload, { qos: 1 });
    await end;
    expect(told.join('\n')).toContain(reason);
    expect(published).toEqual([]);
  });

  it('is disconnected when its certificate is deactivated, and stays out', async () => {
    const { engine } = await openIot();
    const credentials = enroll(engine, 'CNC-001');
    const client = await connect(engine, 'CNC-001', credentials);
    const end = closed(client);
    call(engine, 'UpdateCertificate', { certificateId: credentials.certificateId, newStatus: 'INACTIVE' });
    await end;
    await expect(connect(engine, 'CNC-001', credentials)).rejects.toThrow('Not authorized');
  });
});

describe('who does not get in', () => {
  it('a client without a certificate', async () => {
    const { engine } = await openIot();
    await expect(connect(engine, 'CNC-001', {})).rejects.toThrow();
  });

  it('a machine under another machine’s client id', async () => {
    const { engine } = await openIot();
    enroll(engine, 'CNC-002');
    await expect(connect(engine, 'CNC-002', enroll(engine, 'CNC-001'))).rejects.toThrow('Not authorized');
  });
});

describe('a rule whose action fails', () => {
  it('sends the message with its reason to the error action, and the ledger counts it', async () => {
    const { engine, calls, lost, fail } = await openIot();
    const client = await connect(engine, 'CNC-001', enroll(engine, 'CNC-001'));
    fail('kinesis', new ServiceError('AccessDeniedException', 'role rule may not kinesis:PutRecord on telemetry'));
    await client.publishAsync('factory/CNC-001/telemetry', '{"a":1}', { qos: 1 });
    const envelope = JSON.parse(String(calls[0]?.input.MessageBody));
    expect(calls[0]).toMatchObject({ service: 'sqs', operation: 'SendMessage' });
    expect(envelope).toMatchObject({
      ruleName: 'telemetry',
      base64OriginalPayload: Buffer.from('{"a":1}').toString('base64'),
    });
    expect(envelope.failures[0].errorMessage).toContain('AccessDeniedException: role rule may not kinesis:PutRecord');
    expect(lost).toEqual(['rule telemetry: AccessDeniedException: role rule may not kinesis:PutRecord on telemetry']);
  });
});

describe('a wrong resource stops the start with a sentence', () => {
  const create = (type: string, properties: Json): unknown => {
    const { cloud, remove } = openSurroundings(nowMs);
    cleanups.push(remove);
    const engine = createIotEngine(cloud, { host: '127.0.0.1', port: 0 });
    return engine.resources[type]!.create({ stack: 's', logicalId: 'x', physicalName: 'x', type, properties });
  };

  it('for SQL that does not parse', () => {
    const wrong = { TopicRulePayload: { ...rulePayload, Sql: "SELEC * FRM 'a'" } };
    expect(() => create('AWS::IoT::TopicRule', wrong)).toThrow(
      'TopicRulePayload.Sql: column 1: expected SELECT, got "SELEC"',
    );
  });

  it('for a policy variable that IoT Core does not have', () => {
    const Resource = 'arn:aws:iot:us-east-1:000000000000:client/${iot:ThingName}';
    const wrong = { PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'iot:Connect', Resource }] } };
    expect(() => create('AWS::IoT::Policy', wrong)).toThrow('policy variable iot:ThingName is not modelled');
  });
});
