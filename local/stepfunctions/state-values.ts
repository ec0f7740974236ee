/** What a state's fields give: seconds, moments, errors; fixed or from a path. */
import type { Json } from '../engine.ts';
import { readPath } from './data-flow.ts';
import type { FailState, WaitState } from './definition.ts';
import { StatesError } from './states-error.ts';

export function readSeconds(
  fixed: number | undefined,
  path: string | undefined,
  input: unknown,
  context: Json,
): number | null {
  if (path === undefined) return fixed ?? null;
  const seconds = readPath(path, input, context);
  if (typeof seconds === 'number' && seconds > 0) return seconds;
  throw new StatesError('States.Runtime', `${path}: got ${JSON.stringify(seconds)}, allowed are seconds`);
}

export const readFailure = (state: FailState, input: unknown, context: Json): StatesError => {
  const read = (text: string | undefined, path: string | undefined): string =>
    path === undefined ? (text ?? '') : String(readPath(path, input, context));
  return new StatesError(read(state.Error, state.ErrorPath), read(state.Cause, state.CausePath));
};

export function readMoment(state: WaitState, input: unknown, context: Json, enteredAtMs: number): number {
  const { Timestamp, TimestampPath } = state;
  if (Timestamp === undefined && TimestampPath === undefined) {
    const seconds = state.SecondsPath === undefined ? state.Seconds : readPath(state.SecondsPath, input, context);
    if (typeof seconds === 'number' && seconds >= 0) return enteredAtMs + seconds * 1000;
    throw new StatesError(
      'States.Runtime',
      `${state.SecondsPath}: got ${JSON.stringify(seconds)}, allowed are seconds`,
    );
  }
  const text = Timestamp ?? String(readPath(TimestampPath ?? '$', input, context));
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs)) throw new StatesError('States.Runtime', `${TimestampPath} is no timestamp: ${text}`);
  return atMs;
}
