import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeliveryQueue, openDeliveryQueue } from '../../local/delivery/delivery-queue.ts';
import type { Json } from '../../local/engine.ts';
import { createEvents } from '../../local/events/events.ts';
import { createKms } from '../../local/kms/kms.ts';
import { createMailbox } from '../../local/mailbox/mailbox.ts';
import { createSns } from '../../local/sns/sns.ts';
import { createSqs, type SqsEngine } from '../../local/sqs/sqs.ts';
import { until } from '../until.ts';
import { openWire, type Wire } from './wire.ts';

let wire: Wire;
let sqs: SqsEngine;
let deliveries: DeliveryQueue;
let [sqsClient, snsClient, eventsClient]: [SQSClient?, SNSClient?, EventBridgeClient?] = [];

beforeAll(async () => {
  wire = await openWire(
    (cloud, endpointUrl) => {
      deliveries = openDeliveryQueue(join(cloud.dataFolder, 'deliveries.db'), Date.now, () => undefined);
      sqs = createSqs(cloud, { endpointUrl });
      return sqs;
    },
    (cloud) => createSns(cloud, deliveries, createMailbox(join(cloud.dataFolder, 'mailbox'))),
    (cloud) => createEvents(cloud, deliveries),
    (cloud) => createKms(cloud),
  );
  deliveries.start();
  sqsClient = new SQSClient(wire.clientConfig);
  snsClient = new SNSClient(wire.clientConfig);
  eventsClient = new EventBridgeClient(wire.clientConfig);
});
afterAll(async () => {
  for (const client of [sqsClient, snsClient, eventsClient]) client?.destroy();
  await deliveries.stop();
  await wire.stop();
});

const allow = (service: string, action: string, resource: string): Json => ({
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: action, Resource: resource }],
});

async function createQueue(name: string, properties: Json = {}, senders: readonly string[] = []) {
  const { ref, attributes } = await wire.create('AWS::SQS::Queue', { QueueName: name, ...properties }, name);
  const arn = attributes!.Arn!;
  for (const sender of senders) {
    const PolicyDocument = allow(sender, 'sqs:SendMessage', arn);
    await wire.create('AWS::SQS::QueuePolicy', { Queues: [ref], PolicyDocument }, `${name}Policy`);
  }
  return { url: ref, arn, bodies: () => sqs.receive(arn, 10).map(({ body }) => body) };
}

describe('a queue', () => {
  it('gives a message over the SDK, hides it, and gives it again until it is deleted', async () => {
    const { url } = await createQueue('work', { VisibilityTimeout: 0 });
    await sqsClient!.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'ä {"a":1}' }));
    const receive = async (asking = {}) =>
      (await sqsClient!.send(new ReceiveMessageCommand({ QueueUrl: url, ...asking }))).Messages?.[0];
    const first = await receive();
    expect(first?.Body).toBe('ä {"a":1}');
    expect(first?.Attributes, 'what was not asked for').toBeUndefined();
    const again = await receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(again?.Attributes?.ApproximateReceiveCount).toBe('2');
    await sqsClient!.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: again!.ReceiptHandle }));
    expect(await receive()).toBeUndefined();
  });

  it('gives the attributes of a message that were asked for, by name, beginning or all', async () => {
    const { url } = await createQueue('labelled', { VisibilityTimeout: 0 });
    const text = { DataType: 'String', StringValue: 'x' };
    const MessageAttributes = { 'plant.site': text, 'plant.line': text, machine: text };
    await sqsClient!.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x', MessageAttributes }));
    const namesFor = async (...MessageAttributeNames: string[]) => {
      const { Messages = [] } = await sqsClient!.send(
        new ReceiveMessageCommand({ QueueUrl: url, MessageAttributeNames }),
      );
      return Object.keys(Messages[0]?.MessageAttributes ?? {});
    };
    expect(await namesFor()).toEqual([]);
    expect(await namesFor('machine')).toEqual(['machine']);
    expect(await namesFor('plant.*')).toEqual(['plant.site', 'plant.line']);
    expect(await namesFor('All')).toHaveLength(3);
  });

  it.each([
    [{ DelaySeconds: 901 }, 'Value 901 for parameter DelaySeconds is invalid'],
    [{ MessageSystemAttributes: {} }, 'MessageSystemAttributes is not modelled'],
  ])('refuses a message with %j', async (asking, says) => {
    const { url } = await createQueue('bounds');
    const command = new SendMessageCommand({ QueueUrl: url, MessageBody: 'x', ...asking });
    await expect(sqsClient!.send(command)).rejects.toThrow(says);
  });

  it.each([
    [{ WaitTimeSeconds: 21 }, 'WaitTimeSeconds'],
    [{ MaxNumberOfMessages: 11 }, 'MaxNumberOfMessages'],
  ])('refuses to be asked for messages with %j', async (asking, says) => {
    const { url } = await createQueue('bounds');
    const command = new ReceiveMessageCommand({ QueueUrl: url, ...asking });
    await expect(sqsClient!.send(command)).rejects.toThrow(`for parameter ${says} is invalid`);
  });

  it('moves what was received too often to its dead-letter queue', async () => {
    const dead = await createQueue('dead');
    const { arn } = await createQueue('flaky', {
      VisibilityTimeout: 0,
      RedrivePolicy: { deadLetterTargetArn: dead.arn, maxReceiveCount: 2 },
    });
    await wire.cloud.call('sqs', 'SendMessage', { QueueUrl: 'flaky', MessageBody: 'poison' }, { kind: 'owner' });
    expect(sqs.receive(arn, 1)).toHaveLength(1);
    expect(sqs.receive(arn, 1)).toHaveLength(1);
    expect(sqs.receive(arn, 1)).toHaveLength(0);
    expect(dead.bodies()).toEqual(['poison']);
  });
});

describe('a topic', () => {
  it('delivers to mailbox and queue what each filter lets through', async () => {
    const queue = await createQueue('critical', {}, ['sns.amazonaws.com']);
    const { ref: TopicArn } = await wire.create('AWS::SNS::Topic', { TopicName: 'alerts' }, 'Alerts');
    const subscribe = (id: string, properties: Json) =>
      wire.create('AWS::SNS::Subscription', { TopicArn, ...properties }, id);
    await subscribe('Mail', { Protocol: 'email', Endpoint: 'operator@plant.example' });
    await subscribe('Phone', { Protocol: 'sms', Endpoint: '+4915112345678', FilterPolicy: { severity: ['critical'] } });
    await subscribe('Queue', {
      Protocol: 'sqs',
      Endpoint: queue.arn,
      RawMessageDelivery: true,
      FilterPolicy: { severity: ['critical'] },
    });
    const publish = (Message: string, severity: string) =>
      snsClient!.send(
        new PublishCommand({
          TopicArn,
          Subject: 'Pump <1>',
          Message,
          MessageAttributes: { severity: { DataType: 'String', StringValue: severity } },
        }),
      );
    await publish('bearing hot', 'critical');
    await publish('bearing warm', 'warning');
    const mailbox = join(wire.cloud.dataFolder, 'mailbox');
    await until(() => expect(readdirSync(mailbox)).toHaveLength(3));
    expect(readdirSync(mailbox).filter((name) => name.endsWith('.sms'))).toHaveLength(1);
    const mails = readdirSync(mailbox)
      .map((name) => readFileSync(join(mailbox, name), 'utf8'))
      .join('\n');
    expect(mails).toContain('Subject: Pump <1>');
    expect(mails).toContain('bearing warm');
    await until(() => expect(queue.bodies()).toEqual(['bearing hot']));
  });

  it('gives each protocol its own text of a message that has several, and refuses one without a default', async () => {
    const { ref: TopicArn } = await wire.create('AWS::SNS::Topic', { TopicName: 'both' }, 'Both');
    const endpoints = { email: 'planner@plant.example', sms: '+4915112345679' };
    for (const [Protocol, Endpoint] of Object.entries(endpoints))
      await wire.create('AWS::SNS::Subscription', { TopicArn, Protocol, Endpoint }, `Both${Protocol}`);
    const publish = (Message: string) =>
      snsClient!.send(new PublishCommand({ TopicArn, Message, MessageStructure: 'json' }));
    await publish(JSON.stringify({ default: 'the whole of it', sms: 'in short' }));
    const mailbox = join(wire.cloud.dataFolder, 'mailbox');
    const read = () => readdirSync(mailbox).map((name) => readFileSync(join(mailbox, name), 'utf8'));
    const textsTo = (endpoint: string) => read().filter((text) => text.includes(endpoint));
    await until(() => expect(textsTo(endpoints.sms)[0]).toContain('in short'));
    await until(() => expect(textsTo(endpoints.email)[0]).toContain('the whole of it'));
    await expect(publish('{"sms":"only"}')).rejects.toThrow('No default entry');
    await expect(publish('plain')).rejects.toThrow('failed to parse');
  });

  it('stops the start at a subscription that it could not serve', async () => {
    const subscribe = (Protocol: string, Endpoint: string) =>
      wire.create('AWS::SNS::Subscription', { TopicArn: 'arn:x', Protocol, Endpoint }, 'Wrong');
    await expect(subscribe('http', 'http://x')).rejects.toThrow('Protocol: got "http", modelled are email, sms');
    await expect(subscribe('sms', '0151 12345')).rejects.toThrow('allowed is a number like +4915112345678');
    await expect(subscribe('sqs', 'arn:aws:sqs:us-east-1:0:x.fifo')).rejects.toThrow('to standard queues only');
  });

  it('refuses a service that its key does not admit, as a topic of AWS would', async () => {
    const { ref: TopicArn } = await wire.create(
      'AWS::SNS::Topic',
      { TopicName: 'sealed', KmsMasterKeyId: 'alias/aws/sns' },
      'Sealed',
    );
    const alarm = {
      kind: 'service',
      name: 'cloudwatch.amazonaws.com',
      sourceArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:x',
    } as const;
    const publishing = wire.cloud.call('sns', 'Publish', { TopicArn, Message: 'x' }, alarm);
    await expect(publishing).rejects.toThrow('cloudwatch.amazonaws.com cannot use the AWS managed key alias/aws/sns');
    const key = await wire.create('AWS::KMS::Key', { KeyPolicy: { Statement: [] } }, 'Key');
    const { ref } = await wire.create('AWS::SNS::Topic', { TopicName: 'keyed', KmsMasterKeyId: key.ref }, 'Keyed');
    await expect(wire.cloud.call('sns', 'Publish', { TopicArn: ref, Message: 'x' }, alarm)).rejects.toThrow(
      /kms:GenerateDataKey/,
    );
  });
});

describe('a rule', () => {
  const put = (DetailType: string, detail: Json) =>
    eventsClient!.send(
      new PutEventsCommand({
        Entries: [{ EventBusName: 'factory', Source: 'factory.twin', DetailType, Detail: JSON.stringify(detail) }],
      }),
    );
  const createRule = (id: string, EventPattern: Json, target: Json) =>
    wire.create(
      'AWS::Events::Rule',
      { Name: id, EventBusName: 'factory', EventPattern, Targets: [{ Id: 'T', ...target }] },
      id,
    );
  beforeAll(() => wire.create('AWS::Events::EventBus', { Name: 'factory' }, 'Bus'));

  it('hands matching events to its target, remade as its transformer says', async () => {
    const queue = await createQueue('cases', {}, ['events.amazonaws.com']);
    await createRule(
      'Anomalies',
      { source: ['factory.twin'], 'detail-type': ['anomaly'], detail: { health: [{ numeric: ['<', 50] }] } },
      {
        Arn: queue.arn,
        InputTransformer: {
          InputPathsMap: { m: '$.detail.machineId', h: '$.detail.health' },
          InputTemplate: '{"machine":"<m>","health":<h>}',
        },
      },
    );
    await put('anomaly', { machineId: 'P"1', health: 20 });
    await put('anomaly', { machineId: 'P2', health: 80 });
    await put('health', { machineId: 'P3', health: 10 });
    await until(() => expect(queue.bodies()).toEqual(['{"machine":"P\\"1","health":20}']));
  });

  it('puts an event that its target may not get into the dead-letter queue, and says why', async () => {
    const closed = await createQueue('closed');
    const dead = await createQueue('undelivered', {}, ['events.amazonaws.com']);
    await createRule('Closed', { 'detail-type': ['closed'] }, { Arn: closed.arn, DeadLetterConfig: { Arn: dead.arn } });
    await put('closed', { a: 1 });
    await until(() => expect(dead.bodies()).toHaveLength(1));
    expect(wire.told.join('\n')).toMatch(
      /rule Closed could not reach .*closed: events.amazonaws.com is not authorized to perform: sqs:SendMessage/,
    );
  });

  it('stops the start at a misspelt operator, bus or kind of target', async () => {
    const queue = await createQueue('any');
    const misspelt = createRule('R', { detail: { a: [{ numericc: ['<', 5] }] } }, { Arn: queue.arn });
    await expect(misspelt).rejects.toThrow(/numericc/);
    await expect(createRule('R', { source: ['a'] }, { Arn: 'arn:aws:batch:us-east-1:0:job-queue/x' })).rejects.toThrow(
      'modelled are targets of lambda, sqs',
    );
    await expect(
      wire.create('AWS::Events::Rule', { EventBusName: 'factry', EventPattern: { source: ['a'] } }),
    ).rejects.toThrow('there is no bus "factry"');
  });

  it('refuses entries one by one: no detail, no JSON, no such bus', async () => {
    const Entries = [
      { Source: 's', DetailType: 't', Detail: '{}' },
      { Source: 's', DetailType: 't', Detail: '{' },
      { Source: 's', DetailType: 't' },
      { EventBusName: 'x', Source: 's', DetailType: 't', Detail: '{}' },
    ];
    const answer = await eventsClient!.send(new PutEventsCommand({ Entries }));
    expect(answer.Entries!.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'MalformedDetail',
      'InvalidArgument',
      'ResourceNotFound',
    ]);
  });
});

describe('deliveries', () => {
  it('outlive the process and are tried again until they are done', async () => {
    const file = join(wire.cloud.dataFolder, 'again.db');
    const first = openDeliveryQueue(file, Date.now, () => undefined);
    first.add('mail', { to: 'a' });
    await first.stop();
    const attempts: number[] = [];
    const second = openDeliveryQueue(file, Date.now, () => undefined);
    second.handle('mail', async (body, attempt) => {
      attempts.push(attempt);
      expect(body).toEqual({ to: 'a' });
      return attempt < 3 ? { retryInMs: 1 } : 'done';
    });
    second.start();
    await until(() => expect(second.pendingCount).toBe(0));
    expect(attempts).toEqual([1, 2, 3]);
    await second.stop();
  });

  it('try one again while another is still under way', async () => {
    const queue = openDeliveryQueue(join(wire.cloud.dataFolder, 'slow.db'), Date.now, () => undefined);
    let finish = (): void => undefined;
    queue.handle('slow', () => new Promise((done) => (finish = () => done('done'))));
    queue.handle('quick', async (_body, attempt) => (attempt < 3 ? { retryInMs: 5 } : 'done'));
    for (const kind of ['slow', 'quick']) queue.add(kind, {});
    queue.start();
    await until(() => expect(queue.pendingCount).toBe(1));
    finish();
    await until(() => expect(queue.pendingCount).toBe(0));
    await queue.stop();
  });
});
