/** What a stage lets through: API Gateway's token bucket (developer guide, "Throttle requests"). */
import type { Json } from '../engine.ts';

export interface TokenBucket {
  readonly perS: number;
  readonly most: number;
  left: number;
  atMs: number;
}

/** What an account allows where a stage says nothing (API Gateway quotas). */
const accountRateLimit = 10_000;
const accountBurstLimit = 5000;

export function openBucket(routeSettings: unknown, nowMs: number): TokenBucket {
  const limits = (routeSettings ?? {}) as Json;
  const most = Number(limits.ThrottlingBurstLimit ?? accountBurstLimit);
  return { perS: Number(limits.ThrottlingRateLimit ?? accountRateLimit), most, left: most, atMs: nowMs };
}

export function takeToken(bucket: TokenBucket, nowMs: number): boolean {
  bucket.left = Math.min(bucket.most, bucket.left + ((nowMs - bucket.atMs) / 1000) * bucket.perS);
  bucket.atMs = nowMs;
  if (bucket.left < 1) return false;
  bucket.left--;
  return true;
}
