import { expect, it } from 'vitest';
import { describeNext } from '../../../ui/operator/src/maintenance/order-words.ts';

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
