import { describe, expect, it } from 'vitest';
import { mostTopics } from '../../core/api/live.ts';
import { openFeed } from '../../core/api/live-feed.ts';
import type { FeederLease, LiveStore } from '../../lambdas/ports/live.ts';

/** What every store of the live feed must do; a case uses connections and topics of its own. */
export function liveStoreContract(open: () => LiveStore & FeederLease): void {
  const nowMs = 1_000_000_000;
  const connected = async (id: string) => {
    const store = open();
    await store.connect(id, nowMs + 1000);
    const topicsOf = async (atMs = nowMs) => (await store.list(atMs)).find((c) => c.connectionId === id)?.topics;
    return { store, topicsOf };
  };

  describe('a live store', () => {
    it('knows what each connection watches, and forgets who left or is too old', async () => {
      const { store, topicsOf } = await connected('a=');
      expect(await store.watch('a=', 'site:Kiel', 'fresh')).toBe(true);
      expect(await store.watch('a=', 'machine:M-1', 7)).toBe(true);
      expect(await topicsOf()).toEqual({ 'site:Kiel': 'fresh', 'machine:M-1': 7 });
      await store.unwatch('a=', 'site:Kiel');
      expect(await topicsOf()).toEqual({ 'machine:M-1': 7 });
      expect(await topicsOf(nowMs + 2000)).toBeUndefined();
      await store.disconnect('a=');
      expect(await topicsOf()).toBeUndefined();
      expect(await store.watch('a=', 'site:Kiel', 'fresh')).toBe(false);
      await store.unwatch('a=', 'site:Kiel');
      expect(await topicsOf()).toBeUndefined();
    });

    it('lets a connection watch so many topics, and change those it watches', async () => {
      const { store } = await connected('b');
      for (let i = 0; i < mostTopics; i++) expect(await store.watch('b', `site:${i}`, 'fresh')).toBe(true);
      expect(await store.watch('b', 'site:more', 'fresh')).toBe(false);
      expect(await store.watch('b', 'site:0', 3)).toBe(true);
    });

    it('notes progress unless the client asked for something else meanwhile', async () => {
      const { store, topicsOf } = await connected('c');
      await store.watch('c', 'site:Kiel', 'fresh');
      await store.note('c', 'site:Kiel', { before: 'fresh', after: null });
      expect(await topicsOf()).toEqual({ 'site:Kiel': null });
      await store.note('c', 'site:Kiel', { before: 'fresh', after: 5 });
      await store.note('c', 'site:Kiel', { before: null, after: 9 });
      expect(await topicsOf()).toEqual({ 'site:Kiel': 9 });
      await store.note('gone', 'site:Kiel', { before: null, after: 9 });
      expect((await store.list(nowMs)).some(({ connectionId }) => connectionId === 'gone')).toBe(false);
    });

    it('keeps a feed for one writer at a time, until it is too old', async () => {
      const store = open();
      const feed = openFeed(nowMs);
      const expiresAtMs = nowMs + 1000;
      expect(await store.loadFeed('site:Kiel', nowMs)).toBeUndefined();
      expect(await store.saveFeed('site:Kiel', feed, { before: null, expiresAtMs })).toBe(true);
      expect(await store.saveFeed('site:Kiel', feed, { before: null, expiresAtMs })).toBe(false);
      const next = { ...feed, seq: feed.seq + 1 };
      expect(await store.saveFeed('site:Kiel', next, { before: feed.seq, expiresAtMs })).toBe(true);
      expect(await store.saveFeed('site:Kiel', next, { before: feed.seq, expiresAtMs })).toBe(false);
      expect(await store.loadFeed('site:Kiel', nowMs)).toEqual(next);
      expect(await store.loadFeed('site:Kiel', expiresAtMs)).toBeUndefined();
      const later = openFeed(expiresAtMs + 5000);
      expect(await store.saveFeed('site:Kiel', later, { before: null, expiresAtMs: nowMs * 2 })).toBe(true);
    });

    it('gives the lease to whoever takes it last', async () => {
      const store = open();
      await store.take('old', nowMs + 10);
      await store.take('new', nowMs + 20);
      expect(await store.renew('old', nowMs + 99)).toBe(false);
      await store.release('old');
      expect(await store.claim(nowMs + 15, nowMs + 30)).toBe(false);
      expect(await store.renew('new', nowMs + 50)).toBe(true);
      expect(await store.claim(nowMs + 40, nowMs + 60)).toBe(false);
      await store.release('new');
      expect(await store.claim(nowMs, nowMs + 10)).toBe(true);
    });

    it('lets one of many start a feeder, and another one when that did not begin in time', async () => {
      const store = open();
      const claims = await Promise.all([1, 2, 3].map(() => store.claim(nowMs, nowMs + 10)));
      expect(claims.filter((isMine) => isMine)).toHaveLength(1);
      expect(await store.claim(nowMs + 9, nowMs + 20)).toBe(false);
      expect(await store.claim(nowMs + 10, nowMs + 20)).toBe(true);
      await store.take('begun', nowMs + 99);
      expect(await store.claim(nowMs + 50, nowMs + 60)).toBe(false);
    });
  });
}
