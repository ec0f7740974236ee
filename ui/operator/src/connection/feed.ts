import { useEffect, useRef, useState } from 'preact/hooks';
import type { Entry } from '../../../../core/api/live.ts';
import type { LiveFeed } from './live-feed.ts';
import { isTooOld, type Polled, usePolled } from './polled.ts';
import { useClient } from './session-context.ts';

interface Wanted<T> {
  /** What tells it live; empty while that is not known. */
  readonly topics: readonly string[];
  readonly everyMs: number;
  readonly ask: (signal: AbortSignal) => Promise<T>;
  readonly fromEntries: (entries: readonly Entry[]) => T | null;
}

/** From the live feed where there is one and it speaks; asked for again and again where not. */
export function useFeed<T>(key: string, { topics, everyMs, ask, fromEntries }: Wanted<T>): Polled<T> {
  const { live } = useClient();
  const told = useLive(live, topics);
  const polled = usePolled(key, told === null ? everyMs : null, ask);
  const value = told === null ? null : fromEntries(told.entries);
  const heard = useRef<Heard<T> | null>(null);
  if (told !== null && value !== null) heard.current = { key, value, atMs: told.heardAtMs, asOfMs: told.asOfMs };
  const { again } = polled;
  if (told !== null && value !== null) {
    return { value, atMs: told.heardAtMs, asOfMs: told.asOfMs, problem: null, isCutOff: false, again };
  }
  return newestOf(polled, heard.current?.key === key ? heard.current : null);
}

interface Heard<T> {
  readonly key: string;
  readonly value: T;
  readonly atMs: number;
  readonly asOfMs: number;
}

/** When the feed falls silent, what was heard last may be newer than what was asked for last. */
function newestOf<T>(polled: Polled<T>, heard: Heard<T> | null): Polled<T> {
  if (heard === null || (polled.atMs !== null && polled.atMs > heard.atMs)) return polled;
  const { value, atMs, asOfMs } = heard;
  return { ...polled, value, atMs, asOfMs, isCutOff: polled.problem !== null && isTooOld(atMs, Date.now()) };
}

function useLive(live: LiveFeed | null, topics: readonly string[]) {
  const [, setRound] = useState(0);
  const names = topics.join('\n');
  useEffect(() => {
    if (live === null || names === '') return;
    const stops = names.split('\n').map((name) => live.watch(name, () => setRound((round) => round + 1)));
    return () => {
      for (const stop of stops) stop();
    };
  }, [live, names]);
  if (live === null || topics.length === 0) return null;
  const shown = topics.map((topic) => live.read(topic)).filter((one) => one !== null);
  if (shown.length < topics.length) return null;
  return {
    entries: shown.flatMap(({ entries }) => entries),
    heardAtMs: Math.min(...shown.map(({ heardAtMs }) => heardAtMs)),
    asOfMs: Math.min(...shown.map(({ asOfMs }) => asOfMs)),
  };
}
