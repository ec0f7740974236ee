/**
 * When a scheduled rule fires: `rate(5 minutes)` or `cron(0 6 ? * MON-FRI *)`, in UTC, to the minute. A rate counts from
 * the last time; a cron expression that no date of the next years fits never fires. Source: EventBridge user guide,
 * "Creating a rule that runs on a schedule" and "Cron expressions" (`L`, `W`, `#`, one day field must be `?`).
 */
export interface Schedule {
  /** The first moment after this one; null where there is none. */
  nextAfterMs(atMs: number): number | null;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
const unitsMs: Readonly<Record<string, number>> = { minute: minuteMs, hour: 60 * minuteMs, day: dayMs };
/** A leap day comes within eight years, over 2100 too. */
const searchedDays = 8 * 366;

/** Throws an Error with one sentence. */
export function parseSchedule(text: string): Schedule {
  const [, kind, inside = ''] = /^(rate|cron)\((.*)\)$/.exec(text) ?? [];
  if (kind === 'rate') return parseRate(inside, text);
  if (kind === 'cron') return parseCron(inside, text);
  throw new Error(`ScheduleExpression: got "${text}", allowed are rate(5 minutes) and cron(0 6 ? * MON-FRI *)`);
}

function parseRate(inside: string, text: string): Schedule {
  const [, amount = '', unit = '', plural = ''] = /^(\d+) (minute|hour|day)(s?)$/.exec(inside) ?? [];
  const periodMs = Number(amount) * (unitsMs[unit] ?? 0);
  if (!(periodMs > 0) || (amount === '1') === (plural === 's')) {
    throw new Error(`ScheduleExpression: got "${text}", allowed are rate(1 minute), rate(2 hours), rate(3 days)`);
  }
  return { nextAfterMs: (atMs) => atMs + periodMs };
}

interface Field {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  /** What stands for `low`, `low + 1`, …: `JAN`. */
  readonly names?: readonly string[];
}

const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const dayOfMonth: Field = { name: 'day of month', low: 1, high: 31 };
const dayOfWeek: Field = { name: 'day of week', low: 1, high: 7, names: days };

type TakesDay = (date: Date) => boolean;

function parseCron(inside: string, text: string): Schedule {
  const fields = inside.trim().split(/\s+/);
  if (fields.length !== 6) {
    throw new Error(
      `ScheduleExpression: got "${text}", allowed is cron(minutes hours day-of-month month day-of-week year)`,
    );
  }
  const [minuteField, hourField, dayField, monthField, weekdayField, yearField] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if ((dayField === '?') === (weekdayField === '?')) {
    throw new Error(`ScheduleExpression: "${text}" must have ? in one of day of month and day of week`);
  }
  const minutes = [...parseField(minuteField, { name: 'minutes', low: 0, high: 59 })];
  const hours = [...parseField(hourField, { name: 'hours', low: 0, high: 23 })];
  const month = parseField(monthField, { name: 'month', low: 1, high: 12, names: months });
  const year = parseField(yearField, { name: 'year', low: 1970, high: 2199 });
  const takesDay = dayField === '?' ? parseDayOfWeek(weekdayField) : parseDayOfMonth(dayField);
  const times = hours.flatMap((h) => minutes.map((m) => (h * 60 + m) * minuteMs)).sort((a, b) => a - b);
  return {
    nextAfterMs: (atMs) => {
      const firstDay = Math.floor(atMs / dayMs);
      for (let day = firstDay; day < firstDay + searchedDays; day++) {
        const date = new Date(day * dayMs);
        if (!year.has(date.getUTCFullYear()) || !month.has(date.getUTCMonth() + 1) || !takesDay(date)) continue;
        const time = times.find((ms) => day * dayMs + ms > atMs);
        if (time !== undefined) return day * dayMs + time;
      }
      return null;
    },
  };
}

/** `*`, `5`, `MON-FRI`, `0/15`, lists of them. */
function parseField(text: string, field: Field): ReadonlySet<number> {
  return new Set(text.split(',').flatMap((part) => parseRange(part, field)));
}

function parseRange(part: string, field: Field): number[] {
  const [, from = '', to, step] = /^([^-/]+)(?:-([^-/]+))?(?:\/(\d+))?$/.exec(part) ?? [];
  const low = from === '*' ? field.low : readValue(from, field, part);
  const open = from === '*' || step !== undefined ? field.high : low;
  const high = to === undefined ? open : readValue(to, field, part);
  const stride = Number(step ?? 1);
  if (stride < 1 || low > high) throw badField(part, field);
  return Array.from({ length: Math.floor((high - low) / stride) + 1 }, (_, i) => low + i * stride);
}

function readValue(text: string, field: Field, part: string): number {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? named + field.low : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= field.low && value <= field.high)) throw badField(part, field);
  return value;
}

const badField = (part: string, { name, low, high }: Field): Error =>
  new Error(`ScheduleExpression: ${name}: got "${part}", allowed are ${low} to ${high}, lists, ranges and steps`);

/** `L` is the month's last day, `15W` the working day nearest to the 15th. */
function parseDayOfMonth(text: string): TakesDay {
  if (text === 'L') return (date) => date.getUTCDate() === lastDate(date);
  const [, near] = /^(\d+)W$/.exec(text) ?? [];
  if (near !== undefined) {
    const wanted = readValue(near, dayOfMonth, text);
    return (date) => date.getUTCDate() === nearestWorkingDate(date, wanted);
  }
  const taken = parseField(text, dayOfMonth);
  return (date) => taken.has(date.getUTCDate());
}

/** `L` is Saturday, `6L` the month's last Friday, `3#2` its second Tuesday. */
function parseDayOfWeek(text: string): TakesDay {
  const weekdayOf = (date: Date): number => date.getUTCDay() + 1;
  if (text === 'L') return (date) => weekdayOf(date) === dayOfWeek.high;
  const [, last] = /^([^#,]+)L$/.exec(text) ?? [];
  if (last !== undefined) {
    const wanted = readValue(last, dayOfWeek, text);
    return (date) => weekdayOf(date) === wanted && date.getUTCDate() + 7 > lastDate(date);
  }
  const [, nthDay, nth] = /^([^#]+)#([1-5])$/.exec(text) ?? [];
  if (nthDay !== undefined) {
    const wanted = readValue(nthDay, dayOfWeek, text);
    return (date) => weekdayOf(date) === wanted && Math.ceil(date.getUTCDate() / 7) === Number(nth);
  }
  const taken = parseField(text, dayOfWeek);
  return (date) => taken.has(weekdayOf(date));
}

const lastDate = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

/** It stays within the month. */
function nearestWorkingDate(date: Date, wanted: number): number {
  const last = lastDate(date);
  const target = Math.min(wanted, last);
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), target)).getUTCDay();
  if (weekday === 6) return target > 1 ? target - 1 : target + 2;
  if (weekday === 0) return target < last ? target + 1 : target - 2;
  return target;
}
