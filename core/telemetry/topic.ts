import { failure, type Result, success } from '../result.ts';

/** `factory/<machineId>/<channel>`: one topic tree for every machine. */
export const topicRoot = 'factory';
export const channels = ['telemetry', 'process', 'training_data', 'lifecycle'] as const;
export type Channel = (typeof channels)[number];

export interface MachineTopic {
  readonly machineId: string;
  readonly channel: Channel;
}

/** IoT thing names allow these characters; a dot, a slash or a wildcard would break policies and topics. */
export const machineIdPattern = /^[A-Za-z0-9][A-Za-z0-9:_-]{0,63}$/;
const basicIngestPrefix = /^\$aws\/rules\/[A-Za-z0-9_]+\//;

export const isMachineId = (text: string): boolean => machineIdPattern.test(text);

export const machineIdRule = 'a letter or digit, then up to 63 letters, digits, ":", "_" or "-"';

const isChannel = (text: string): text is Channel => (channels as readonly string[]).includes(text);

export function formatTopic(machineId: string, channel: Channel): string {
  return `${topicRoot}/${machineId}/${channel}`;
}

/** Basic Ingest skips the broker's fan-out and its price; the rule sees the topic without the prefix. */
export function formatBasicIngestTopic(ruleName: string, machineId: string, channel: Channel): string {
  return `$aws/rules/${ruleName}/${formatTopic(machineId, channel)}`;
}

export function parseTopic(topic: string): Result<MachineTopic, string> {
  const parts = topic.replace(basicIngestPrefix, '').split('/');
  const [root, machineId, channel] = parts;
  if (parts.length !== 3 || root !== topicRoot || machineId === undefined || channel === undefined) {
    return failure(`topic "${topic}" is not ${topicRoot}/<machineId>/<channel>`);
  }
  if (!isMachineId(machineId)) return failure(`machine id "${machineId}" in topic "${topic}" is not ${machineIdRule}`);
  if (!isChannel(channel)) {
    return failure(`channel "${channel}" in topic "${topic}" is not one of ${channels.join(', ')}`);
  }
  return success({ machineId, channel });
}
