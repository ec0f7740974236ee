import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moveBack } from '../../bin/redrive/move-back.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import { channelQueueName, deadLettersName } from '../../lib/names.ts';
import { type Json, owner } from '../../local/engine.ts';
import { type Operations, openOperations } from '../local/operations.ts';
import { openReceiver, type Received, type Receiver } from './receiver.ts';
import { expectEventsToKeepTheirSchemas } from './shop-floor.ts';
import { expectNoSecretTold } from './written.ts';

/**
 * What people hear of, and what becomes of what they do not answer, through the laptop cloud. Anomaly events are put on the
 * bus as detection puts them; the stage's minutes and hours are seconds here.
 */
const hurried = (template: string): string =>
  template
    .replaceAll('"ACKNOWLEDGE_CRITICAL_S": "600"', '"ACKNOWLEDGE_CRITICAL_S": "3"')
    .replaceAll('"FLAP_HOLD_S": "600"', '"FLAP_HOLD_S": "2"')
    .replaceAll('\\"TimeoutSeconds\\":28800', '\\"TimeoutSeconds\\":2')
    // Its queue would show a notice again after two minutes: that it comes sooner is the channel’s doing.
    .replaceAll('"FIRST_RETRY_S": "5"', '"FIRST_RETRY_S": "1"');

const queueName = channelQueueName('local', 'webhook');
/** Machines of which the receiver refuses the next notice for good. */
const unwanted = new Set<string>();
const judge = ({ body }: Received): number =>
  unwanted.delete((body.incident as Incident).caseFile.machineId) ? 400 : 204;

describe('what people hear of', () => {
  let test: Operations;
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await openReceiver(judge);
    test = await openOperations(hurried);
    const secret = { SecretId: 'factory-local-channel-webhook', SecretString: `${receiver.url}/a-secret-path` };
    await test.laptop.cloud.call('secretsmanager', 'PutSecretValue', secret, owner);
  });
  afterAll(async () => {
    await test?.stop();
    await receiver?.close();
  });

  const kindsOf = (machineId: string): string[] =>
    test.events.flatMap(({ detail, ...event }) => {
      const { machineId: id, kind } = detail as Json;
      return event['detail-type'] === 'incident' && id === machineId ? [String(kind)] : [];
    });
  const live = async (): Promise<Incident[]> => {
    const input = {
      TableName: 'factory-local-incidents',
      IndexName: 'live',
      KeyConditionExpression: 'liveSite = :site',
      ExpressionAttributeValues: { ':site': { S: 'Kiel' } },
    };
    const { Items } = (await test.laptop.cloud.call('dynamodb', 'Query', input, owner)) as { Items: Json[] };
    return Items.map((item) => JSON.parse((item.json as { S: string }).S) as Incident);
  };
  const deadLetters = async (): Promise<Json[]> => {
    const asking = { MaxNumberOfMessages: 10, VisibilityTimeout: 0, MessageAttributeNames: ['REASON'] };
    const input = { QueueUrl: deadLettersName(queueName), ...asking };
    const answer = (await test.laptop.cloud.call('sqs', 'ReceiveMessage', input, owner)) as { Messages?: Json[] };
    return (answer.Messages ?? []).map(({ Body, MessageAttributes }) => ({
      kind: (JSON.parse(String(Body)) as { detail: Json }).detail.kind,
      reason: (MessageAttributes as { REASON?: { StringValue: string } }).REASON?.StringValue,
    }));
  };

  it('a signal that flaps is one incident, told once, and closed when it stays away', async () => {
    const machineId = 'PUMP-201';
    const startMs = Date.now() - 20_000;
    for (let i = 0; i < 6; i++) {
      const openedAtMs = startMs + i * 1000;
      await test.observe({ machineId, decision: 'watch', openedAtMs, atMs: openedAtMs });
      await test.observe({ machineId, decision: 'watch', kind: 'cleared', openedAtMs, atMs: openedAtMs + 500 });
    }
    await test.until(() => expect(kindsOf(machineId)).toEqual(['opened', 'closed']));
    expect(test.subjects().filter((subject) => subject.includes(machineId))).toHaveLength(1);
  });

  it('one that nobody acknowledges goes to the next level, once, and keeps waiting there', async () => {
    const machineId = 'PUMP-202';
    await test.observe({ machineId, severity: 'critical', decision: 'human_review' });
    await test.until(() => expect(kindsOf(machineId)).toEqual(['opened', 'escalated']));
    const [incident] = (await live()).filter(({ caseFile }) => caseFile.machineId === machineId);
    expect(incident).toMatchObject({ state: 'open', level: 2, escalateAtMs: null });
    await test.until(() =>
      expect(test.subjects()).toContain(`[CRITICAL] Nobody acknowledged: ${machineId}: Vibration`),
    );
  });

  it('a question that nobody answers expires to the safe side: nothing is approved, nobody may report it done', async () => {
    const machineId = 'PUMP-203';
    await test.observe({ machineId });
    const newsOf = () =>
      test.events.flatMap(({ detail, ...event }) => {
        const { news, machineId: id } = detail as Json;
        return event['detail-type'] === 'maintenance' && id === machineId ? [String(news)] : [];
      });
    await test.until(() => expect(newsOf()).toEqual(['proposed', 'expired']));
    const find = () => test.mails().find((mail) => mail.includes('Nobody decided')) ?? '';
    await test.until(() => expect(find()).not.toBe(''));
    const workOrderId = /Work order: (\S+)/.exec(find())?.[1];
    const voice = { by: 'Ines', verdict: 'approve', reason: '', untilMs: null, atMs: Date.now() } as const;
    expect(await test.desk.decide(workOrderId ?? '', voice)).toMatchObject({
      ok: false,
      error: expect.stringContaining('is expired'),
    });
  });

  it('an event that comes twice, and a replay of the archive, change nothing and tell nobody', async () => {
    const machineId = 'PUMP-204';
    const openedAtMs = Date.now();
    for (let i = 0; i < 3; i++) await test.observe({ machineId, decision: 'human_review', openedAtMs });
    await test.until(() =>
      expect(receiver.taken.filter(({ body }) => String(body.id).startsWith(machineId))).toHaveLength(1),
    );
    const hasMailOf = (id: string) => () => expect(test.subjects().some((one) => one.includes(id))).toBe(true);
    await test.until(hasMailOf(machineId));
    const [before] = (await live()).filter(({ caseFile }) => caseFile.machineId === machineId);
    const [mails, taken, orders] = [test.mails().length, receiver.taken.length, test.news().length];
    const arn = (resource: string): string => `arn:aws:events:us-east-1:000000000000:${resource}`;
    const replay = {
      ReplayName: 'again',
      EventSourceArn: arn('archive/factory-local-events'),
      EventStartTime: openedAtMs / 1000 - 3600,
      EventEndTime: Date.now() / 1000 + 3600,
      Destination: { Arn: arn('event-bus/factory-local-events') },
    };
    await test.laptop.cloud.call('events', 'StartReplay', replay, owner);
    const describe = { ReplayName: replay.ReplayName };
    await test.until(async () =>
      expect(await test.laptop.cloud.call('events', 'DescribeReplay', describe, owner)).toMatchObject({
        State: 'COMPLETED',
        EventLastReplayedTime: expect.any(Number),
      }),
    );
    await test.until(() => expect(test.laptop.deliveries.pendingCount).toBe(0));
    await test.observe({ machineId: 'PUMP-205', decision: 'human_review' });
    await test.until(() => expect(kindsOf('PUMP-205')).toEqual(['opened']));
    await test.until(() => expect(receiver.taken.length).toBe(taken + 1));
    await test.until(hasMailOf('PUMP-205'));
    const [after] = (await live()).filter(({ caseFile }) => caseFile.machineId === machineId);
    expect(after).toEqual(before);
    expect(test.mails()).toHaveLength(mails + 1);
    expect(test.news()).toHaveLength(orders);
  });

  it('a receiver that was down gets everything when it is back, in order, once', async () => {
    const machineId = 'PUMP-206';
    receiver.setUp(false);
    await test.observe({ machineId, decision: 'human_review' });
    await test.until(() => expect(receiver.refusals()).toBeGreaterThan(1));
    const [incident] = (await live()).filter(({ caseFile }) => caseFile.machineId === machineId);
    const { incidentId } = incident!;
    for (const kind of ['acknowledge', 'resolve', 'close'] as const)
      await test.desk.act(incidentId, { kind, by: 'Ines' });
    receiver.setUp(true);
    const taken = () =>
      receiver.taken.map(({ body }) => body).filter(({ incident }) => (incident as Incident).incidentId === incidentId);
    await test.until(() => expect(taken().map(({ kind }) => kind)).toEqual(['opened', 'acknowledged', 'closed']));
    expect(new Set(taken().map(({ id }) => id)).size).toBe(3);
  });

  it('what a receiver refuses lies in the dead letters with the reason, and the next notice goes on at once', async () => {
    const machineId = 'PUMP-208';
    unwanted.add(machineId);
    const refusals = receiver.refusals();
    await test.observe({ machineId, decision: 'human_review' });
    await test.until(() => expect(receiver.refusals()).toBe(refusals + 1));
    const [incident] = (await live()).filter(({ caseFile }) => caseFile.machineId === machineId);
    const { incidentId } = incident!;
    for (const kind of ['acknowledge', 'resolve', 'close'] as const)
      await test.desk.act(incidentId, { kind, by: 'Ines' });
    const taken = () =>
      receiver.taken.map(({ body }) => body).filter((body) => (body.incident as Incident).incidentId === incidentId);
    await test.until(() => expect(taken().map(({ kind }) => kind)).toEqual(['acknowledged', 'closed']));
    // Nothing was asked twice, so nobody waited.
    expect(receiver.refusals()).toBe(refusals + 1);
    expect(await deadLetters()).toEqual([
      {
        kind: 'opened',
        reason: expect.stringMatching(/^127\.0\.0\.1:\d+ answered 400$/),
      },
    ]);
  });

  it('which a redrive moves back, once the receiver takes it', async () => {
    const [refusals, taken] = [receiver.refusals(), receiver.taken.length];
    expect(await moveBack(queueName, { connection: { region: 'us-east-1' }, listOnly: false })).toBe(1);
    await test.until(() => expect(receiver.taken.slice(taken).map(({ body }) => body.kind)).toEqual(['opened']));
    expect(receiver.refusals()).toBe(refusals);
    expect(await deadLetters()).toEqual([]);
  });

  it('a press in Slack acknowledges as who pressed, and one that is not signed by the app does nothing', async () => {
    const machineId = 'PUMP-207';
    await test.observe({ machineId, decision: 'human_review' });
    const find = async () => (await live()).find(({ caseFile }) => caseFile.machineId === machineId);
    await test.until(() => expect(test.mails().some((mail) => mail.includes(machineId))).toBe(true));
    const mail = test.mails().find((text) => text.includes(machineId)) ?? '';
    const url = new URL('slack', /Acknowledge: (\S+)\?/.exec(mail)?.[1]);
    const secret = { SecretId: 'factory-local-channel-slack-signing' };
    const answer = await test.laptop.cloud.call('secretsmanager', 'GetSecretValue', secret, owner);
    const { SecretString } = answer as { SecretString: string };
    const actions = [{ action_id: 'acknowledge', value: (await find())?.incidentId }];
    const payload = JSON.stringify({ type: 'block_actions', user: { username: 'ines' }, actions });
    const press = async (key: string): Promise<number> => {
      const body = `payload=${encodeURIComponent(payload)}`;
      const timestamp = String(Math.floor(Date.now() / 1000));
      const mac = createHmac('sha256', key).update(`v0:${timestamp}:${body}`).digest('hex');
      const headers = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${mac}` };
      return (await fetch(url, { method: 'POST', headers, body })).status;
    };
    expect(await press('a guess')).toBe(401);
    expect(await find()).toMatchObject({ state: 'open' });
    expect(await press(SecretString)).toBe(200);
    expect(await find()).toMatchObject({ state: 'acknowledged', acknowledged: { by: 'ines, in Slack' } });
  });

  it('and neither logs, events nor environments hold a secret', () => {
    expectEventsToKeepTheirSchemas(test.events);
    expectNoSecretTold(test);
  });
});
