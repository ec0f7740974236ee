import { beforeEach, describe, expect, it } from 'vitest';
import type { Entry, Frame } from '../../../core/api/live.ts';
import { beat, type Memory, Superseded } from '../../../lambdas/live-feed/beat.ts';
import { createFeederHandler, handOverMs } from '../../../lambdas/live-feed/handler.ts';
import type { Parcel, Posted } from '../../../lambdas/ports/live.ts';
import { MemoryLive } from './memory-live.ts';

const site = 'site:Kiel';
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const uncounted = { count: () => undefined, durationMs: () => undefined, flush: () => undefined };

/** Machines whose health is set by hand, and clients that take what they are sent, or do not. */
class Floor {
  readonly store = new MemoryLive();
  readonly lease = this.store;
  health: Record<string, number> = { 'M-1': 90, 'M-2': 80 };
  outcomes: Record<string, Posted> = {};
  readonly sent: Record<string, Frame[]> = {};
  readonly poster = { post: async (parcels: readonly Parcel[]) => parcels.map((parcel) => this.take(parcel)) };

  read = async (topics: readonly string[]) => {
    const entries = Object.entries(this.health).map(
      ([machineId, health]) => [machineId, { machineId, health }] as const,
    );
    return new Map(topics.map((topic) => [topic, new Map<string, Entry>(entries)]));
  };

  private take({ connectionId, texts }: Parcel): Posted {
    const outcome = this.outcomes[connectionId] ?? 'sent';
    const frames = texts.flatMap((text) => JSON.parse(text).frames as Frame[]);
    if (outcome === 'sent') this.sent[connectionId] = [...(this.sent[connectionId] ?? []), ...frames];
    return outcome;
  }
}

let floor: Floor;
beforeEach(async () => {
  floor = new Floor();
  for (const id of ['quick', 'slow']) {
    await floor.store.connect(id, Number.MAX_SAFE_INTEGER);
    await floor.store.watch(id, site, 'fresh');
  }
});

describe('a beat', () => {
  it('tells a slow reader everything it missed in one delta, and keeps nothing for it', async () => {
    const memory: Memory = new Map();
    await beat(floor, memory, 1_000_000);
    const [snapshot] = floor.sent.slow ?? [];
    floor.outcomes = { slow: 'full' };
    for (let i = 1; i <= 5; i++) {
      floor.health = { ...floor.health, 'M-1': 90 - i };
      expect(await beat(floor, memory, 1_000_000 + i)).toMatchObject({ sent: 1, behind: 1 });
    }
    const seq = (snapshot as { seq: number }).seq;
    expect(floor.store.connections.get('slow')?.topics).toEqual({ [site]: seq });
    floor.outcomes = {};
    await beat(floor, memory, 1_000_010);
    expect(floor.sent.slow?.slice(1)).toMatchObject([
      { type: 'delta', from: seq, seq: seq + 5, changed: [{ machineId: 'M-1', health: 85 }] },
    ]);
    expect(floor.sent.quick).toHaveLength(6);
    // Nothing changed any more: nobody is sent anything.
    expect(await beat(floor, memory, 1_000_020)).toMatchObject({ sent: 0, behind: 0 });
  });

  it('forgets who is gone', async () => {
    floor.outcomes = { slow: 'gone' };
    await beat(floor, new Map(), 1_000_000);
    expect([...floor.store.connections.keys()]).toEqual(['quick']);
  });

  it('goes on with the numbers where the feeder before it ended, and stops when another one counts', async () => {
    const memory: Memory = new Map();
    await beat(floor, memory, 1_000_000);
    floor.health = { 'M-1': 1 };
    await beat(floor, new Map(), 1_001_000);
    const [snapshot, delta] = floor.sent.quick as [{ seq: number }, Frame];
    expect(delta).toMatchObject({ type: 'delta', from: snapshot.seq, seq: snapshot.seq + 1, removed: ['M-2'] });
    floor.health = { 'M-1': 2 };
    await expect(beat(floor, memory, 1_002_000)).rejects.toBeInstanceOf(Superseded);
  });
});

describe('the feeder', () => {
  const run = (remainingMs: () => number, sleep: () => Promise<void>) => {
    const started: string[] = [];
    const handler = createFeederHandler({
      store: floor.store,
      lease: floor.store,
      poster: floor.poster,
      read: floor.read,
      startFeeder: async () => {
        started.push('next');
      },
      everyMs: 1000,
      nowMs: () => 1_000_000,
      sleep,
      log: silent,
      metrics: uncounted,
    });
    const context = { awsRequestId: 'me', getRemainingTimeInMillis: remainingMs };
    return handler({}, context).then(() => started);
  };

  it('ends when nobody watches any more, and leaves the lease', async () => {
    let beats = 0;
    const started = await run(
      () => 60_000,
      async () => {
        beats += 1;
        if (beats === 3) for (const id of ['quick', 'slow']) await floor.store.unwatch(id, site);
      },
    );
    expect({ beats, started }).toEqual({ beats: 3, started: [] });
    expect(await floor.store.claim(1_000_000, 1_000_001)).toBe(true);
  });

  it('starts the next one before its time ends, and beats until that one takes over', async () => {
    let leftMs = handOverMs + 1500;
    const started = await run(
      () => leftMs,
      async () => {
        leftMs -= 1000;
        if (leftMs < handOverMs - 2000) await floor.store.take('next', 2_000_000);
      },
    );
    expect(started).toEqual(['next']);
    expect(leftMs).toBeGreaterThan(handOverMs - 4000);
    expect(await floor.store.renew('next', 0)).toBe(true);
  });

  it('ends before Lambda ends it, even when nobody took over', async () => {
    let leftMs = 5500;
    await run(
      () => leftMs,
      async () => {
        leftMs -= 1000;
      },
    );
    expect(leftMs).toBeGreaterThan(0);
  });
});
