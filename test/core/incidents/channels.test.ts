import { describe, expect, it } from 'vitest';
import type { ChannelNotice } from '../../../core/incidents/channels/channel-notice.ts';
import { findSecretFault, toRequest } from '../../../core/incidents/channels/channel-request.ts';
import { toPagerDutyEvent } from '../../../core/incidents/channels/pagerduty.ts';
import { toSlackMessage } from '../../../core/incidents/channels/slack.ts';
import { toTelegramMessage } from '../../../core/incidents/channels/telegram.ts';
import { toWebhook } from '../../../core/incidents/channels/webhook.ts';
import { type Route, routesOf } from '../../../core/incidents/routing.ts';
import type { Notice } from '../../../core/incidents/settle.ts';
import { titleOf, whereOf, wordNotice } from '../../../core/incidents/wording.ts';
import { createPlant, type Sketch, startMs } from './plant.ts';
import { complaintsOf } from './vendor-schemas.ts';

const links = {
  incident: 'https://twin.example/#/machines/PUMP-001',
  acknowledge: 'https://ack.example/?link=a~b.c',
  runbook: 'docs/runbook.md#incidents',
};

function noticesOf(sketch: Sketch): ChannelNotice[] {
  const plant = createPlant();
  plant.observe(sketch);
  const [id] = plant.incidents.keys();
  plant.act(id!, { kind: 'acknowledge', by: 'Ines' });
  plant.act(id!, { kind: 'resolve', by: 'Ines' });
  plant.act(id!, { kind: 'close', by: 'Ines' });
  return plant.notices.map((notice) => ({ notice, wording: wordNotice(notice, links), links }));
}

const long = { machineId: 'P'.repeat(200), code: `c${'x'.repeat(300)}<!channel>` };
const secrets = {
  slack: 'https://hooks.slack.com/services/T0/B0/x',
  pagerduty: 'a1'.repeat(16),
  telegram: '{"botToken":"1:x","chatId":"-100"}',
  amazon_q: 'arn:aws:sns:eu-central-1:000000000000:chat',
} as const;
const schemas = {
  slack: 'slack-message',
  pagerduty: 'pagerduty-events-v2',
  telegram: 'telegram-send-message',
  amazon_q: 'amazon-q-custom-notification',
} as const;
const vendors = Object.keys(schemas) as (keyof typeof schemas)[];

describe('a notice on its channel', () => {
  it.each(vendors)('fits what %s publishes, at every step and however long the names are', (vendor) => {
    const cases = [{}, { severity: 'critical' as const }, long].flatMap(noticesOf);
    const withButtons = cases.map((notice) => ({ ...notice, links: { ...notice.links, slackButtons: true } }));
    for (const notice of [...cases, ...withButtons]) {
      expect(complaintsOf(schemas[vendor], toRequest(vendor, notice, secrets[vendor])!.body)).toEqual([]);
      expect(notice.wording.subject).toMatch(/^[\x20-\x7e]{1,100}$/);
    }
  });

  it('says where, and the type once where nobody named a line', () => {
    const { incident } = noticesOf({})[0]!.notice;
    expect(whereOf(incident)).toBe('Kiel, cooling, PUMP-001 (centrifugal-pump)');
    const machine = { ...incident.caseFile.machine, line: 'centrifugal-pump' };
    expect(whereOf({ ...incident, caseFile: { ...incident.caseFile, machine } })).toBe(
      'Kiel, PUMP-001 (centrifugal-pump)',
    );
  });

  it('calls what stands out as the machine’s type does, and each of several once', () => {
    const plant = createPlant();
    plant.observe({ code: 'npsh_low', title: 'Suction head margin below 1 m' });
    plant.observe({ code: 'suction_loss', title: 'Suction side away from its expectation' });
    expect(titleOf([...plant.incidents.values()][0]!)).toBe(
      'PUMP-001: Suction head margin below 1 m; Suction side away from its expectation',
    );
  });

  it('writes a code as a shop does', () => {
    const [opened] = noticesOf({ code: 'npsh_low' }) as [ChannelNotice];
    expect(opened.wording.subject).toBe('[WARNING] New: PUMP-001: NPSH low');
  });

  it('is acknowledged in Slack by a press where the stage has an app, else by the link', () => {
    const [opened] = noticesOf({}) as [ChannelNotice];
    const press = toSlackMessage({ ...opened, links: { ...opened.links, slackButtons: true } });
    expect(JSON.stringify(press)).toContain(`"action_id":"acknowledge","value":"${opened.notice.incident.incidentId}"`);
    expect(JSON.stringify(press)).not.toContain('ack.example');
    expect(JSON.stringify(toSlackMessage(opened))).toContain('https://ack.example/?link=a~b.c');
  });

  it('triggers, acknowledges and resolves one incident in PagerDuty', () => {
    const events = noticesOf({}).map(toPagerDutyEvent);
    expect(events.map((event) => event.event_action)).toEqual(['trigger', 'acknowledge', 'resolve']);
    expect(new Set(events.map((event) => event.dedup_key)).size).toBe(1);
  });

  it('lets nothing of a machine speak Slack’s markup', () => {
    const [notice] = noticesOf({ machineId: '<!channel>' });
    expect(JSON.stringify(toSlackMessage(notice!).blocks.slice(1))).not.toContain('<!channel>');
  });

  it('tells a webhook the whole of it', () => {
    const [opened] = noticesOf({});
    expect(toWebhook(opened!)).toMatchObject({ schemaVersion: 1, kind: 'opened', incident: { state: 'open' } });
  });

  it('sends to a phone only what is a warning or worse', () => {
    const [watch] = noticesOf({ severity: 'watch' });
    expect(toTelegramMessage(watch!, '-100')).toBeNull();
  });
});

describe('a channel’s secret', () => {
  it.each([
    ['slack', 'https://example.org/x', /hooks\.slack\.com/],
    ['pagerduty', 'short', /32 letters and digits/],
    ['pagerduty', `{"routingKey":"${'a1'.repeat(16)}","address":"http://plain.example"}`, /events\.eu\.pagerduty/],
    ['telegram', '{"botToken":1}', /botToken/],
    ['telegram', '{"botToken":"1:abc","chatId":"-100","address":"https://bots.example/"}', /botToken/],
    ['webhook', 'http://plain.example', /https/],
  ] as const)('of %s is refused by a sentence that does not repeat it', (channel, secret, sentence) => {
    const fault = findSecretFault(channel, secret);
    expect(fault).toMatch(sentence);
    expect(fault).not.toContain(secret);
  });

  it('goes into the request where its vendor wants it', () => {
    const [opened] = noticesOf({}) as [ChannelNotice];
    const routingKey = 'a1'.repeat(16);
    expect(toRequest('pagerduty', opened, routingKey)?.body).toMatchObject({
      routing_key: routingKey,
      event_action: 'trigger',
    });
    const secret = JSON.stringify({ botToken: '1:abc', chatId: '-100' });
    expect(findSecretFault('telegram', secret)).toBeNull();
    expect(toRequest('telegram', opened, secret)).toMatchObject({
      url: 'https://api.telegram.org/bot1:abc/sendMessage',
      body: { chat_id: '-100' },
    });
  });
});

describe('a vendor’s address', () => {
  const [opened] = noticesOf({}) as [ChannelNotice];
  it.each([
    ['pagerduty', 'a1'.repeat(16), 'https://events.pagerduty.com/v2/enqueue'],
    [
      'pagerduty',
      JSON.stringify({ routingKey: 'a1'.repeat(16), address: 'https://events.eu.pagerduty.com' }),
      'https://events.eu.pagerduty.com/v2/enqueue',
    ],
    [
      'telegram',
      JSON.stringify({ botToken: '1:abc', chatId: '-100', address: 'https://bots.plant.example' }),
      'https://bots.plant.example/bot1:abc/sendMessage',
    ],
    ['slack', 'http://127.0.0.1:4000/services/T0', 'http://127.0.0.1:4000/services/T0'],
  ] as const)('of %s is the usual one, or what its secret names', (channel, secret, url) => {
    expect(findSecretFault(channel, secret)).toBeNull();
    expect(toRequest(channel, opened, secret)?.url).toBe(url);
  });
});

describe('routing', () => {
  const at = (hour: number, severity: 'warning' | 'critical' = 'warning'): Notice => {
    const [{ notice }] = noticesOf({ severity }) as [ChannelNotice];
    return { ...notice, atMs: startMs + (hour - 8) * 3_600_000 };
  };

  it('goes by severity, site, line, type and hours, once a channel', () => {
    const night = { from: 22, until: 6 };
    const routes: Route[] = [
      { channel: 'slack' },
      { channel: 'slack', atLeast: 'warning' },
      { channel: 'pagerduty', atLeast: 'critical' },
      { channel: 'webhook', sites: ['Ulm'] },
      { channel: 'telegram', hoursUtc: night, lines: ['cooling'], machineTypes: ['centrifugal-pump'] },
    ];
    expect(routesOf(at(12), routes)).toEqual(['slack']);
    expect(routesOf(at(23), routes)).toEqual(['slack', 'telegram']);
    expect(routesOf(at(12, 'critical'), routes)).toEqual(['slack', 'pagerduty', 'telegram']);
  });
});
