import { existsSync, readFileSync } from 'node:fs';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { replaceFile } from './replace-file.ts';

/**
 * The laptop's time. It may run faster than the real one, and after a fast run it goes on from where that run ended, so
 * that no sample is older than one stored before. Everything of the cloud reads `Date`, Lambda functions too: so it is
 * `Date` that is set. Timers stay real.
 */
export interface Clock {
  readonly realStartMs: number;
  readonly startMs: number;
  readonly speed: number;
}

interface SavedClock {
  readonly nowMs: number;
}

const RealDate = Date;

export const isReal = (clock: Clock): boolean => clock.speed === 1 && clock.startMs === clock.realStartMs;

/** Reads where the run before ended. */
export function openClock(file: string, speed: number): Clock {
  const realStartMs = RealDate.now();
  const savedMs = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SavedClock).nowMs : 0;
  return { realStartMs, startMs: Math.max(realStartMs, savedMs), speed };
}

/** Only a clock that is ahead needs to be remembered. */
export function saveClock(file: string, clock: Clock): void {
  if (!isReal(clock)) replaceFile(file, JSON.stringify({ nowMs: readClock(clock) } satisfies SavedClock));
}

export const readClock = (clock: Clock): number =>
  Math.floor(clock.startMs + (RealDate.now() - clock.realStartMs) * clock.speed);

/** Null while it is about the real time. */
export function describeLead({ startMs, realStartMs }: Clock): string | null {
  const minutes = Math.round((startMs - realStartMs) / 60_000);
  if (minutes < 1) return null;
  return `${minutes} min ahead: a faster run ended there, and no sample may be older than one before (--fresh forgets it)`;
}

const environmentKey = 'laptop-clock';

/** Sets this thread's clock; the functions' workers take it over with `inheritClock`. */
export function installClock(clock: Clock): void {
  if (isReal(clock)) return;
  setEnvironmentData(environmentKey, { ...clock });
  const now = (): number => readClock(clock);
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
}

export function inheritClock(): void {
  const clock = getEnvironmentData(environmentKey) as Clock | undefined;
  if (clock !== undefined) installClock(clock);
}

/** Milliseconds since 1970 by the real clock: for certificates, deadlines and what people wait for. */
export const realNowMs = (): number => performance.timeOrigin + performance.now();
