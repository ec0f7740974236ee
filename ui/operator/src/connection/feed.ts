import { useEffect, useState } from 'preact/hooks';
import type { Entry } from '../../../../core/api/live.ts';
import type { LiveFeed } from './live-feed.ts';
import { type Polled, usePolled } from './polled.ts';
import { useClient } from './session-context.ts';

interface Wanted<T> {
  /** What tells it live; empty while that is not known. */
  readonly topics: readonly string[];
  readonly everyMs: number;
  readonly ask: (signal: AbortSignal) => Promise<T>;
  readonly fromEntries: (entries: readonly Entry[], asOf: string) => T | null;
}

/** From the live feed where there is one and it speaks; asked for again and again where not. */
export function useFeed<T>(key: string, { topics, everyMs, ask, fromEntries }: Wanted<T>): Polled<T> {
  const { live } = useClient();
  const told = useLive(live, topics);
  const polled = usePolled(key, told === null ? everyMs : null, ask);
  const value = told === null ? null : fromEntries(told.entries, told.asOf);
  return told === null || value === null ? polled : { value, atMs: told.heardAtMs, problem: null, isCutOff: false };
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
    asOf:
      shown
        .map(({ asOf }) => asOf)
        .sort()
        .at(-1) ?? '',
    heardAtMs: Math.min(...shown.map(({ heardAtMs }) => heardAtMs)),
  };
}
