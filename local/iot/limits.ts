import { failure, type Result, success } from '../../core/result.ts';

/** IoT Core's limits (AWS IoT Core endpoints and quotas): what it refuses there is refused here. */
export const maxPayloadBytes = 128 * 1024;
export const maxPublishesPerSecond = 100;
const maxTopicBytes = 256;
const maxTopicSlashes = 7;
const maxClientIdLength = 128;

/** Requests for a certificate by claim: answered by IoT Core itself, no rule sees them. */
const provisioning = /^\$aws\/(certificates\/create|provisioning-templates\/[\w-]+\/provision)\/json$/;
const basicIngest = /^\$aws\/rules\/([A-Za-z0-9_]+)\/(.+)$/;

export interface PublishTarget {
  /** The topic as rules see it: without the Basic Ingest prefix. */
  readonly topic: string;
  /** The one rule that a Basic Ingest topic names; null for the broker's own topics. */
  readonly ruleName: string | null;
}

export function readPublishTarget(topic: string): Result<PublishTarget, string> {
  const [, ruleName = null, rest = topic] = basicIngest.exec(topic) ?? [];
  if (provisioning.test(topic)) return success({ topic, ruleName: null });
  if (topic.startsWith('$') && ruleName === null) return failure(`topic "${topic}" is reserved`);
  const slashes = rest.split('/').length - 1;
  if (slashes > maxTopicSlashes) return failure(`topic has ${slashes} slashes, allowed are ${maxTopicSlashes}`);
  const bytes = Buffer.byteLength(rest);
  if (bytes > maxTopicBytes) return failure(`topic has ${bytes} bytes, allowed are ${maxTopicBytes}`);
  return success({ topic: rest, ruleName });
}

/** Wildcards in a client id would widen the policy variables it fills. */
export function checkClientId(clientId: string): string | null {
  if (clientId.length > maxClientIdLength)
    return `client id has ${clientId.length} characters, allowed are ${maxClientIdLength}`;
  return /^[^*?$#+/\s]+$/.test(clientId) ? null : `client id "${clientId}" holds a wildcard, "$", "/" or white space`;
}

/** A steady 100 a second with one second's worth in store; says how long the next publish has to wait. */
export class PublishPacer {
  private readonly perSecond: number;
  private nextFreeMs = 0;

  constructor(perSecond = maxPublishesPerSecond) {
    this.perSecond = perSecond;
  }

  delayMs(nowMs: number): number {
    this.nextFreeMs = Math.max(this.nextFreeMs, nowMs - 1000) + 1000 / this.perSecond;
    return Math.max(0, this.nextFreeMs - nowMs);
  }
}
