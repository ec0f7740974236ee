/**
 * Objects expire: so many days after they were put, from the next midnight (UTC) on. Nothing here is read less from a colder
 * class, and no older versions are kept, so what a rule says of those changes nothing. Source: S3 user guide, "Lifecycle
 * configuration elements".
 */
import type { Cloud, Json } from '../engine.ts';
import type { Buckets } from './buckets.ts';

const dayMs = 86_400_000;
const checkEveryMs = 10 * 60_000;

export const lifecycleProperties = [
  'Status',
  'ExpirationInDays',
  'Transitions.StorageClass',
  'Transitions.TransitionInDays',
  'NoncurrentVersionExpiration.NoncurrentDays',
  'AbortIncompleteMultipartUpload.DaysAfterInitiation',
].map((name) => `LifecycleConfiguration.Rules.${name}`);

interface Rule {
  readonly Status: string;
  readonly ExpirationInDays?: number;
}

/** Undefined where objects stay; where several rules hold, the first to end an object does. */
export function readExpiryDays(properties: Json): number | undefined {
  const { Rules = [] } = (properties.LifecycleConfiguration ?? {}) as { readonly Rules?: readonly Rule[] };
  const days = Rules.flatMap((rule) => (rule.Status === 'Enabled' ? [rule.ExpirationInDays ?? []].flat() : []));
  return days.length === 0 ? undefined : Math.min(...days);
}

/** Goes through the buckets once a day of the laptop's clock. */
export function createExpiry({ nowMs }: Pick<Cloud, 'nowMs'>, buckets: Buckets) {
  const daysOf = new Map<string, number>();
  let sweptAtMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const sweep = (): void => {
    const midnightMs = Math.floor(nowMs() / dayMs) * dayMs;
    if (midnightMs === sweptAtMs) return;
    sweptAtMs = midnightMs;
    for (const [bucket, days] of daysOf) buckets.removeUntil(bucket, midnightMs - days * dayMs);
  };
  return {
    add: (bucket: string, days: number): void => void daysOf.set(bucket, days),
    start: (): void => {
      sweep();
      timer = setInterval(sweep, checkEveryMs).unref();
    },
    stop: (): void => clearInterval(timer),
  };
}
