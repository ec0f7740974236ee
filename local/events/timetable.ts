/**
 * Fires scheduled rules when the laptop's time has come to them. The next moment of each is kept on disk: a rate goes on
 * where it was, and what a stopped laptop has missed fires once, at its start. Timers are real and time may run faster,
 * so the clock is looked at now and then.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseSchedule, type Schedule } from './schedule.ts';

export interface Timetable {
  /** Throws an Error with one sentence where the expression is wrong. */
  add(ruleArn: string, expression: string): void;
  start(): void;
  stop(): void;
  /** Fires all that is due. */
  run(): void;
}

export interface TimetableParts {
  readonly folder: string;
  readonly nowMs: () => number;
  readonly fire: (ruleArn: string, atMs: number) => void;
}

interface Row {
  readonly ruleArn: string;
  readonly nextAtMs: number;
}

const lookEveryMs = 100;

export function openTimetable({ folder, nowMs, fire }: TimetableParts): Timetable {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'timetable.db'));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS entry (ruleArn TEXT PRIMARY KEY, expression TEXT, nextAtMs INTEGER)`);
  const find = database.prepare('SELECT nextAtMs FROM entry WHERE ruleArn = ? AND expression = ?');
  const put = database.prepare('INSERT OR REPLACE INTO entry VALUES (?, ?, ?)');
  const selectDue = database.prepare('SELECT ruleArn, nextAtMs FROM entry WHERE nextAtMs <= ? ORDER BY nextAtMs');
  const schedules = new Map<string, { readonly expression: string; readonly schedule: Schedule }>();
  let timer: NodeJS.Timeout | undefined;

  const run = (): void => {
    for (;;) {
      const due = (selectDue.all(nowMs()) as unknown as Row[]).filter(({ ruleArn }) => schedules.has(ruleArn));
      if (due.length === 0) return;
      for (const { ruleArn, nextAtMs } of due) {
        const { expression, schedule } = schedules.get(ruleArn)!;
        put.run(ruleArn, expression, schedule.nextAfterMs(nextAtMs));
        fire(ruleArn, nextAtMs);
      }
    }
  };
  return {
    add: (ruleArn, expression) => {
      const schedule = parseSchedule(expression);
      schedules.set(ruleArn, { expression, schedule });
      const known = find.get(ruleArn, expression) as { nextAtMs: number | null } | undefined;
      const nextAtMs = known === undefined ? schedule.nextAfterMs(nowMs()) : known.nextAtMs;
      put.run(ruleArn, expression, nextAtMs === null ? null : Math.max(nextAtMs, nowMs()));
    },
    start: () => {
      if (schedules.size > 0) timer = setInterval(run, lookEveryMs);
    },
    stop: () => {
      clearInterval(timer);
      database.close();
    },
    run,
  };
}
