/**
 * A topic's feed: which of its entries changed at which number of its sequence. Of an entry only a hash is kept, and
 * the number at which it last changed; entries are states, so whoever missed numbers 5 to 9 needs those that changed
 * since 4 as they are now, and no list of messages has to be kept for anybody. What left is remembered for a while;
 * who asks for older than that, or for a feed that has been forgotten, gets a snapshot.
 * Fails quietly where two bodies share a 32-bit hash: the entry is told with its next change (one in 4·10⁹).
 */
import type { Entry } from './live.ts';

export interface Feed {
  readonly version: 1;
  readonly seq: number;
  /** The oldest number from which changes are still known. */
  readonly floor: number;
  /** Key → hash and number of the last change. */
  readonly entries: Readonly<Record<string, readonly [hash: number, changedSeq: number]>>;
  /** Key → number at which it left. */
  readonly removed: Readonly<Record<string, number>>;
}

export type Entries = ReadonlyMap<string, Entry>;

export interface Changes {
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Of what left, this many numbers are remembered: ten minutes at one a second. */
export const rememberedRemovals = 600;

/** Starts above every number that an earlier feed of the topic can have reached: no feed counts faster than seconds. */
export const openFeed = (nowMs: number): Feed => {
  const seq = Math.floor(nowMs / 1000);
  return { version: 1, seq, floor: seq, entries: {}, removed: {} };
};

/** The same feed when nothing changed; else one number further. */
export function advanceFeed(feed: Feed, entries: Entries): { readonly feed: Feed; readonly changes: Changes } {
  const seq = feed.seq + 1;
  const next: Record<string, readonly [number, number]> = {};
  const changed: string[] = [];
  for (const [key, entry] of entries) {
    const hash = hashOf(steadyText(entry));
    const known = feed.entries[key];
    next[key] = known?.[0] === hash ? known : [hash, seq];
    if (next[key] !== known) changed.push(key);
  }
  const removed = Object.keys(feed.entries).filter((key) => !entries.has(key));
  if (changed.length === 0 && removed.length === 0) return { feed, changes: { changed, removed } };
  return {
    feed: { ...feed, seq, entries: next, ...remember(feed, { seq, removed, next }) },
    changes: { changed, removed },
  };
}

function remember(
  feed: Feed,
  { seq, removed, next }: { readonly seq: number; readonly removed: readonly string[]; readonly next: object },
): Pick<Feed, 'floor' | 'removed'> {
  const all = { ...feed.removed, ...Object.fromEntries(removed.map((key) => [key, seq])) };
  const oldest = seq - rememberedRemovals;
  const kept = Object.entries(all).filter(([key, leftSeq]) => leftSeq > oldest && !(key in next));
  const forgotten = Object.values(all).filter((leftSeq) => leftSeq <= oldest);
  return { removed: Object.fromEntries(kept), floor: Math.max(feed.floor, ...forgotten) };
}

/** Null where a snapshot has to do: older than is known, or of another feed. */
export function changesSince(feed: Feed, since: number): Changes | null {
  if (since < feed.floor || since > feed.seq) return null;
  const after = (seq: number): boolean => seq > since;
  return {
    changed: Object.keys(feed.entries).filter((key) => after(feed.entries[key]?.[1] ?? 0)),
    removed: Object.keys(feed.removed).filter((key) => after(feed.removed[key] ?? 0)),
  };
}

/** Members that grow by themselves: they are told, and are no change. */
const agingMembers: ReadonlySet<string> = new Set(['ageMs', 'asOf']);

const steadyText = (value: unknown): string =>
  JSON.stringify(value, (name, member: unknown) => (agingMembers.has(name) ? undefined : member));

/** What a client that has `before` needs to have `after`: its key, and each member that differs. */
export function patchOf(before: Entry | undefined, after: Entry, keyName: string): Entry {
  if (before === undefined) return after;
  const differs = (name: string): boolean =>
    name === keyName || agingMembers.has(name) || steadyText(before[name]) !== steadyText(after[name]);
  return Object.fromEntries(Object.entries(after).filter(([name]) => differs(name)));
}

/** FNV-1a over UTF-16 units (Fowler, Noll, Vo; IETF draft-eastlake-fnv). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
