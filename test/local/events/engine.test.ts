import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  DescribeReplayCommand,
  EventBridgeClient,
  PutEventsCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeliveryQueue, openDeliveryQueue } from '../../../local/delivery/delivery-queue.ts';
import { type Json, owner } from '../../../local/engine.ts';
import { createEvents } from '../../../local/events/events.ts';
import { checkTargetInput, makeTargetInput } from '../../../local/events/target-input.ts';
import { createSecretsManager, type SecretsManagerEngine } from '../../../local/secretsmanager/secretsmanager.ts';
import { createSqs, type SqsEngine } from '../../../local/sqs/sqs.ts';
import { until } from '../../until.ts';
import { openWire, type Wire } from '../wire.ts';

interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly atMs: number;
}

let wire: Wire;
let sqs: SqsEngine;
let secrets: SecretsManagerEngine;
let deliveries: DeliveryQueue;
let events: EventBridgeClient;
let receiver: Server;
let received: Received[] = [];
/** What the receiver answers, one after the other; then 200. */
let answers: { readonly status: number; readonly headers?: Record<string, string> }[] = [];

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    received.push({ method, url, headers, body: Buffer.concat(chunks).toString(), atMs: performance.now() });
    const { status, headers: more = {} } = answers.shift() ?? { status: 200 };
    response.writeHead(status, more).end();
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  wire = await openWire(
    (cloud, endpointUrl) => {
      deliveries = openDeliveryQueue(join(cloud.dataFolder, 'deliveries.db'), Date.now, () => undefined);
      sqs = createSqs(cloud, { endpointUrl });
      return sqs;
    },
    (cloud) => createEvents(cloud, deliveries),
    (cloud) => {
      secrets = createSecretsManager(cloud);
      return secrets;
    },
  );
  deliveries.start();
  events = new EventBridgeClient(wire.clientConfig);
  await wire.create('AWS::Events::EventBus', { Name: 'factory' }, 'Bus');
  await wire.create('AWS::Events::EventBus', { Name: 'other' }, 'Other');
});
afterAll(async () => {
  events.destroy();
  await deliveries.stop();
  await wire.stop();
  receiver.close();
});

const busArn = (name: string): string => `arn:aws:events:us-east-1:000000000000:event-bus/${name}`;

async function createQueue(name: string) {
  const { ref, attributes } = await wire.create('AWS::SQS::Queue', { QueueName: name }, name);
  const statement = { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage' };
  const PolicyDocument = { Statement: [{ ...statement, Resource: attributes!.Arn }] };
  await wire.create('AWS::SQS::QueuePolicy', { Queues: [ref], PolicyDocument }, `${name}Policy`);
  const arn = attributes!.Arn!;
  return {
    arn,
    take: () => sqs.receive(arn, 10).map(({ body, attributes: told }) => ({ event: JSON.parse(body) as Json, told })),
  };
}

const createRule = (id: string, EventPattern: Json, target: Json) =>
  wire.create(
    'AWS::Events::Rule',
    { Name: id, EventBusName: 'factory', EventPattern, Targets: [{ Id: 'T', ...target }] },
    id,
  );

const put = (DetailType: string, detail: Json, atS?: number) =>
  events.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: 'factory',
          Source: 'factory.twin',
          DetailType,
          Detail: JSON.stringify(detail),
          ...(atS !== undefined && { Time: new Date(atS * 1000) }),
        },
      ],
    }),
  );

describe('an archive', () => {
  it('replays what its pattern took in a span, in the order of the minutes, marked, to the chosen rule, once', async () => {
    const [live, again, chosen] = [await createQueue('live'), await createQueue('again'), await createQueue('chosen')];
    const kept = { 'detail-type': ['kept'] };
    await createRule('Live', { ...kept, 'replay-name': [{ exists: false }] }, { Arn: live.arn });
    await createRule('Again', { ...kept, 'replay-name': [{ exists: true }] }, { Arn: again.arn });
    const rule = await createRule('Chosen', kept, { Arn: chosen.arn });
    const archive = await wire.create(
      'AWS::Events::Archive',
      { ArchiveName: 'cases', SourceArn: busArn('factory'), EventPattern: kept, RetentionDays: 30 },
      'Archive',
    );
    const minute = Math.floor(Date.now() / 60_000) * 60 - 600;
    await put('kept', { n: 2 }, minute + 60);
    await put('kept', { n: 1 }, minute);
    await put('kept', { n: 3 }, minute + 300);
    await put('not kept', { n: 4 }, minute);
    await until(() => expect(live.take()).toHaveLength(3));
    await until(() => expect(chosen.take()).toHaveLength(3));

    const start = (ReplayName: string, bus: string, FilterArns?: string[]) =>
      events.send(
        new StartReplayCommand({
          ReplayName,
          EventSourceArn: archive.attributes!.Arn!,
          EventStartTime: new Date(minute * 1000),
          EventEndTime: new Date((minute + 300) * 1000),
          Destination: { Arn: busArn(bus), ...(FilterArns && { FilterArns }) },
        }),
      );
    await start('to-one', 'factory', [rule.attributes!.Arn!]);
    const describeReplay = () => events.send(new DescribeReplayCommand({ ReplayName: 'to-one' }));
    await until(async () => expect((await describeReplay()).State).toBe('COMPLETED'));
    expect((await describeReplay()).EventLastReplayedTime).toEqual(new Date((minute + 60) * 1000));
    await until(() => expect(deliveries.pendingCount).toBe(0));
    const replayed = chosen.take().map(({ event }) => event);
    expect(replayed.map(({ detail }) => (detail as Json).n)).toEqual([1, 2]);
    expect(replayed[0]).toMatchObject({ 'replay-name': 'to-one', source: 'factory.twin' });
    expect(again.take()).toEqual([]);

    await start('to-all', 'factory');
    await until(() => expect(deliveries.pendingCount).toBe(0));
    expect(again.take()).toHaveLength(2); // the first replay was not archived
    expect(live.take()).toEqual([]);
    await expect(start('to-all', 'factory')).rejects.toThrow('Replay to-all already exists.');
    await expect(start('elsewhere', 'other')).rejects.toThrow('Cross event bus replay is not permitted.');
  });
});

describe('an API destination', () => {
  const role = (action: string) => ({
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    Policies: [
      { PolicyName: 'P', PolicyDocument: { Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] } },
    ],
  });
  async function createDestination(id: string, more: Json = {}, AuthParameters?: Json) {
    const connection = await wire.create(
      'AWS::Events::Connection',
      AuthParameters ?? {
        AuthorizationType: 'API_KEY',
        AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'x-cmms-key', ApiKeyValue: `key of ${id}` } },
      },
      `${id}Connection`,
    );
    const { port } = receiver.address() as AddressInfo;
    const destination = await wire.create(
      'AWS::Events::ApiDestination',
      {
        ConnectionArn: connection.attributes!.Arn,
        HttpMethod: 'POST',
        InvocationEndpoint: `http://127.0.0.1:${port}/orders`,
        ...more,
      },
      id,
    );
    const RoleArn = (await wire.create('AWS::IAM::Role', role('events:InvokeApiDestination'), `${id}Role`)).attributes!
      .Arn!;
    received = [];
    answers = [];
    return { Arn: destination.attributes!.Arn!, RoleArn, secret: connection.attributes!.SecretArn! };
  }

  it('posts the event with the key of its connection, which lies in Secrets Manager', async () => {
    const { secret, ...target } = await createDestination('Cmms');
    await createRule(
      'Orders',
      { 'detail-type': ['order'] },
      {
        ...target,
        InputPath: '$.detail',
        HttpParameters: {
          HeaderParameters: { 'x-site': 'north' },
          QueryStringParameters: { machine: '$.detail.machineId' },
        },
      },
    );
    await put('order', { machineId: 'P 1' });
    await until(() => expect(received).toHaveLength(1));
    expect(received[0]).toMatchObject({ method: 'POST', url: '/orders?machine=P+1', body: '{"machineId":"P 1"}' });
    expect(received[0]!.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-cmms-key': 'key of Cmms',
      'x-site': 'north',
    });
    await wire.cloud.call(
      'secretsmanager',
      'PutSecretValue',
      { SecretId: secret, SecretString: '{"username":"twin","password":"geheim"}' },
      owner,
    );
    await put('order', { machineId: 'P2' });
    await until(() => expect(received).toHaveLength(2));
    expect(received[1]!.headers.authorization).toBe(`Basic ${Buffer.from('twin:geheim').toString('base64')}`);
  });

  it('comes again after 503 and 429, not before the receiver wants it, and gives up at 400 with the reason', async () => {
    const { secret: _, ...target } = await createDestination('Flaky');
    const dead = await createQueue('dead');
    await createRule('Flaky', { 'detail-type': ['flaky'] }, { ...target, DeadLetterConfig: { Arn: dead.arn } });
    answers = [{ status: 503 }, { status: 429, headers: { 'retry-after': '1' } }];
    await put('flaky', { n: 1 });
    await until(() => expect(received).toHaveLength(3));
    expect(received[2]!.atMs - received[1]!.atMs).toBeGreaterThanOrEqual(950);
    answers = [{ status: 400 }];
    await put('flaky', { n: 2 });
    await until(() => expect(deliveries.pendingCount).toBe(0));
    expect(received).toHaveLength(4);
    const [letter] = dead.take();
    expect(letter?.event.detail).toEqual({ n: 2 });
    expect(letter?.told).toMatchObject({
      ERROR_MESSAGE: { StringValue: 'API destination Test-Flaky answered 400' },
      RETRY_ATTEMPTS: { StringValue: '0' },
    });
    expect(wire.told.join('\n')).not.toContain('key of Flaky');
    answers = [{ status: 503, headers: { 'retry-after': '-1' } }];
    await put('flaky', { n: 3 });
    await until(() => expect(dead.take()).toHaveLength(1)); // never again, it said
  });

  it('keeps to its rate, without counting the wait as a try', async () => {
    const { secret: _, ...target } = await createDestination('Slow', { InvocationRateLimitPerSecond: 20 });
    await createRule('Slow', { 'detail-type': ['slow'] }, { ...target, RetryPolicy: { MaximumRetryAttempts: 0 } });
    for (let n = 0; n < 5; n++) await put('slow', { n });
    await until(() => expect(received).toHaveLength(5));
    // Four waits of 50 ms, less what timers may be early; without a rate they come within a few milliseconds.
    expect(received[4]!.atMs - received[0]!.atMs).toBeGreaterThanOrEqual(150);
  });

  it.each<[string, Json, Json | undefined, string]>([
    [
      'plain HTTP to elsewhere',
      { InvocationEndpoint: 'http://plant.example/x' },
      undefined,
      'allowed is an https:// address',
    ],
    ['a method that is none', { HttpMethod: 'TRACE' }, undefined, 'HttpMethod: got "TRACE"'],
    [
      'an unmodelled authorization',
      {},
      { AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS' },
      'modelled are API_KEY and BASIC',
    ],
  ])('%s stops the start', async (_, more, connection, says) => {
    await expect(createDestination('Wrong', more, connection)).rejects.toThrow(says);
  });

  it('needs the permission to invoke it', async () => {
    const { Arn } = await createDestination('Closed');
    const { attributes } = await wire.create('AWS::IAM::Role', role('sqs:SendMessage'), 'WrongRole');
    await createRule('Closed', { 'detail-type': ['closed'] }, { Arn, RoleArn: attributes!.Arn });
    await put('closed', {});
    await until(() => expect(wire.told.join('\n')).toMatch(/not authorized to perform: events:InvokeApiDestination/));
    expect(received).toEqual([]);
    await expect(createRule('NoRole', { source: ['x'] }, { Arn })).rejects.toThrow('needs a RoleArn');
    const DeadLetterConfig = { Arn: 'arn:aws:sqs:us-east-1:000000000000:x.fifo' };
    const intoFifo = createRule('Fifo', { source: ['x'] }, { Arn: DeadLetterConfig.Arn, DeadLetterConfig });
    await expect(intoFifo).rejects.toThrow('allowed is a standard queue');
  });
});

it('a secret is created once, found by name and by ARN, and its value can be replaced', async () => {
  const call = (operation: string, input: Json) => wire.cloud.call('secretsmanager', operation, input, owner);
  const { ARN } = (await call('CreateSecret', { Name: 'plant/cmms', SecretString: '{"a":1}' })) as { ARN: string };
  expect(secrets.read('plant/cmms')).toBe('{"a":1}');
  await call('PutSecretValue', { SecretId: ARN, SecretString: '{"a":2}' });
  expect(await call('GetSecretValue', { SecretId: 'plant/cmms' })).toMatchObject({ ARN, SecretString: '{"a":2}' });
  await expect(call('CreateSecret', { Name: 'plant/cmms', SecretString: 'x' })).rejects.toThrow('exists already');
  await expect(call('GetSecretValue', { SecretId: 'plant/other' })).rejects.toThrow(
    "can't find the secret plant/other",
  );
});

/** After the user guide, "Input transformation". */
describe('what a rule hands to its target', () => {
  const event = {
    id: 'e1',
    'detail-type': 'anomaly',
    detail: { machine: 'P"1', health: 40, findings: [{ code: 'wear' }], note: null },
  };
  const rule = { arn: 'arn:rule', name: 'R', nowMs: 0 };
  const transform = (InputTemplate: string, InputPathsMap = {}) =>
    makeTargetInput({ InputTransformer: { InputTemplate, InputPathsMap } }, event, rule);

  it.each<[string, Record<string, string>, unknown]>([
    ['{"m":"<m>","h":<h>}', { m: '$.detail.machine', h: '$.detail.health' }, { m: 'P"1', h: 40 }],
    ['{"m":<m>}', { m: '$.detail.machine' }, { m: 'P"1' }],
    ['{"f":<f>}', { f: '$.detail.findings' }, { f: [{ code: 'wear' }] }],
    ['{"c":"code <c>"}', { c: '$.detail.findings[0].code' }, { c: 'code wear' }],
    ['{"none":"<n>"}', { n: '$.detail.nothing' }, { none: '' }],
    ['"<m> has <h>"', { m: '$.detail.machine', h: '$.detail.health' }, 'P"1 has 40'],
    ['<h> of <name>', { h: '$.detail.health', name: '$.id' }, '40 of "e1"'],
    [
      '{"r":"<aws.events.rule-name>","at":<aws.events.event.ingestion-time>}',
      {},
      { r: 'R', at: '1970-01-01T00:00:00.000Z' },
    ],
    ['{"e":<aws.events.event>}', {}, { e: { id: 'e1', 'detail-type': 'anomaly' } }],
    ['{"e":<aws.events.event.json>}', {}, { e: event }],
  ])('%s', (template, paths, expected) => {
    expect(transform(template, paths)).toEqual(expected);
  });

  it.each<[Parameters<typeof checkTargetInput>[0], string]>([
    [{ Input: '{' }, 'Input: got {, allowed is JSON'],
    [{ InputPath: '$.detail.list[*].x' }, 'InputPath: got "$.detail.list[*].x"'],
    [{ InputTransformer: { InputTemplate: '{"a":<b>}' } }, 'InputTemplate: <b> is not in InputPathsMap'],
  ])('%j stops the start', (target, says) => {
    expect(() => checkTargetInput(target)).toThrow(says);
  });
});
