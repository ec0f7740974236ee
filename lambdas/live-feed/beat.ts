/**
 * One beat of the feed: what is watched is read once, each topic's feed goes one number further where something
 * changed, and each connection is sent one parcel. Nothing is queued for anybody: who could not be reached is noted
 * with the number that it has, and the next beat tells it all that changed since, in one.
 */
import { keyNameOf, readTopic } from '../../core/api/live.ts';
import {
  advanceFeed,
  type Changes,
  changesSince,
  type Entries,
  type Feed,
  openFeed,
} from '../../core/api/live-feed.ts';
import { deltaFrames, snapshotFrames, type TopicState, toMessages } from '../../core/api/live-frames.ts';
import { formatMoment } from '../../core/api/moment.ts';
import type { LiveConnection, LiveStore, Posted, Poster, Since } from '../ports/live.ts';

export interface BeatDeps {
  readonly store: LiveStore;
  readonly poster: Poster;
  readonly read: (topics: readonly string[], nowMs: number) => Promise<ReadonlyMap<string, Entries>>;
}

/** What a feeder remembers of the topics that are watched, from one beat to the next. */
export type Memory = Map<string, Remembered>;

interface Remembered {
  readonly feed: Feed;
  readonly entries: Entries;
  readonly savedAtMs: number;
}

interface Advanced extends TopicState {
  /** What a client has that hears each delta as it comes. */
  readonly from: number;
  /** Texts of the delta from there; null where nothing changed. */
  readonly news: readonly string[] | null;
}

export interface BeatReport {
  readonly connections: number;
  readonly watched: number;
  readonly sent: number;
  readonly behind: number;
}

/** Who was away for less may resume. */
const feedKeptMs = 15 * 60_000;

/** Somebody else advanced a feed: this feeder is no longer the newest. */
export class Superseded extends Error {}

export async function beat(deps: BeatDeps, memory: Memory, nowMs: number): Promise<BeatReport> {
  const connections = await deps.store.list(nowMs);
  const topics = [...new Set(connections.flatMap((connection) => Object.keys(connection.topics)))];
  for (const topic of memory.keys()) if (!topics.includes(topic)) memory.delete(topic);
  const read = await deps.read(topics, nowMs);
  const advanced = new Map(
    await Promise.all(
      [...read].map(
        async ([topic, entries]) => [topic, await advance(deps, memory, { topic, entries, nowMs })] as const,
      ),
    ),
  );
  const parcels = connections
    .map((connection) => ({ connection, ...pack(connection, advanced) }))
    .filter(({ texts }) => texts.length > 0);
  const posted = await deps.poster.post(
    parcels.map(({ connection, texts }) => ({ connectionId: connection.connectionId, texts })),
  );
  await Promise.all(
    parcels.map(({ connection }, i) => noteOutcome(deps, connection, { posted: posted[i] ?? 'full', advanced })),
  );
  const sent = posted.filter((one) => one === 'sent').length;
  const behind = posted.filter((one) => one === 'full').length;
  return { connections: connections.length, watched: topics.length, sent, behind };
}

interface Look {
  readonly topic: string;
  readonly entries: Entries;
  readonly nowMs: number;
}

async function advance({ store }: BeatDeps, memory: Memory, { topic, entries, nowMs }: Look): Promise<Advanced> {
  const known = memory.get(topic);
  const stored = known?.feed ?? (await store.loadFeed(topic, nowMs));
  const before = stored ?? openFeed(nowMs);
  const { feed, changes } = advanceFeed(before, entries);
  let savedAtMs = known?.savedAtMs ?? Number.NEGATIVE_INFINITY;
  if (feed !== before || nowMs - savedAtMs > feedKeptMs / 2) {
    const expected = { before: stored?.seq ?? null, expiresAtMs: nowMs + feedKeptMs };
    if (!(await store.saveFeed(topic, feed, expected))) throw new Superseded(topic);
    savedAtMs = nowMs;
  }
  memory.set(topic, { feed, entries, savedAtMs });
  const state = { topic, keyName: keyNameOfTopic(topic), feed, entries, asOf: formatMoment(nowMs) };
  const news = feed === before ? null : deltaFrames(state, before.seq, changes, known?.entries);
  return { ...state, from: before.seq, news };
}

function keyNameOfTopic(text: string): string {
  const topic = readTopic(text);
  return topic === null ? '' : keyNameOf(topic);
}

function pack({ topics }: LiveConnection, advanced: ReadonlyMap<string, Advanced>): { texts: string[] } {
  const frames = Object.entries(topics).flatMap(([topic, since]) => {
    const state = advanced.get(topic);
    return state === undefined ? [] : framesFor(state, since);
  });
  return { texts: toMessages(frames) };
}

function framesFor(state: Advanced, since: Since): readonly string[] {
  if (since === null) return state.news ?? [];
  const changes: Changes | null = since === 'fresh' ? null : changesSince(state.feed, since);
  return since === 'fresh' || changes === null ? snapshotFrames(state) : deltaFrames(state, since, changes);
}

async function noteOutcome(
  { store }: BeatDeps,
  { connectionId, topics }: LiveConnection,
  { posted, advanced }: { readonly posted: Posted; readonly advanced: ReadonlyMap<string, Advanced> },
): Promise<void> {
  if (posted === 'gone') return store.disconnect(connectionId);
  for (const [topic, before] of Object.entries(topics)) {
    const state = advanced.get(topic);
    if (state === undefined) continue;
    if (posted === 'sent' && before !== null) await store.note(connectionId, topic, { before, after: null });
    if (posted === 'full' && before === null) {
      await store.note(connectionId, topic, { before, after: state.from });
    }
  }
}
