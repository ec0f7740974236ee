import type { FeederLease, StartFeeder } from '../ports/live.ts';
import type { Log, Metrics } from '../ports/telling.ts';
import { type BeatDeps, type BeatReport, beat, type Memory, Superseded } from './beat.ts';

export interface FeederDeps extends BeatDeps {
  readonly lease: FeederLease;
  readonly startFeeder: StartFeeder;
  readonly everyMs: number;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface FeederContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** A feeder that died is missed after this many beats. */
const leaseBeats = 5;
/** The next one is started this long before the own time ends: a cold start and a beat fit in. */
export const handOverMs = 10_000;
/** A beat that begins later than this before the end might be cut off. */
const lastBeatMs = 3000;

/**
 * Feeds as long as somebody watches: a beat, a rest, the next beat. Whoever takes the lease later is the feeder; the one
 * before it learns that at its next renewal and ends. So a start too many does no harm, and one that dies is replaced by
 * the next client that speaks. Nobody watching costs nothing.
 */
export function createFeederHandler(deps: FeederDeps) {
  return async (_event: unknown, context: FeederContext): Promise<void> => {
    const holder = context.awsRequestId;
    const memory: Memory = new Map();
    let hasHandedOver = false;
    await deps.lease.take(holder, leaseEnd(deps));
    try {
      for (;;) {
        const beganMs = context.getRemainingTimeInMillis();
        if (!hasHandedOver && beganMs < handOverMs) {
          await deps.startFeeder();
          hasHandedOver = true;
        }
        if (beganMs < lastBeatMs) return;
        if (!(await deps.lease.renew(holder, leaseEnd(deps)))) return;
        const report = await beat(deps, memory, deps.nowMs());
        count(deps, report);
        if (report.watched === 0 && (await leave(deps, holder))) return;
        const tookMs = beganMs - context.getRemainingTimeInMillis();
        await deps.sleep(Math.max(0, deps.everyMs - tookMs));
      }
    } catch (error) {
      if (!(error instanceof Superseded)) throw error;
      deps.log.info('another feeder has taken over', { topic: error.message });
    } finally {
      deps.metrics.flush();
    }
  };
}

const leaseEnd = ({ nowMs, everyMs }: FeederDeps): number => nowMs() + leaseBeats * everyMs;

/** Who subscribes between the look and the release relies on the lease: so look once more after it. */
async function leave({ lease, store, nowMs, everyMs }: FeederDeps, holder: string): Promise<boolean> {
  await lease.release(holder);
  const connections = await store.list(nowMs());
  if (connections.every(({ topics }) => Object.keys(topics).length === 0)) return true;
  return !(await lease.renew(holder, nowMs() + leaseBeats * everyMs));
}

function count({ metrics }: FeederDeps, { sent, behind }: BeatReport): void {
  metrics.count('LiveSent', sent);
  metrics.count('LiveBehind', behind);
}
