/** What goes wrong while a run lasts: told in a sentence, not again and again, and survived where it can be. */
import { appendFileSync } from 'node:fs';
import { realNowMs } from '../clock.ts';

const quietMs = 10_000;
const rememberedLines = 1000;

/** A line that comes again at once is not told again. */
export function tellSeldom(say: (line: string) => void): (line: string) => void {
  const toldAtMs = new Map<string, number>();
  return (line) => {
    const nowMs = realNowMs();
    if (nowMs - (toldAtMs.get(line) ?? Number.NEGATIVE_INFINITY) < quietMs) return;
    if (toldAtMs.size >= rememberedLines) toldAtMs.clear();
    toldAtMs.set(line, nowMs);
    say(line);
  };
}

const sqliteFull = 13;

function isDiskFull(error: Error & { code?: string; errcode?: number }): boolean {
  return error.code === 'ENOSPC' || error.errcode === sqliteFull;
}

/** For what the next second does again. */
export function attempt(write: () => void, say: (line: string) => void): void {
  try {
    write();
  } catch (error) {
    say(`start: ${(error as Error).message}`);
  }
}

/**
 * What nobody caught. On a full disk the timers of the engines try again, and what they write is whole or not at all; so
 * the run goes on. Anything else is a fault of this program: its stack goes into the file.
 */
export function catchTheRest(faultFile: string, say: (line: string) => void): void {
  process.on('uncaughtException', (error) => {
    if (isDiskFull(error)) {
      say(`start: ${error.message}; what waits goes on when there is room`);
      return;
    }
    attempt(() => appendFileSync(faultFile, `${error.stack}\n`), say);
    say(`start: ${error.message}; this should not happen, ${faultFile} says where it did`);
    process.exit(1);
  });
}

/** The message, and where it was thrown: `no such table (open, local/sqs/sqs.ts:20:3)`. */
export function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [, frame] = /\n\s+at (.*)/.exec(error.stack ?? '') ?? [];
  return frame === undefined ? error.message : `${error.message} (${frame.replace(/file:\/\/.*\/(?=local\/)/, '')})`;
}
