import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { CallFailed } from './call-failed.ts';
import { startPolling } from './poll.ts';
import { useClient } from './session-context.ts';

export interface Polled<T> {
  readonly value: T | null;
  /** When the value came, by this machine's clock. */
  readonly atMs: number | null;
  /** The same moment by the plant's clock, kept with the value: a newer word of something else does not move it. */
  readonly asOfMs: number | null;
  readonly problem: CallFailed | null;
  /** Nothing has come for longer than a twin may be silent: what is shown is how it was. */
  readonly isCutOff: boolean;
  /** Asks at once: something was done, and what it did is wanted. */
  readonly again: () => void;
}

/** As long as the API's own shortest limit. */
const cutOffAfterMs = 5000;

export const isTooOld = (atMs: number | null, nowMs: number): boolean => atMs === null || nowMs - atMs > cutOffAfterMs;

/** `null` asks for nothing: something else tells it at the moment. */
export type EveryMs = number | null;

/** Polls, and goes on by itself when the server is back. `key` names what is asked for: another key starts over. */
export function usePolled<T>(key: string, everyMs: EveryMs, ask: (signal: AbortSignal) => Promise<T>): Polled<T> {
  const { clock } = useClient();
  const [state, setState] = useState<{ key: string } & Omit<Polled<T>, 'isCutOff' | 'again'>>({ key, ...nothing });
  const [nowMs, setNowMs] = useState(Date.now);
  const asking = useRef(ask);
  asking.current = ask;
  const goOnNow = useRef<() => void>(() => undefined);
  const again = useCallback(() => goOnNow.current(), []);
  useEffect(() => {
    if (everyMs === null) return;
    const abort = new AbortController();
    const { goOn, stop } = startPolling({
      everyMs,
      ask: () => asking.current(abort.signal),
      onValue: (value) => setState({ key, value, atMs: Date.now(), asOfMs: clock.nowMs(), problem: null }),
      onProblem: (error) => {
        const problem = error instanceof CallFailed ? error : new CallFailed(0, String(error));
        setState((before) => ({ ...(before.key === key ? before : nothing), key, problem }));
        setNowMs(Date.now());
      },
      isHidden: () => document.hidden,
    });
    goOnNow.current = goOn;
    addEventListener('online', goOn);
    return () => {
      removeEventListener('online', goOn);
      stop();
      abort.abort();
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

const nothing = { value: null, atMs: null, asOfMs: null, problem: null } as const;
