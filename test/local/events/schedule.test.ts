import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../local/events/schedule.ts';
import { openTimetable } from '../../../local/events/timetable.ts';

/** The first moments after a Friday noon. */
const start = '2026-11-20T12:00:00Z';

function listTimes(expression: string, count: number): string[] {
  const schedule = parseSchedule(expression);
  const times: string[] = [];
  let atMs: number | null = Date.parse(start);
  while (times.length < count && atMs !== null) {
    atMs = schedule.nextAfterMs(atMs);
    if (atMs !== null) times.push(new Date(atMs).toISOString().slice(0, 16));
  }
  return times;
}

/** The examples of the user guide's page on cron expressions, and what its wildcards promise. */
describe('a schedule', () => {
  it.each<[string, string[]]>([
    ['rate(5 minutes)', ['2026-11-20T12:05', '2026-11-20T12:10']],
    ['rate(1 hour)', ['2026-11-20T13:00', '2026-11-20T14:00']],
    ['rate(7 days)', ['2026-11-27T12:00']],
    ['cron(15 10 * * ? *)', ['2026-11-21T10:15', '2026-11-22T10:15']],
    ['cron(0 18 ? * MON-FRI *)', ['2026-11-20T18:00', '2026-11-23T18:00']],
    ['cron(0 8 1 * ? *)', ['2026-12-01T08:00', '2027-01-01T08:00']],
    ['cron(0/15 * * * ? *)', ['2026-11-20T12:15', '2026-11-20T12:30']],
    ['cron(0/5 8-9 ? * MON-FRI *)', ['2026-11-23T08:00', '2026-11-23T08:05']],
    ['cron(0 9 ? * 2#1 *)', ['2026-12-07T09:00', '2027-01-04T09:00']],
    ['cron(0 10 ? * 6L 2027)', ['2027-01-29T10:00', '2027-02-26T10:00']],
    ['cron(0 0 L * ? *)', ['2026-11-30T00:00', '2026-12-31T00:00']],
    ['cron(0 6 21W * ? *)', ['2026-12-21T06:00', '2027-01-21T06:00']],
    ['cron(30 0,12 ? NOV,DEC SUN 2026)', ['2026-11-22T00:30', '2026-11-22T12:30']],
    ['cron(0 0 29 2 ? *)', ['2028-02-29T00:00']],
    ['cron(0 0 31 2 ? *)', []],
    ['cron(0 0 1 1 ? 2020)', []],
  ])('%s', (expression, times) => {
    expect(listTimes(expression, times.length || 1)).toEqual(times);
  });

  it.each([
    ['rate(1 minutes)', 'allowed are rate(1 minute)'],
    ['rate(5 minute)', 'allowed are rate(1 minute)'],
    ['rate(0 minutes)', 'allowed are rate(1 minute)'],
    ['every hour', 'allowed are rate(5 minutes) and cron'],
    ['cron(0 6 * * * *)', 'must have ? in one of day of month and day of week'],
    ['cron(0 6 * * ?)', 'allowed is cron(minutes hours day-of-month month day-of-week year)'],
    ['cron(60 6 * * ? *)', 'minutes: got "60", allowed are 0 to 59'],
    ['cron(0 6 ? * MOO *)', 'day of week: got "MOO", allowed are 1 to 7'],
    ['cron(0 6 ? JAN-DEZ MON *)', 'month: got "JAN-DEZ"'],
  ])('%s is refused', (expression, says) => {
    expect(() => parseSchedule(expression)).toThrow(says);
  });
});

describe('a timetable', () => {
  function open(folder: string, clock: { nowMs: number }) {
    const fired: string[] = [];
    const timetable = openTimetable({
      folder,
      nowMs: () => clock.nowMs,
      fire: (_, atMs) => fired.push(new Date(atMs).toISOString().slice(11, 16)),
    });
    return { timetable, fired };
  }

  it('fires each time that a fast clock went over, and once for what a stopped laptop missed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'timetable-'));
    const clock = { nowMs: Date.parse(start) };
    const first = open(folder, clock);
    first.timetable.add('rule', 'rate(5 minutes)');
    clock.nowMs += 16 * 60_000;
    first.timetable.run();
    expect(first.fired).toEqual(['12:05', '12:10', '12:15']);
    first.timetable.stop();
    clock.nowMs = Date.parse('2026-11-20T15:02:00Z');
    const second = open(folder, clock);
    second.timetable.add('rule', 'rate(5 minutes)');
    second.timetable.run();
    second.timetable.run();
    expect(second.fired).toEqual(['15:02']);
    second.timetable.stop();
    rmSync(folder, { recursive: true });
  });
});
