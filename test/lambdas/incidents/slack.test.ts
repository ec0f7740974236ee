import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifySlack } from '../../../core/incidents/slack-press.ts';
import type { UrlRequest } from '../../../lambdas/acknowledge/deps.ts';
import { createAcknowledgeHandler } from '../../../lambdas/acknowledge/handler.ts';
import { actOnIncident } from '../../../lambdas/incidents/act.ts';
import { startMs } from '../../core/incidents/plant.ts';
import { openFloor } from './floor.ts';

const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5';
const macBy = (secret: string) => (text: string) => createHmac('sha256', secret).update(text).digest('hex');

async function openSlack() {
  const floor = openFloor();
  await floor.observe({});
  const incidentId = [...floor.incidents.keys()][0]!;
  const answers: { url: string; body: Readonly<Record<string, unknown>> }[] = [];
  const handle = createAcknowledgeHandler({
    store: floor.store,
    act: (id, event) => actOnIncident(floor.deps, id, event),
    loadMac: async () => macBy('links'),
    nowMs: floor.deps.nowMs,
    slack: {
      loadMac: async () => macBy(signingSecret),
      sender: { post: async (request) => void answers.push(request) },
    },
    log: floor.deps.log,
  });
  const press = (change: { body?: string; timestampS?: number; secret?: string; actionId?: string } = {}) => {
    const payload = {
      type: 'block_actions',
      user: { id: 'U1', username: 'ines' },
      actions: [{ action_id: change.actionId ?? 'acknowledge', value: incidentId }],
      response_url: 'https://hooks.slack.com/actions/T0/1/x',
    };
    const body = change.body ?? `payload=${encodeURIComponent(JSON.stringify(payload))}`;
    const timestamp = String(change.timestampS ?? startMs / 1000);
    const request: UrlRequest = {
      rawPath: '/slack',
      headers: {
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${macBy(change.secret ?? signingSecret)(`v0:${timestamp}:${body}`)}`,
      },
      body: Buffer.from(body).toString('base64'),
      isBase64Encoded: true,
      requestContext: { http: { method: 'POST' } },
    };
    return handle(request).then(({ statusCode }) => statusCode);
  };
  const state = () => floor.incidents.get(incidentId);
  return { floor, press, answers, state };
}

describe('a button of Slack', () => {
  it('acknowledges as who pressed it, says so in the channel, and does it once', async () => {
    const { press, answers, state, floor } = await openSlack();
    expect(await press()).toBe(200);
    expect(state()).toMatchObject({ state: 'acknowledged', acknowledged: { by: 'ines, in Slack' } });
    expect(answers).toMatchObject([
      { url: 'https://hooks.slack.com/actions/T0/1/x', body: { text: expect.stringContaining('by ines, in Slack') } },
    ]);
    const before = floor.history.length;
    expect(await press()).toBe(200);
    expect(floor.history).toHaveLength(before);
  });

  it.each([
    ['signed by another secret', { secret: 'guess' }, 401],
    ['older than five minutes', { timestampS: startMs / 1000 - 301 }, 401],
    ['from the future', { timestampS: startMs / 1000 + 301 }, 401],
    ['that is no payload', { body: 'payload=nonsense' }, 400],
    ['that is another button', { actionId: 'open_page' }, 200],
  ])('does nothing %s', async (_, change, statusCode) => {
    const { press, state, answers } = await openSlack();
    expect(await press(change)).toBe(statusCode);
    expect(state()?.state).toBe('open');
    expect(answers).toEqual([]);
  });

  it('does what Slack’s own worked example of a signature says', () => {
    // docs.slack.dev, "Verifying requests from Slack": secret, timestamp and body of the example.
    const body =
      'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
    const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
    const request = { timestamp: '1531420618', signature, body };
    expect(verifySlack(request, macBy(signingSecret), 1531420618_000)).toBe(true);
    expect(verifySlack({ ...request, body: `${body}x` }, macBy(signingSecret), 1531420618_000)).toBe(false);
  });
});
