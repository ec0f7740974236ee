import { useEffect } from 'preact/hooks';
import { formatTime } from '../wording.ts';
import type { Polled } from './polled.ts';
import { useSession } from './session-context.ts';

/** Whether what is shown is of now; says so loudly when it is not. */
export function Connection({ polled }: { readonly polled: Polled<unknown> }) {
  const { signOut } = useSession();
  const { problem, atMs, isCutOff } = polled;
  const isUnknown = problem?.status === 401;
  useEffect(() => {
    if (isUnknown) signOut();
  }, [isUnknown]);
  if (problem !== null && problem.status >= 400 && problem.status < 500) {
    return (
      <p class="banner" role="alert">
        ✖ {problem.message}
      </p>
    );
  }
  if (isCutOff) {
    return (
      <p class="banner" role="alert">
        ✖ No connection: {problem?.message}.{' '}
        {atMs === null ? 'Nothing is known yet.' : `What is shown is how it was at ${formatTime(atMs)}.`} Trying again
        by itself.
      </p>
    );
  }
  return (
    <p class={`live ${atMs === null ? 'waiting' : ''}`} aria-live="off">
      {atMs === null ? 'Loading…' : `Live, ${formatTime(atMs)}`}
    </p>
  );
}
