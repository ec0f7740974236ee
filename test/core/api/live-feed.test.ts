import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../core/api/live.ts';
import { advanceFeed, changesSince, type Feed, openFeed, rememberedRemovals } from '../../../core/api/live-feed.ts';
import {
  deltaFrames,
  mostMessageChars,
  snapshotFrames,
  type TopicState,
  toMessages,
} from '../../../core/api/live-frames.ts';

const entriesOf = (values: Readonly<Record<string, number>>): Map<string, Entry> =>
  new Map(Object.entries(values).map(([machineId, health]) => [machineId, { machineId, health, ageMs: health * 7 }]));

const stateOf = (feed: Feed, entries: Map<string, Entry>): TopicState => ({
  topic: 'site:Kiel',
  keyName: 'machineId',
  feed,
  entries,
  asOf: '2026-07-01T08:00:00.000Z',
});

/** What the documentation tells a client to do. */
class Client {
  readonly entries = new Map<string, Entry>();
  seq = -1;

  hear(texts: readonly string[]): void {
    for (const text of toMessages(texts)) for (const frame of JSON.parse(text).frames) this.take(frame);
  }

  private take(frame: Record<string, unknown>): void {
    if (frame.type === 'snapshot' && frame.part === 1) this.entries.clear();
    for (const entry of (frame.entries ?? frame.changed) as Entry[]) {
      const key = String(entry.machineId);
      this.entries.set(key, { ...this.entries.get(key), ...entry });
    }
    for (const key of (frame.removed ?? []) as string[]) this.entries.delete(key);
    if (frame.part === frame.parts) this.seq = Number(frame.seq);
  }
}

const steps = fc.array(
  fc.record({
    values: fc.dictionary(fc.constantFrom('A', 'B', 'C', 'D'), fc.integer({ min: 0, max: 3 })),
    hears: fc.boolean(),
  }),
  { maxLength: 40 },
);

describe('a feed', () => {
  it('brings a client that misses any of its deltas, and resumes, to what one has that missed none', () => {
    fc.assert(
      fc.property(steps, (all) => {
        let feed = openFeed(0);
        let before = new Map<string, Entry>();
        const [steady, lossy] = [new Client(), new Client()];
        for (const client of [steady, lossy]) client.hear(snapshotFrames(stateOf(feed, before)));
        for (const { values, hears } of all) {
          const entries = entriesOf(values);
          const from = feed.seq;
          const advanced = advanceFeed(feed, entries);
          feed = advanced.feed;
          const state = stateOf(feed, entries);
          if (feed.seq !== from) steady.hear(deltaFrames(state, from, advanced.changes, before));
          before = entries;
          if (!hears) continue;
          const missed = changesSince(feed, lossy.seq);
          lossy.hear(missed === null ? snapshotFrames(state) : deltaFrames(state, lossy.seq, missed));
        }
        const missed = changesSince(feed, lossy.seq);
        if (missed !== null) lossy.hear(deltaFrames(stateOf(feed, before), lossy.seq, missed));
        expect(steady.seq).toBe(feed.seq);
        for (const client of [steady, lossy]) expect(client.entries).toEqual(before);
      }),
    );
  });

  it('goes one number further where something changed, and an age is no change', () => {
    const first = advanceFeed(openFeed(5000), entriesOf({ A: 1 }));
    expect(first).toMatchObject({ feed: { seq: 6, floor: 5 }, changes: { changed: ['A'], removed: [] } });
    const older = new Map([['A', { machineId: 'A', health: 1, ageMs: 99 }]]);
    expect(advanceFeed(first.feed, older).feed).toBe(first.feed);
    const second = advanceFeed(first.feed, entriesOf({ B: 1 }));
    expect(second).toMatchObject({ feed: { seq: 7 }, changes: { changed: ['B'], removed: ['A'] } });
  });

  it('says that it cannot tell what changed since a number of another feed, or one whose removals it forgot', () => {
    let { feed } = advanceFeed(openFeed(1_000_000), entriesOf({ A: 0, B: 0 }));
    const start = feed.seq;
    feed = advanceFeed(feed, entriesOf({ A: 0 })).feed;
    expect(changesSince(feed, start)).toEqual({ changed: [], removed: ['B'] });
    for (const other of [start - 2, feed.seq + 1, 0]) expect(changesSince(feed, other)).toBeNull();
    for (let i = 0; i <= rememberedRemovals; i++) feed = advanceFeed(feed, entriesOf({ A: i % 2 })).feed;
    feed = advanceFeed(feed, entriesOf({ A: 9 })).feed;
    expect(changesSince(feed, start)).toBeNull();
    expect(changesSince(feed, start + 10)).toMatchObject({ changed: ['A'] });
    expect(feed.removed).toEqual({});
  });

  it('says with a delta only what differs, and sends no message larger than the gateway takes', () => {
    const many = Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [`MACHINE-${i}`, i]));
    const { feed } = advanceFeed(openFeed(0), entriesOf(many));
    const frames = snapshotFrames(stateOf(feed, entriesOf(many)));
    const client = new Client();
    client.hear(frames);
    expect(frames.length).toBeGreaterThan(1);
    expect(client.entries.size).toBe(4000);
    for (const text of toMessages(frames)) expect(text.length).toBeLessThan(mostMessageChars * 1.1);
    const one = new Map([['A', { machineId: 'A', name: 'Mill', health: 2 }]]);
    const changed = new Map([['A', { machineId: 'A', name: 'Mill', health: 3 }]]);
    const [delta = ''] = deltaFrames(stateOf(feed, changed), 0, { changed: ['A'], removed: [] }, one);
    expect(JSON.parse(delta).changed).toEqual([{ machineId: 'A', health: 3 }]);
  });
});
