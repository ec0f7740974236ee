import { z } from 'zod';
import { toAmazonQ } from './amazon-q.ts';
import type { Channel } from './channel.ts';
import type { ChannelNotice } from './channel-notice.ts';
import { toPagerDutyEvent } from './pagerduty.ts';
import { toSlackMessage } from './slack.ts';
import { toTelegramMessage } from './telegram.ts';
import { toWebhook } from './webhook.ts';

/** One POST of JSON, or one message of a topic. Address or body hold the channel's secret: neither is for a log. */
export interface ChannelRequest {
  /** Of the topic it is the ARN. */
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** An https address, or an http one of this very machine: there a laptop's receiver stands for the vendor's. */
const hereOrSecure = /^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost)[:/])\S+$/;
const address = z.string().regex(hereOrSecure).regex(/[^/]$/);
/** Without an address it is the vendor's own; an EU service of PagerDuty and an own Bot API server have another. */
const telegramSecret = z.strictObject({
  botToken: z.string().regex(/^\d+:[\w-]+$/),
  chatId: z.string().min(1),
  address: address.default('https://api.telegram.org'),
});
const pagerDutySecret = z.strictObject({
  routingKey: z.string().regex(/^[A-Za-z0-9]{32}$/),
  address: address.default('https://events.pagerduty.com'),
});

/** Null for what the channel does not tell. The secret is one that `findSecretFault` finds nothing wrong with. */
export function toRequest(channel: Channel, notice: ChannelNotice, secret: string): ChannelRequest | null {
  switch (channel) {
    case 'slack':
      return { url: secret, body: { ...toSlackMessage(notice) } };
    case 'webhook':
      return { url: secret, body: toWebhook(notice) };
    case 'amazon_q':
      return { url: secret, body: { ...toAmazonQ(notice) } };
    case 'pagerduty': {
      const { routingKey, address: vendor } = pagerDutySecret.parse(readPagerDutySecret(secret));
      return { url: `${vendor}/v2/enqueue`, body: { routing_key: routingKey, ...toPagerDutyEvent(notice) } };
    }
    case 'telegram': {
      const { botToken, chatId, address: vendor } = telegramSecret.parse(parseJson(secret));
      const body = toTelegramMessage(notice, chatId);
      return body === null ? null : { url: `${vendor}/bot${botToken}/sendMessage`, body: { ...body } };
    }
  }
}

/** What a person fills in to switch a channel off: its notices are dropped then, not kept. */
export const switchedOff = 'none';

/** What is wrong with a secret, without repeating it; null where nothing is. */
export function findSecretFault(channel: Channel, secret: string): string | null {
  switch (channel) {
    case 'slack':
      return /^(https:\/\/hooks\.slack\.com\/services\/|http:\/\/(127\.0\.0\.1|localhost)[:/])\S+$/.test(secret)
        ? null
        : 'the secret of slack is no webhook address; it begins with https://hooks.slack.com/services/';
    case 'pagerduty':
      return pagerDutySecret.safeParse(readPagerDutySecret(secret)).success
        ? null
        : 'the secret of pagerduty is no routing key; it has 32 letters and digits (service, integration "Events API v2"), elsewhere {"routingKey":"…","address":"https://events.eu.pagerduty.com"}';
    case 'telegram':
      return telegramSecret.safeParse(parseJson(secret)).success
        ? null
        : 'the secret of telegram is JSON: {"botToken":"<digits>:<text>","chatId":"<id>"}';
    case 'webhook':
      return hereOrSecure.test(secret)
        ? null
        : 'the secret of webhook is an https address (or an http one of this very machine)';
    case 'amazon_q':
      return /^arn:aws:sns:\S+$/.test(secret) ? null : 'amazon_q needs the ARN of its topic';
  }
}

/** The key alone will do. */
const readPagerDutySecret = (secret: string): unknown =>
  secret.startsWith('{') ? parseJson(secret) : { routingKey: secret };

function parseJson(secret: string): unknown {
  try {
    return JSON.parse(secret);
  } catch {
    return null; // not JSON is a fault of the secret like any other
  }
}
