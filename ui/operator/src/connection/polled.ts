import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { CallFailed } from './call-failed.ts';

export interface Polled<T> {
  readonly value: T | null;
  /** When the value came, by this machine's clock. */
  readonly atMs: number | null;
  readonly problem: CallFailed | null;
  /** Nothing has come for longer than a twin may be silent: what is shown is how it was. */
  readonly isCutOff: boolean;
  /** Asks at once: something was done, and what it did is wanted. */
  readonly again: () => void;
}

/** As long as the API's own shortest limit. */
const cutOffAfterMs = 5000;

export const isTooOld = (atMs: number | null, nowMs: number): boolean => atMs === null || nowMs - atMs > cutOffAfterMs;
const longestPauseMs = 10_000;

/** `null` asks for nothing: something else tells it at the moment. */
export type EveryMs = number | null;

/**
 * Asks again and again, never twice at once; pauses while the page is hidden, waits longer after each failure, and goes
 * on by itself when the server is back. `key` names what is asked for: another key starts over.
 */
export function usePolled<T>(key: string, everyMs: EveryMs, ask: (signal: AbortSignal) => Promise<T>): Polled<T> {
  const [state, setState] = useState<{ key: string } & Omit<Polled<T>, 'isCutOff' | 'again'>>({ key, ...nothing });
  const [nowMs, setNowMs] = useState(Date.now);
  const asking = useRef(ask);
  asking.current = ask;
  const goOnNow = useRef<() => void>(() => undefined);
  const again = useCallback(() => goOnNow.current(), []);
  useEffect(() => {
    if (everyMs === null) return;
    const abort = new AbortController();
    let timer = 0;
    let failures = 0;
    let isAsking = false;
    const round = async (): Promise<void> => {
      isAsking = true;
      try {
        const value = await asking.current(abort.signal);
        failures = 0;
        if (!abort.signal.aborted) setState({ key, value, atMs: Date.now(), problem: null });
      } catch (error) {
        failures++;
        const problem = error instanceof CallFailed ? error : new CallFailed(0, String(error));
        if (!abort.signal.aborted) {
          setState((before) => ({ ...(before.key === key ? before : nothing), key, problem }));
          setNowMs(Date.now());
        }
      }
      isAsking = false;
      if (!abort.signal.aborted) timer = window.setTimeout(next, Math.min(longestPauseMs, everyMs * 2 ** failures));
    };
    const goOn = (): void => {
      clearTimeout(timer);
      failures = 0;
      if (!isAsking) void round();
    };
    const next = (): void => {
      if (document.hidden) timer = window.setTimeout(next, everyMs);
      else void round();
    };
    goOnNow.current = goOn;
    void round();
    addEventListener('online', goOn);
    return () => {
      removeEventListener('online', goOn);
      abort.abort();
      clearTimeout(timer);
    };
  }, [key, everyMs]);
  const current = state.key === key ? state : { ...state, ...nothing };
  const isFailing = current.problem !== null;
  useEffect(() => {
    if (!isFailing) return;
    const clock = window.setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(clock);
  }, [isFailing]);
  const isCutOff = isFailing && isTooOld(current.atMs, nowMs);
  return { ...current, isCutOff, again };
}

const nothing = { value: null, atMs: null, problem: null } as const;
