import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpChannelSender } from '../../../lambdas/adapters/http-channel-sender.ts';
import { type ChannelsDeps, createChannelsHandler } from '../../../lambdas/channels/handler.ts';
import { createPlant } from '../../core/incidents/plant.ts';

const secret = 'https://hooks.slack.com/services/T0/B0/secret';

/** Slack, on this machine: what it took, and whether it is up. */
function openReceiver() {
  const taken: { text: string }[] = [];
  let status = 200;
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      if (status === 200) taken.push(JSON.parse(body));
      response.writeHead(status).end('ok');
    });
  });
  return {
    taken,
    goDown: () => {
      status = 503;
    },
    comeBack: () => {
      status = 200;
    },
    open: () => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)),
    close: () => new Promise<void>((done) => server.close(() => done())),
    url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  };
}

function lifeOfAnIncident() {
  const plant = createPlant();
  plant.observe({});
  const [id] = plant.incidents.keys();
  plant.act(id!, { kind: 'acknowledge', by: 'Ines' });
  plant.act(id!, { kind: 'resolve', by: 'Ines' });
  plant.act(id!, { kind: 'close', by: 'Ines' });
  return plant.notices.map(({ noticeId, ...rest }) => ({
    messageId: noticeId,
    body: JSON.stringify({ detail: { eventId: noticeId, ...rest } }),
  }));
}

describe('a channel', () => {
  const receiver = openReceiver();
  const warnings: string[] = [];
  const silent = () => undefined;
  const http = new HttpChannelSender();
  const deps: ChannelsDeps = {
    channel: 'slack',
    routes: [{ channel: 'slack', atLeast: 'warning' }],
    // The address of the secret is the vendor's; here the same request goes to the receiver instead.
    sender: { post: ({ body }) => http.post({ url: receiver.url(), body }) },
    loadSecret: async () => secret,
    linksFor: async () => ({ incident: null, acknowledge: null, runbook: 'docs/runbook.md' }),
    log: { info: silent, error: silent, warn: (message, fields) => warnings.push(message + JSON.stringify(fields)) },
    metrics: { count: silent, durationMs: silent, flush: silent },
  };
  beforeEach(() => receiver.open());
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
    expect(receiver.taken.map(({ text }) => text.split(':')[0])).toEqual([
      '[WARNING] New',
      '[WARNING] Acknowledged',
      '[WARNING] Closed',
    ]);
    expect(warnings.join()).toMatch(/answered 503/);
    expect(warnings.join()).not.toContain('services/T0');
  });

  it('sends nothing by a secret that nobody filled in, and says so', async () => {
    const handle = createChannelsHandler({ ...deps, loadSecret: async () => 'x'.repeat(32) });
    const { batchItemFailures } = await handle({ Records: lifeOfAnIncident() });
    expect(batchItemFailures).toHaveLength(3);
    expect(warnings.at(-1)).toMatch(/no webhook address/);
  });
});
