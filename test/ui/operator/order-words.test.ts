import { expect, it } from 'vitest';
import { describeNext, usualDeferralHours } from '../../../ui/operator/src/maintenance/order-words.ts';

const [decideBy, scheduledAt] = ['2026-12-01T01:00:00Z', '2026-12-01T06:00:00Z'];

it.each([
  ['proposed', null, ['open for a decision until', decideBy]],
  ['deferred', null, ['open for a decision until', decideBy]],
  ['approved', null, null],
  ['scheduled', scheduledAt, ['planned for', scheduledAt]],
  ['done', scheduledAt, null],
  ['rejected', null, null],
] as const)('tells of an order that is %s what is still to come', (state, at, next) => {
  expect(describeNext({ state, decideBy, scheduledAt: at })).toEqual(next);
});

it.each([
  ['a week where nobody knows how long it lasts', null, 168],
  ['a week where it lasts longer', 1000, 168],
  ['no longer than nine in ten last', 30, 30],
  ['an hour where it may fail at any moment', 0, 1],
])('puts off for %s, unless told otherwise', (_, p10, hours) => {
  const remainingLife = p10 === null ? null : { component: 'seal', p10, p50: 2 * p10, p90: 3 * p10 };
  expect(usualDeferralHours({ remainingLife })).toBe(hours);
});
