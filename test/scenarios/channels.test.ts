import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channels } from '../../core/incidents/channels/channel.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { type Json, owner } from '../../local/engine.ts';
import { complaintsOf } from '../core/incidents/vendor-schemas.ts';
import { type Operations, openOperations } from '../local/operations.ts';
import { synthesiseOwn } from '../local/own-stage.ts';
import { openReceiver, type Received, type Receiver } from './receiver.ts';
import { expectEventsToKeepTheirSchemas } from './shop-floor.ts';
import { expectNoSecretTold } from './written.ts';

/**
 * Every channel over a real wire: a stage that routes to all of them, and one receiver on this machine in the place of Slack,
 * PagerDuty, Telegram, a plant's webhook and its maintenance system. It takes only what the vendor's schema takes.
 */
const routingKey = 'R0UT1NG'.padEnd(32, 'x');
const botToken = '123456:a-bot-token';
const slackPath = '/services/T0/B0/a-webhook-secret';

const schemas: readonly (readonly [RegExp, string])[] = [
  [/^\/services\//, 'slack-message'],
  [/^\/v2\/enqueue$/, 'pagerduty-events-v2'],
  [/^\/bot[^/]+\/sendMessage$/, 'telegram-send-message'],
];

/** As the vendors answer: 400 to what is not of their form. */
function judge({ path, headers, body }: Received): number {
  if (headers['content-type'] !== 'application/json; charset=utf-8') return 415;
  const schema = schemas.find(([place]) => place.test(path))?.[1];
  return schema === undefined || complaintsOf(schema, body).length === 0 ? 200 : 400;
}

async function runTestAlert(channel: string, endpoint: string) {
  const args = ['bin/test-alert.ts', 'local', '--channel', channel];
  const child = spawn(process.execPath, args, { env: { ...process.env, AWS_ENDPOINT_URL: endpoint } });
  let says = '';
  child.stderr.on('data', (chunk: Buffer) => {
    says += chunk.toString();
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, says };
}

describe('every channel', () => {
  let test: Operations;
  let receiver: Receiver;
  let assembly: string;
  const cmmsUrl = 'https://cmms.plant.example/orders';
  beforeAll(async () => {
    receiver = await openReceiver(judge);
    assembly = await synthesiseOwn({
      alerting: {
        routes: [
          { channel: 'slack' },
          { channel: 'pagerduty', atLeast: 'critical' },
          { channel: 'telegram', machineTypes: ['centrifugal-pump'] },
          { channel: 'webhook', sites: ['Kiel'], lines: ['cooling'] },
          { channel: 'amazon_q' },
        ],
        slackButtons: true,
        amazonQ: { workspaceId: 'T0123ABCD', channelId: 'C0123ABCD' },
      },
      maintenance: { cmms: { url: cmmsUrl } },
    });
    test = await openOperations((template) => template.replaceAll(cmmsUrl, `${receiver.url}/cmms/orders`), assembly);
    const secrets = {
      slack: `${receiver.url}${slackPath}`,
      pagerduty: JSON.stringify({ routingKey, address: receiver.url }),
      telegram: JSON.stringify({ botToken, chatId: '-100200', address: receiver.url }),
      webhook: `${receiver.url}/a-webhook-of-the-plant`,
    };
    for (const [channel, SecretString] of Object.entries(secrets)) {
      const secret = { SecretId: `factory-local-channel-${channel}`, SecretString };
      await test.laptop.cloud.call('secretsmanager', 'PutSecretValue', secret, owner);
    }
  });
  afterAll(async () => {
    await test?.stop();
    await receiver?.close();
    rmSync(assembly ?? '', { recursive: true, force: true });
  });

  const at = (path: string): Json[] => receiver.taken.flatMap((one) => (one.path.startsWith(path) ? [one.body] : []));
  const chats = (): string[] => test.mails().filter((text) => text.startsWith('To: Slack channel'));
  const openedOf = (machineId: string): string => {
    const opened = test.events.find(
      ({ detail, ...event }) => event['detail-type'] === 'incident' && (detail as Json).machineId === machineId,
    );
    return ((opened?.detail as Json | undefined)?.incident as Incident | undefined)?.incidentId ?? '';
  };

  it('hears of an incident from its opening to its end, each in the form its vendor takes, in order and once', async () => {
    const machineId = 'PUMP-301';
    await test.observe({ machineId, severity: 'critical', decision: 'human_review' });
    await test.until(() => expect(openedOf(machineId)).not.toBe(''));
    const incidentId = openedOf(machineId);
    for (const kind of ['acknowledge', 'resolve', 'close'] as const)
      await test.desk.act(incidentId, { kind, by: 'Ines' });
    await test.until(() => expect(receiver.taken).toHaveLength(12));
    expect(receiver.refusals()).toBe(0);

    expect(at('/v2/enqueue')).toMatchObject(
      ['trigger', 'acknowledge', 'resolve'].map((event_action) => ({
        ...{ event_action, dedup_key: incidentId, routing_key: routingKey },
      })),
    );
    expect(at('/v2/enqueue')[0]).toMatchObject({
      payload: { severity: 'critical', source: machineId, class: 'vibration', group: 'Kiel/cooling' },
    });
    const verbs = ['New', 'Acknowledged', 'Closed'].map((verb) => `[CRITICAL] ${verb}: PUMP-301: Vibration`);
    expect(at(slackPath).map(({ text }) => text)).toEqual(verbs);
    expect(JSON.stringify(at(slackPath)[0])).toContain(`"action_id":"acknowledge","value":"${incidentId}"`);
    expect(at(`/bot${botToken}/sendMessage`).map(({ text }) => String(text).split('\n')[0])).toEqual(verbs);
    expect(at(`/bot${botToken}/sendMessage`)[0]).toMatchObject({ chat_id: '-100200' });
    expect(at('/a-webhook-of-the-plant').map(({ kind, title }) => [kind, title])).toEqual([
      ['opened', verbs[0]],
      ['acknowledged', verbs[1]],
      ['closed', verbs[2]],
    ]);
  });

  it('shows it in the Slack channel of Amazon Q, one thread an incident', async () => {
    const thread = `To: Slack channel C0123ABCD of workspace T0123ABCD, thread ${openedOf('PUMP-301')}`;
    await test.until(() => expect(chats().map((text) => text.split('\n')[0])).toEqual([thread, thread, thread]));
    const [first = ''] = chats();
    expect(first).toContain('Subject: [CRITICAL] New: PUMP-301: Vibration');
    expect(first).toContain('• Replace the bearings');
    const page = await (await fetch(`${test.laptop.url}/mailbox`)).text();
    expect(page).toContain('to Slack channel C0123ABCD of workspace T0123ABCD');
  });

  it('leaves out of that channel what is no custom notification, and says why in its log', async () => {
    const TopicArn = 'arn:aws:sns:us-east-1:000000000000:factory-local-alerts-chat';
    const before = chats().length;
    const content = { description: 'a pump', titel: 'a misspelt field' };
    const wrong = ['plain words', JSON.stringify({ version: '1.0', source: 'custom', content })];
    for (const Message of wrong) await test.laptop.cloud.call('sns', 'Publish', { TopicArn, Message }, owner);
    const told = () => test.told.filter((line) => line.includes('Event received is not supported'));
    await test.until(() => expect(told()).toHaveLength(2));
    expect(told().join('\n')).toContain('Unrecognized key: "titel"');
    expect(chats()).toHaveLength(before);
  });

  it('keeps to its route: a watch goes to no phone and to no one on call', async () => {
    const before = receiver.taken.length;
    await test.observe({ machineId: 'PUMP-302', severity: 'watch', decision: 'watch' });
    await test.until(() => expect(receiver.taken).toHaveLength(before + 2));
    expect(
      receiver.taken
        .slice(before)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['/a-webhook-of-the-plant', slackPath]);
  });

  it('tells the plant’s maintenance system each news of a work order, with its key and without the token', async () => {
    await test.observe({ machineId: 'PUMP-303' });
    const news = () => at('/cmms/orders').map(({ detail }) => (detail as Json).news);
    await test.until(() => expect(news()).toEqual(['proposed']));
    const { order } = at('/cmms/orders')[0]!.detail as { order: { workOrderId: string } };
    const voice = { by: 'Ines', verdict: 'approve', reason: '', untilMs: null, atMs: Date.now() } as const;
    await test.desk.decide(order.workOrderId, voice);
    await test.until(() => expect(news()).toEqual(['proposed', 'scheduled']));
    await test.until(() => expect(test.laptop.states.listExecutions().map(({ state }) => state)).toContain('Await'));
    const findings = { result: 'confirmed', text: 'worn', partsReplaced: ['bearing 6205'], by: 'Ola' } as const;
    await test.desk.report(order.workOrderId, { ...findings, atMs: Date.now() });
    await test.until(() => expect(news()).toEqual(['proposed', 'scheduled', 'done']));

    const SecretId = 'factory-local-channel-cmms';
    const key = (await test.laptop.cloud.call('secretsmanager', 'GetSecretValue', { SecretId }, owner)) as Json;
    const sent = receiver.taken.filter(({ path }) => path === '/cmms/orders');
    expect(new Set(sent.map(({ headers }) => headers['x-api-key']))).toEqual(new Set([key.SecretString]));
    expectEventsToKeepTheirSchemas(sent.map(({ body }) => body));
    expect(JSON.stringify(sent)).not.toContain('"token"');
    expect(sent[0]?.body).toMatchObject({
      'detail-type': 'maintenance',
      detail: {
        order: { state: 'proposed', machineId: 'PUMP-303', cost: { actingEur: 936 }, action: { parts: [{}] } },
      },
    });
  });

  it('gets a test alert by the command, which tells by a sentence what is wrong', async () => {
    const command = (channel: string) => runTestAlert(channel, test.laptop.url);
    for (const channel of channels) expect(await command(channel)).toMatchObject({ code: 0 });
    const heard = receiver.taken.filter(({ body }) => JSON.stringify(body).includes('this is a test of the channel'));
    expect(heard.map(({ path }) => path).sort()).toEqual([
      '/a-webhook-of-the-plant',
      `/bot${botToken}/sendMessage`,
      slackPath,
      '/v2/enqueue',
    ]);
    await test.until(() => expect(chats().filter((text) => text.includes('Test machine'))).toHaveLength(1));
    receiver.setUp(false);
    expect(await command('slack')).toEqual({ code: 1, says: expect.stringMatching(/answered 503/) });
    receiver.setUp(true);
    const secret = { SecretId: 'factory-local-channel-slack', SecretString: 'https://example.org/hook' };
    await test.laptop.cloud.call('secretsmanager', 'PutSecretValue', secret, owner);
    expect(await command('slack')).toEqual({ code: 1, says: expect.stringMatching(/is no webhook address/) });
  });

  it('and none of their secrets is in a log, an event, an environment or a mail', () => {
    expectNoSecretTold(test);
    expectEventsToKeepTheirSchemas(test.events);
  });
});
