import { useEffect } from 'preact/hooks';
import type { Polled } from './polled.ts';
import { formatTime } from './wording.ts';

interface Props {
  readonly polled: Polled<unknown>;
  readonly onSignedOut: () => void;
}

/** Whether what is shown is of now; says so loudly when it is not. */
export function Connection({ polled, onSignedOut }: Props) {
  const { problem, atMs, isCutOff } = polled;
  const isUnknown = problem?.status === 401;
  useEffect(() => {
    if (isUnknown) onSignedOut();
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
    <p class="quiet" aria-live="off">
      {atMs === null ? 'Loading…' : `As of ${formatTime(atMs)}`}
    </p>
  );
}
