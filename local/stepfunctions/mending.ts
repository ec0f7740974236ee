/**
 * What becomes of a state's error: tried again, caught, or the end. Source: states-language.net/spec.html, "Errors";
 * Step Functions developer guide, "Handling errors": neither States.ALL nor States.TaskFailed takes a States.Runtime.
 */

import type { WorkingState } from './definition.ts';
import type { StatesError } from './states-error.ts';

/** Tries so far, by the retrier's place. */
export type Tries = Readonly<Record<string, number>>;

const terminal: ReadonlySet<string> = new Set(['States.Runtime', 'States.DataLimitExceeded']);

/** A missed heartbeat is a timeout too. */
function catches(names: readonly string[], { name }: StatesError): boolean {
  if (names.includes(name)) return true;
  if (name === 'States.HeartbeatTimeout' && names.includes('States.Timeout')) return true;
  if (terminal.has(name)) return false;
  return names.includes('States.ALL') || (names.includes('States.TaskFailed') && name !== 'States.Timeout');
}

export function findRetry({ Retry }: WorkingState, error: StatesError, tries: Tries) {
  const place = Retry.findIndex(({ ErrorEquals }) => catches(ErrorEquals, error));
  const retrier = Retry[place];
  const done = tries[place] ?? 0;
  if (retrier === undefined || done >= retrier.MaxAttempts) return null;
  const { IntervalSeconds, BackoffRate, MaxDelaySeconds = Number.POSITIVE_INFINITY, JitterStrategy } = retrier;
  const delayMs = Math.min(IntervalSeconds * BackoffRate ** done, MaxDelaySeconds) * 1000;
  const share = JitterStrategy === 'FULL' ? Math.random() : 1;
  return { delayMs: Math.floor(delayMs * share), tries: { ...tries, [place]: done + 1 } };
}

export const findCatcher = ({ Catch }: WorkingState, error: StatesError) =>
  Catch.find(({ ErrorEquals }) => catches(ErrorEquals, error));
