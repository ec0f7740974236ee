import { useEffect } from 'preact/hooks';
import { formatTime } from '../wording.ts';
import type { Polled } from './polled.ts';
import { useSession } from './session-context.ts';

interface Props {
  readonly polled: Polled<unknown>;
  /** A moment of the past is shown, as it was asked for. */
  readonly isPast?: boolean;
}

/** Whether what is shown is of now; says so loudly when it is not. */
export function Connection({ polled, isPast = false }: Props) {
  const { signOut } = useSession();
  const { problem, asOfMs, isCutOff } = polled;
  const at = asOfMs === null ? null : formatTime(asOfMs);
  const isUnknown = problem?.status === 401;
  useEffect(() => {
    if (isUnknown) signOut('Your sign-in has run out. After signing in you are back where you were.');
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
        {at === null ? 'Nothing is known yet.' : `What is shown is how it was at ${at}.`} Trying again by itself.
      </p>
    );
  }
  return (
    <p class={`live ${at === null || isPast ? 'waiting' : ''}`} aria-live="off">
      {at === null ? 'Loading…' : isPast ? 'Not live' : `Live, ${at}`}
    </p>
  );
}
