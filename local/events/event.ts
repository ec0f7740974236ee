/** What an event looks like, whoever made it. */
import { randomUUID } from 'node:crypto';
import type { Cloud, Json } from '../engine.ts';

export const toEvent = (cloud: Cloud, entry: Json): Json => ({
  version: '0',
  id: randomUUID(),
  'detail-type': entry.DetailType,
  source: entry.Source,
  account: cloud.accountId,
  time: formatTime(entry.Time === undefined ? cloud.nowMs() : Number(entry.Time) * 1000),
  region: cloud.region,
  resources: entry.Resources ?? [],
  detail: JSON.parse(String(entry.Detail)),
});

export const toScheduledEvent = (cloud: Cloud, ruleArn: string, atMs: number): Json => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: cloud.accountId,
  time: formatTime(atMs),
  region: cloud.region,
  resources: [ruleArn],
  detail: {},
});

/** EventBridge's times are whole seconds. */
const formatTime = (atMs: number): string => new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
