import { expect, it } from 'vitest';
import type { CurvePoint } from '../../../core/prognosis/exponential.ts';
import { growthLife } from '../../../core/prognosis/growth.ts';
import { widenByHindsight } from '../../../core/prognosis/hindsight.ts';
import { tell } from '../../../core/prognosis/steady.ts';

const curveOf = (indexAt: (hours: number) => number): CurvePoint[] =>
  Array.from({ length: 60 }, (_, i) => ({ hours: i + 1, index: indexAt(i + 1) }));
const ratioOf = ({ p10, p90 }: { p10: number; p90: number }): number => p90 / p10;

it('a course that kept its promises stays narrow, one that turned is told wider by its own past errors', () => {
  const steady = curveOf((t) => 0.5 * (t / 60) ** 2);
  const turned = curveOf((t) => (t < 45 ? 0.1 + t / 1000 : 0.145 + (t - 45) * 0.024));
  const told = (curve: readonly CurvePoint[]): number =>
    ratioOf(widenByHindsight(curve, growthLife(curve), growthLife));
  expect(told(steady)).toBeLessThan(8);
  expect(told(turned)).toBeGreaterThan(2 * told(steady));
  expect(told(turned)).toBeGreaterThan(1.2 * ratioOf(growthLife(turned)));
});

it('looks at nothing but the curve so far, and leaves the middle where it was', () => {
  const curve = curveOf((t) => 0.5 * (t / 60) ** 2);
  const asked: number[] = [];
  const said = growthLife(curve);
  const widened = widenByHindsight(curve, said, (past) => {
    asked.push(past.at(-1)!.hours);
    return growthLife(past);
  });
  expect(asked).toEqual([24, 33, 42, 51]);
  expect(widened.p50).toBe(said.p50);
});

it('an estimate of a century is left within a few looks, not within most of what is left', () => {
  const century = { p10: 20, p50: 500_000, p90: 800_000 };
  const real = { p10: 8, p50: 10, p90: 13 };
  let told = { atHours: 0, method: 'growth_laws' as const, quantiles: century };
  for (let atHours = 0.25; atHours <= 2.5; atHours += 0.25) {
    const next = tell(told, { atHours, method: 'growth_laws', quantiles: { ...real, p50: 10 - atHours } });
    expect(next.told.quantiles.p50).toBeLessThanOrEqual(told.quantiles.p50);
    told = { ...next.told, method: 'growth_laws' };
  }
  expect(told.quantiles.p50).toBeLessThan(9);
});
