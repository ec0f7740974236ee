/** ISO 8601 with an explicit zone: a local time without one means another moment in every plant. */
const zonedIso = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** 2000-01-01 and 2100-01-01: a number outside is seconds, microseconds or nonsense, not milliseconds. */
const earliestMs = 946_684_800_000;
export const latestMs = 4_102_444_800_000;

/** Whole milliseconds since 1970, which is what the stores take, or NaN where the value is no timestamp. */
export function parseTimestamp(value: unknown): number {
  const ms = typeof value === 'string' ? parseIso(value) : value;
  return typeof ms === 'number' && ms >= earliestMs && ms < latestMs ? Math.trunc(ms) : Number.NaN;
}

/** `Date.parse` takes 30 February for 2 March. */
function parseIso(text: string): number {
  const [, year, month, day] = zonedIso.exec(text) ?? [];
  const isInMonth = Number(day) <= 28 || Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return isInMonth ? Date.parse(text) : Number.NaN;
}
