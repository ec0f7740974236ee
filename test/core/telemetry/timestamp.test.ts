import { expect, it } from 'vitest';
import { parseTimestamp } from '../../../core/telemetry/timestamp.ts';

it.each<[unknown, number]>([
  ['2026-01-31T08:00:00.000Z', Date.UTC(2026, 0, 31, 8)],
  ['2026-01-31T08:00Z', Date.UTC(2026, 0, 31, 8)],
  ['2026-01-31T08:00:00+01:00', Date.UTC(2026, 0, 31, 7)],
  ['2026-01-31T08:00:00.123456789Z', Date.UTC(2026, 0, 31, 8, 0, 0, 123)],
  ['2028-02-29T23:59:00Z', Date.UTC(2028, 1, 29, 23, 59)],
  [Date.UTC(2026, 0, 31), Date.UTC(2026, 0, 31)],
  // Seconds as a float times a thousand, as Python's clock gives them.
  [Date.UTC(2026, 0, 31) + 0.7, Date.UTC(2026, 0, 31)],
])('%s is a moment', (value, ms) => {
  expect(parseTimestamp(value)).toBe(ms);
});

it.each<[string, unknown]>([
  ['a local time means another moment in every plant', '2026-01-31T08:00:00'],
  ['a date is no moment', '2026-01-31'],
  ['there is no 13th month', '2026-13-01T00:00:00Z'],
  ['February has no 30th day', '2026-02-30T00:00:00Z'],
  ['2026 is no leap year', '2026-02-29T00:00:00+01:00'],
  ['there is no day 0', '2026-01-00T00:00:00Z'],
  ['seconds since 1970', 1_769_846_400],
  ['microseconds since 1970', 1_769_846_400_000_000],
  ['digits in a text', '1769846400000'],
  ['nothing', undefined],
  ['not a number', Number.NaN],
])('%s: refused', (_, value) => {
  expect(parseTimestamp(value)).toBeNaN();
});
