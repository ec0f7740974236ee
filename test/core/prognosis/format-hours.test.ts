import { expect, it } from 'vitest';
import { formatHours } from '../../../core/prognosis/format-hours.ts';

it.each([
  [0, '0 min'],
  [0.0056, '< 1 min'],
  [0.1, '6 min'],
  [0.9999, '1 h'],
  [3.2, '3.2 h'],
  [8, '8 h'],
  [47.94, '47.9 h'],
  [48, '2 days'],
  [34_558, '1,440 days'],
])('tells %d hours as coarsely as they can be meant: %s', (hours, words) => {
  expect(formatHours(hours)).toBe(words);
});
