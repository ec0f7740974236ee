/** Frames as messages of a size that the gateway takes. */

import type { Entry } from './live.ts';
import { type Changes, type Entries, type Feed, patchOf } from './live-feed.ts';

/**
 * API Gateway takes messages of up to 128 KB (developer guide, "Quotas for WebSocket APIs"). Lengths are counted in
 * characters here: room is left for those of more than one byte.
 */
export const mostMessageChars = 96 * 1024;

export interface TopicState {
  readonly topic: string;
  readonly keyName: string;
  readonly feed: Feed;
  readonly entries: Entries;
  readonly asOf: string;
}

/** Texts of frames; each is one part of the snapshot. */
export const snapshotFrames = ({ topic, feed, entries, asOf }: TopicState): string[] =>
  inParts([...entries.values()], (parts, part, some) => ({
    type: 'snapshot',
    topic,
    seq: feed.seq,
    part,
    parts,
    asOf,
    entries: some,
  }));

/** `before`: what the client has of each entry, where that is known; the others are told whole. */
export function deltaFrames(state: TopicState, from: number, changes: Changes, before?: Entries): string[] {
  const { topic, feed, entries, keyName, asOf } = state;
  const changed = changes.changed.flatMap((key) => {
    const entry = entries.get(key);
    return entry === undefined ? [] : [patchOf(before?.get(key), entry, keyName)];
  });
  return inParts(changed, (parts, part, some) => ({
    type: 'delta',
    topic,
    from,
    seq: feed.seq,
    part,
    parts,
    asOf,
    changed: some,
    removed: part === 1 ? changes.removed : [],
  }));
}

function inParts(
  entries: readonly Entry[],
  describe: (parts: number, part: number, some: Entry[]) => object,
): string[] {
  const groups: Entry[][] = [[]];
  let chars = 0;
  for (const entry of entries) {
    const more = JSON.stringify(entry).length + 1;
    if (chars > 0 && chars + more > mostMessageChars) {
      groups.push([]);
      chars = 0;
    }
    groups.at(-1)?.push(entry);
    chars += more;
  }
  return groups.map((some, i) => JSON.stringify(describe(groups.length, i + 1, some)));
}

/** As many frames a message as it takes, in their order. */
export function toMessages(frames: readonly string[]): string[] {
  const groups: string[][] = [];
  let chars = Number.POSITIVE_INFINITY;
  for (const frame of frames) {
    if (chars + frame.length > mostMessageChars) {
      groups.push([]);
      chars = 0;
    }
    groups.at(-1)?.push(frame);
    chars += frame.length + 1;
  }
  return groups.map((group) => `{"frames":[${group.join()}]}`);
}
