import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CurvePoint } from '../../../core/prognosis/exponential.ts';
import { noLaterThanSteps, stepsOf } from '../../../core/prognosis/steps.ts';

const curveOf = (indexAt: (hours: number) => number): CurvePoint[] =>
  Array.from({ length: 60 }, (_, i) => ({ hours: i, index: indexAt(i) }));
const stepped = curveOf((t) => (t < 20 ? 0.08 : 0.3 - (t - 20) * 0.003));

it('wear that jumped once and fell again since may jump to its end: P10 and P50 come no later', () => {
  const said = { p10: 200, p50: 400, p90: 800 };
  const told = noLaterThanSteps(said, stepsOf(stepped));
  expect(told.p10).toBeLessThan(30);
  expect(told.p50).toBeLessThan(200);
  expect(told.p90).toBe(said.p90);
});

it.each([
  ['a straight line', (t: number) => 0.03 + t * 0.015],
  ['a power of time', (t: number) => 0.03 + 0.9 * (t / 60) ** 3],
  ['an exponential', (t: number) => 0.03 * Math.exp(t / 18)],
  ['noise about nothing much', (t: number) => 0.05 + 0.02 * Math.sin(t * 7)],
])('%s is no step', (_, indexAt) => {
  expect(stepsOf(curveOf(indexAt))).toBeNull();
});

it('says nothing of a course hardly begun', () => {
  expect(stepsOf(stepped.slice(0, 3))).toBeNull();
  expect(stepsOf([])).toBeNull();
});

it('never moves a quantile later, and keeps their order', () => {
  const hours = fc.double({ min: 0.1, max: 5000, noNaN: true });
  fc.assert(
    fc.property(fc.array(hours, { minLength: 3, maxLength: 3 }), (values) => {
      const [p10, p50, p90] = values.toSorted((a, b) => a - b) as [number, number, number];
      const told = noLaterThanSteps({ p10, p50, p90 }, stepsOf(stepped));
      expect(told.p10).toBeLessThanOrEqual(Math.min(p10, told.p50));
      expect(told.p50).toBeLessThanOrEqual(Math.min(p50, told.p90));
    }),
  );
});
