import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Frame } from '../../../core/api/live.ts';
import { type Hearing, LiveFeed } from '../../../ui/operator/src/connection/live-feed.ts';
import { PlantClock } from '../../../ui/operator/src/connection/plant-clock.ts';

const asOf = '2026-01-01T00:00:00.000Z';
const whole = { part: 1, parts: 1, asOf };

/** A server at the other end of every connection that the feed opens. */
class Server {
  readonly said: Record<string, unknown>[] = [];
  connections = 0;
  readyState = 0;
  private hearing: Hearing | null = null;

  readonly dial = (hearing: Hearing) => {
    this.connections++;
    this.hearing = hearing;
    return Object.assign(this, {
      send: (text: string) => void this.said.push(JSON.parse(text)),
      close: () => this.hangUp(),
    });
  };

  pickUp(): void {
    this.readyState = 1;
    this.hearing?.opened();
  }

  hangUp(): void {
    this.readyState = 3;
    this.hearing?.closed();
  }

  tell(...frames: Frame[]): void {
    this.hearing?.heard(JSON.stringify({ frames }));
  }
}

const topic = 'site:Ulm';
const snapshot = (seq: number, ...ids: string[]): Frame => ({
  type: 'snapshot',
  topic,
  seq,
  ...whole,
  entries: ids.map((machineId) => ({ machineId, severity: 'normal', line: 'A' })),
});
const delta = (from: number, changed: object[], removed: string[] = []): Frame => ({
  type: 'delta',
  topic,
  from,
  seq: from + 1,
  ...whole,
  changed: changed as Record<string, unknown>[],
  removed,
});

describe('LiveFeed', () => {
  let server: Server;
  let clock: PlantClock;
  let feed: LiveFeed;
  let news: number;
  let stop: () => void;

  beforeEach(() => {
    vi.useFakeTimers();
    server = new Server();
    clock = new PlantClock();
    feed = new LiveFeed(server.dial, clock);
    news = 0;
    stop = feed.watch(topic, () => news++);
    server.pickUp();
  });
  afterEach(() => {
    feed.close();
    vi.useRealTimers();
  });

  const shown = () => feed.read(topic)?.entries;

  it('hears the plant’s time, and goes on by this machine’s clock', () => {
    server.tell(snapshot(1, 'A'));
    vi.advanceTimersByTime(1500);
    expect(new Date(clock.nowMs()).toISOString()).toBe('2026-01-01T00:00:01.500Z');
    server.tell({ type: 'pong', asOf: '2026-01-01T01:00:00.000Z' });
    expect(new Date(clock.nowMs()).toISOString()).toBe('2026-01-01T01:00:00.000Z');
  });

  it('keeps with what it shows the plant’s moment of its last word, whatever is heard beside it', () => {
    server.tell(snapshot(1, 'A'));
    clock.hear('2026-01-01T00:10:00.000Z');
    expect(feed.read(topic)?.asOfMs).toBe(Date.parse(asOf));
    server.tell({ type: 'pong', asOf: '2026-01-01T00:00:04.000Z' });
    expect(feed.read(topic)?.asOfMs).toBe(Date.parse(asOf) + 4000);
  });

  it('dates each entry by the frame that told it: a silent machine’s age is of then', () => {
    server.tell(snapshot(1, 'A', 'B'));
    const later = '2026-01-01T00:01:00.000Z';
    server.tell({ ...delta(1, [{ machineId: 'B', line: 'C' }]), asOf: later } as Frame);
    expect(shown()).toMatchObject([
      { machineId: 'A', asOf },
      { machineId: 'B', asOf: later, line: 'C' },
    ]);
  });

  it('shows a snapshot, then each delta laid over it: members that are absent stay as they were', () => {
    expect(server.said).toEqual([{ action: 'subscribe', topic }]);
    expect(shown()).toBeUndefined();
    server.tell(snapshot(7, 'M-1', 'M-2'));
    server.tell(delta(7, [{ machineId: 'M-1', severity: 'critical' }], ['M-2']));
    expect(shown()).toEqual([{ machineId: 'M-1', severity: 'critical', line: 'A', asOf }]);
    expect(news).toBe(2);
  });

  it('shows a snapshot of several parts only when it is whole', () => {
    const [first, second] = [snapshot(7, 'M-1'), snapshot(7, 'M-2')];
    server.tell({ ...first, parts: 2 } as Frame);
    expect(shown()).toBeUndefined();
    server.tell({ ...second, part: 2, parts: 2 } as Frame);
    expect(shown()).toHaveLength(2);
  });

  it('closes a gap in the numbers by asking for what it missed, and takes nothing of the frame behind the gap', () => {
    server.tell(snapshot(7, 'M-1'));
    server.tell(delta(9, [{ machineId: 'M-1', severity: 'critical' }]));
    expect(server.said.at(-1)).toEqual({ action: 'resume', topic, since: 7 });
    expect(shown()).toMatchObject([{ severity: 'normal' }]);
  });

  it('shows nothing while the connection is away, comes back by itself and resumes where it was', async () => {
    server.tell(snapshot(7, 'M-1'));
    server.hangUp();
    expect(shown()).toBeUndefined();
    expect(news).toBe(2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.connections).toBe(2);
    server.pickUp();
    expect(server.said.at(-1)).toEqual({ action: 'resume', topic, since: 7 });
  });

  it('asks a silent server for a word, and gives the connection up when none comes', async () => {
    server.tell(snapshot(7, 'M-1'));
    await vi.advanceTimersByTimeAsync(6000);
    expect(server.said.at(-1)).toEqual({ action: 'ping' });
    await vi.advanceTimersByTimeAsync(6000);
    expect(server.readyState).toBe(3);
  });

  it('waits longer after each connection that fails', async () => {
    server.hangUp();
    for (const waitMs of [1000, 2000, 4000]) {
      const before = server.connections;
      await vi.advanceTimersByTimeAsync(waitMs - 1);
      expect(server.connections).toBe(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(server.connections).toBe(before + 1);
      server.hangUp();
    }
  });

  it('hangs up when nobody watches any more', () => {
    stop();
    expect(server.said.at(-1)).toEqual({ action: 'unsubscribe', topic });
    expect(server.readyState).toBe(3);
  });
});
