/**
 * IoT Core takes 100 publishes and 512 KiB a second from one connection and discards the excess (AWS IoT Core endpoints and
 * quotas). A bucket of `burst` that refills at `perSecond` lets at most burst + perSecond through in any second, so the two
 * add up to the quota.
 */
interface Bucket {
  readonly burst: number;
  readonly perSecond: number;
  level: number;
}

export class PublishLimit {
  private readonly publishes: Bucket = { burst: 20, perSecond: 80, level: 20 };
  private readonly bytes: Bucket = { burst: 131_072, perSecond: 393_216, level: 131_072 };
  private refilledAtMs = Number.NEGATIVE_INFINITY;

  /** Milliseconds to wait before this publish may go; 0 when it may go now, and it is then counted. */
  take(nowMs: number, payloadBytes: number): number {
    const elapsedS = Math.max(0, nowMs - this.refilledAtMs) / 1000;
    this.refilledAtMs = nowMs;
    refill(this.publishes, elapsedS);
    refill(this.bytes, elapsedS);
    const waitS = Math.max(waitFor(this.publishes, 1), waitFor(this.bytes, payloadBytes));
    if (waitS > 0) return Math.ceil(waitS * 1000);
    this.publishes.level -= 1;
    this.bytes.level -= payloadBytes;
    return 0;
  }
}

function refill(bucket: Bucket, elapsedS: number): void {
  bucket.level = Math.min(bucket.burst, bucket.level + elapsedS * bucket.perSecond);
}

const waitFor = (bucket: Bucket, amount: number): number => Math.max(0, (amount - bucket.level) / bucket.perSecond);
