import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retryDelayS } from '../../../core/incidents/channels/retry.ts';
import { HttpChannelSender } from '../../../lambdas/adapters/http-channel-sender.ts';
import { type ChannelsDeps, createChannelsHandler } from '../../../lambdas/channels/handler.ts';
import type { ChannelMessage } from '../../../lambdas/ports/channel-queue.ts';
import { createPlant } from '../../core/incidents/plant.ts';

const secret = 'https://hooks.slack.com/services/T0/B0/secret';

/** Slack, on this machine: what it took, and whether it is up. */
function openReceiver() {
  const taken: { text: string }[] = [];
  let status = 200;
  let retryAfter: string | null = null;
  const once: number[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const answer = once.shift() ?? status;
      if (answer === 200) taken.push(JSON.parse(body));
      response.writeHead(answer, retryAfter === null ? {} : { 'retry-after': retryAfter }).end('ok');
    });
  });
  return {
    taken,
    goDown: (by = 503, askedS: string | null = null) => {
      status = by;
      retryAfter = askedS;
    },
    comeBack: () => {
      status = 200;
      retryAfter = null;
    },
    /** One answer each to the next that come. */
    answer: (...statuses: number[]) => once.push(...statuses),
    open: () => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)),
    close: () => new Promise<void>((done) => server.close(() => done())),
    url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  };
}

function lifeOfAnIncident(receives = 1): ChannelMessage[] {
  const plant = createPlant();
  plant.observe({});
  const [id] = plant.incidents.keys();
  plant.act(id!, { kind: 'acknowledge', by: 'Ines' });
  plant.act(id!, { kind: 'resolve', by: 'Ines' });
  plant.act(id!, { kind: 'close', by: 'Ines' });
  return plant.notices.map(({ noticeId, ...rest }) => ({
    messageId: noticeId,
    receiptHandle: `receipt of ${noticeId}`,
    attributes: { ApproximateReceiveCount: String(receives), MessageGroupId: 'slack' },
    body: JSON.stringify({ detail: { eventId: noticeId, ...rest } }),
  }));
}

describe('a channel', () => {
  const receiver = openReceiver();
  const warnings: string[] = [];
  const setAside: { message: ChannelMessage; reason: string }[] = [];
  const hidden: { count: number; forS: number }[] = [];
  const silent = () => undefined;
  const http = new HttpChannelSender();
  const deps: ChannelsDeps = {
    channel: 'slack',
    routes: [{ channel: 'slack', atLeast: 'warning' }],
    // The address of the secret is the vendor's; here the same request goes to the receiver instead.
    sender: { post: ({ body }) => http.post({ url: receiver.url(), body }) },
    queue: {
      setAside: async (message, reason) => void setAside.push({ message, reason }),
      hide: async (messages, forS) => void hidden.push({ count: messages.length, forS }),
    },
    spacing: { firstS: 5, longestS: 300 },
    loadSecret: async () => secret,
    linksFor: async () => ({ incident: null, acknowledge: null, runbook: 'docs/runbook.md' }),
    log: { info: silent, error: silent, warn: (message, fields) => warnings.push(message + JSON.stringify(fields)) },
    metrics: { count: silent, durationMs: silent, flush: silent },
  };
  const verbs = () => receiver.taken.map(({ text }) => text.split(':')[0]);
  beforeEach(async () => {
    for (const list of [receiver.taken, warnings, setAside, hidden]) list.length = 0;
    receiver.comeBack();
    await receiver.open();
  });
  afterEach(() => receiver.close());

  it('that was down gets everything once it is back, in order, once; its secret is in no log', async () => {
    const handle = createChannelsHandler(deps);
    let waiting = lifeOfAnIncident();
    const deliver = async () => {
      const { batchItemFailures } = await handle({ Records: waiting });
      waiting = waiting.filter(({ messageId }) => batchItemFailures.some((f) => f.itemIdentifier === messageId));
    };
    receiver.goDown();
    for (let minute = 0; minute < 3; minute++) await deliver();
    expect(waiting).toHaveLength(3);
    receiver.comeBack();
    await deliver();
    expect(waiting).toHaveLength(0);
    expect(verbs()).toEqual(['[WARNING] New', '[WARNING] Acknowledged', '[WARNING] Closed']);
    expect(warnings.join()).toMatch(/answered 503/);
    expect(warnings.join()).not.toContain('services/T0');
  });

  it.each([400, 403, 404, 410])(
    'sets aside what is refused by %i, with the reason, and goes on with the next',
    async (status) => {
      receiver.answer(200, status);
      const messages = lifeOfAnIncident();
      expect(await createChannelsHandler(deps)({ Records: messages })).toEqual({ batchItemFailures: [] });
      expect(verbs()).toEqual(['[WARNING] New', '[WARNING] Closed']);
      expect(setAside).toEqual([
        { message: messages[1], reason: `127.0.0.1:${new URL(receiver.url()).port} answered ${status}` },
      ]);
      expect(hidden).toEqual([]);
      expect(warnings.join()).toMatch(/was refused and lies in the dead letters/);
    },
  );

  it('keeps back one that is refused while its dead letters cannot take it', async () => {
    receiver.answer(400);
    const queue = { ...deps.queue, setAside: () => Promise.reject(new Error('throttled')) };
    const { batchItemFailures } = await createChannelsHandler({ ...deps, queue })({ Records: lifeOfAnIncident() });
    expect(batchItemFailures).toHaveLength(3);
    expect(receiver.taken).toEqual([]);
  });

  it.each([408, 425, 429, 500, 503])('takes %i for an outage, and waits twice as long each time', async (status) => {
    receiver.goDown(status);
    for (const receives of [1, 2, 3, 18]) {
      const { batchItemFailures } = await createChannelsHandler(deps)({ Records: lifeOfAnIncident(receives) });
      expect(batchItemFailures).toHaveLength(3);
    }
    expect(hidden).toEqual([5, 10, 20, 300].map((forS) => ({ count: 3, forS })));
    expect(setAside).toEqual([]);
  });

  it('leaves a receiver alone for as long as it asks, within bounds', async () => {
    for (const asked of ['30', '2', '86400', 'Wed, 21 Oct 2026 07:28:00 GMT', '-1']) {
      receiver.goDown(429, asked);
      await createChannelsHandler(deps)({ Records: lifeOfAnIncident() });
    }
    expect(hidden.map(({ forS }) => forS)).toEqual([30, 5, 900, 5, 5]);
  });

  it('sends nothing twice though its queue does not hide what waits', async () => {
    receiver.answer(200, 503);
    const queue = { ...deps.queue, hide: () => Promise.reject(new Error('throttled')) };
    const { batchItemFailures } = await createChannelsHandler({ ...deps, queue })({ Records: lifeOfAnIncident() });
    expect(batchItemFailures).toHaveLength(2);
    expect(warnings.at(-1)).toMatch(/throttled/);
  });

  it('tries for an hour before its queue gives up', () => {
    const waitsS = Array.from({ length: 17 }, (_, i) => retryDelayS(i + 1, null, deps.spacing));
    expect(waitsS.reduce((sum, s) => sum + s, 0)).toBe(3615);
  });

  it('sends nothing by a secret that nobody filled in, and says so', async () => {
    const handle = createChannelsHandler({ ...deps, loadSecret: async () => 'x'.repeat(32) });
    const { batchItemFailures } = await handle({ Records: lifeOfAnIncident() });
    expect(batchItemFailures).toHaveLength(3);
    expect(warnings.at(-1)).toMatch(/no webhook address/);
  });
});
