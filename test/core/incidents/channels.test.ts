import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ChannelNotice } from '../../../core/incidents/channels/channel-notice.ts';
import { findSecretFault, toRequest } from '../../../core/incidents/channels/channel-request.ts';
import { toPagerDutyEvent } from '../../../core/incidents/channels/pagerduty.ts';
import { toSlackMessage } from '../../../core/incidents/channels/slack.ts';
import { toTelegramMessage } from '../../../core/incidents/channels/telegram.ts';
import { toWebhook } from '../../../core/incidents/channels/webhook.ts';
import { type Route, routesOf } from '../../../core/incidents/routing.ts';
import type { Notice } from '../../../core/incidents/settle.ts';
import { wordNotice } from '../../../core/incidents/wording.ts';
import { createPlant, type Sketch, startMs } from './plant.ts';

const links = { incident: null, acknowledge: 'https://ack.example/?link=a~b.c', runbook: 'docs/runbook.md#incidents' };

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
const plain = (most: number) => z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(most) });
const markdown = (most: number) => z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(most) });

/** docs.slack.dev, reference of Block Kit. */
const slackSchema = z.strictObject({
  text: z.string().min(1),
  blocks: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('header'), text: plain(150) }),
        z.strictObject({
          type: z.literal('section'),
          text: markdown(3000).optional(),
          fields: z.array(markdown(2000)).max(10).optional(),
        }),
        z.strictObject({ type: z.literal('context'), elements: z.array(markdown(3000)).max(10) }),
        z.strictObject({
          type: z.literal('actions'),
          elements: z.array(
            z.strictObject({
              type: z.literal('button'),
              text: plain(75),
              url: z.url().max(3000),
              action_id: z.string().max(255),
              style: z.enum(['primary', 'danger']),
            }),
          ),
        }),
      ]),
    )
    .max(50),
});

/** developer.pagerduty.com, "Send an alert event"; the sender puts routing_key in. */
const pagerDutySchema = z.discriminatedUnion('event_action', [
  z.strictObject({
    event_action: z.literal('trigger'),
    dedup_key: z.string().min(1).max(255),
    payload: z.strictObject({
      summary: z.string().min(1).max(1024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.iso.datetime(),
      component: z.string(),
      group: z.string(),
      class: z.string(),
      custom_details: z.record(z.string(), z.unknown()),
    }),
    links: z.array(z.strictObject({ href: z.url(), text: z.string() })),
  }),
  z.strictObject({ event_action: z.enum(['acknowledge', 'resolve']), dedup_key: z.string().min(1).max(255) }),
]);

describe('a notice on its channel', () => {
  it.each([[{}], [{ severity: 'critical' as const }], [long]])(
    'fits the schemas that Slack and PagerDuty publish',
    (sketch) => {
      for (const notice of noticesOf(sketch)) {
        expect(slackSchema.safeParse(toSlackMessage(notice)).error).toBeUndefined();
        expect(pagerDutySchema.safeParse(toPagerDutyEvent(notice)).error).toBeUndefined();
        expect(toTelegramMessage(notice, '-100')!.text.length).toBeLessThanOrEqual(4096);
        expect(notice.wording.subject).toMatch(/^[\x20-\x7e]{1,100}$/);
      }
    },
  );

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
    ['telegram', '{"botToken":1}', /botToken/],
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
