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

const telegramSecret = z.object({ botToken: z.string().regex(/^\d+:[\w-]+$/), chatId: z.string().min(1) });

/** Null for what the channel does not tell. The secret is one that `findSecretFault` finds nothing wrong with. */
export function toRequest(channel: Channel, notice: ChannelNotice, secret: string): ChannelRequest | null {
  switch (channel) {
    case 'slack':
      return { url: secret, body: { ...toSlackMessage(notice) } };
    case 'webhook':
      return { url: secret, body: toWebhook(notice) };
    case 'amazon_q':
      return { url: secret, body: { ...toAmazonQ(notice) } };
    case 'pagerduty':
      return {
        url: 'https://events.pagerduty.com/v2/enqueue',
        body: { routing_key: secret, ...toPagerDutyEvent(notice) },
      };
    case 'telegram': {
      const { botToken, chatId } = telegramSecret.parse(JSON.parse(secret));
      const body = toTelegramMessage(notice, chatId);
      return body === null ? null : { url: `https://api.telegram.org/bot${botToken}/sendMessage`, body: { ...body } };
    }
  }
}

/** What a person fills in to switch a channel off: its notices are dropped then, not kept. */
export const switchedOff = 'none';

/** What is wrong with a secret, without repeating it; null where nothing is. */
export function findSecretFault(channel: Channel, secret: string): string | null {
  switch (channel) {
    case 'slack':
      return /^https:\/\/hooks\.slack\.com\/services\/\S+$/.test(secret)
        ? null
        : 'the secret of slack is no webhook address; it begins with https://hooks.slack.com/services/';
    case 'pagerduty':
      return /^[A-Za-z0-9]{32}$/.test(secret)
        ? null
        : 'the secret of pagerduty is no routing key; it has 32 letters and digits (service, integration "Events API v2")';
    case 'telegram':
      return isTelegramSecret(secret)
        ? null
        : 'the secret of telegram is JSON: {"botToken":"<digits>:<text>","chatId":"<id>"}';
    case 'webhook':
      return /^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost)[:/])\S+$/.test(secret)
        ? null
        : 'the secret of webhook is an https address (or an http one of this very machine)';
    case 'amazon_q':
      return /^arn:aws:sns:\S+$/.test(secret) ? null : 'amazon_q needs the ARN of its topic';
  }
}

function isTelegramSecret(secret: string): boolean {
  try {
    return telegramSecret.safeParse(JSON.parse(secret)).success;
  } catch {
    return false; // not JSON is the answer, too
  }
}
