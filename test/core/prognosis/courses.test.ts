import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CurvePoint, exponentialLife } from '../../../core/prognosis/exponential.ts';
import { type FinishedLife, similarLife } from '../../../core/prognosis/similarity.ts';
import { ordered, quantilesOf } from '../../../core/prognosis/spread.ts';
import { lifeShareAt, taylorDefaults, taylorLife, wearAt } from '../../../core/prognosis/taylor.ts';
import { conditionalLife } from '../../../core/prognosis/weibull.ts';
import { firstPassage, wienerLife } from '../../../core/prognosis/wiener.ts';
import { createRandom } from '../../../core/random/random.ts';

const steps = Array.from({ length: 40 }, (_, i) => i + 1);
const curveOf = (indexAt: (hours: number) => number): CurvePoint[] =>
  steps.map((hours) => ({ hours, index: indexAt(hours) }));

describe('Weibull life', () => {
  it('of a new component is the fleet: η·(ln 2)^(1/β) in the middle', () => {
    expect(conditionalLife({ shape: 2, scaleHours: 1000 }, 0).p50).toBeCloseTo(1000 * Math.sqrt(Math.LN2), 6);
  });

  it('without ageing (shape 1) does not depend on age; with wear-out it shrinks', () => {
    expect(conditionalLife({ shape: 1, scaleHours: 500 }, 900).p50).toBeCloseTo(500 * Math.LN2, 6);
    const young = conditionalLife({ shape: 3, scaleHours: 500 }, 10).p50;
    expect(conditionalLife({ shape: 3, scaleHours: 500 }, 400).p50).toBeLessThan(young / 2);
  });
});

describe('steady growth with random steps', () => {
  it('has the inverse Gaussian as its first passage: median near d/µ when noise is small', () => {
    expect(firstPassage(10, 1, 0.1, 1e-4)).toBeCloseTo(0.5, 1);
    expect(firstPassage(5, 1, 0.1, 1e-4)).toBeLessThan(1e-6);
    expect(firstPassage(20, 1, 0.1, 1e-4)).toBeGreaterThan(0.999);
  });

  it('foretells a straight line, and is less sure of a restless one', () => {
    const random = createRandom(3);
    const straight = wienerLife(curveOf((t) => 0.01 * t));
    let level = 0;
    const restless = wienerLife(curveOf(() => (level += 0.01 + random.normal(0, 0.02))));
    expect(straight.p50).toBeGreaterThan(57);
    expect(straight.p50).toBeLessThan(63);
    expect(restless.p90 - restless.p10).toBeGreaterThan(2 * (straight.p90 - straight.p10));
  });
});

it('exponential growth is foretold within a tenth once most of it was seen', () => {
  const random = createRandom(5);
  const rate = 0.05;
  const endHours = -Math.log(0.05) / rate;
  const { p10, p50, p90 } = exponentialLife(
    curveOf((t) => 0.05 * Math.exp(rate * t) * Math.exp(random.normal(0, 0.03))),
  );
  expect(Math.abs(p50 - (endHours - 40))).toBeLessThan(0.1 * (endHours - 40));
  expect(p10).toBeLessThan(endHours - 40);
  expect(p90).toBeGreaterThan(endHours - 40);
});

it('alike lives say more than unlike ones', () => {
  const lifeOf = (power: number, hours: number): FinishedLife => ({
    failureMode: 'bearing_wear',
    curve: Array.from({ length: 50 }, (_, i) => ({ hours: (hours * (i + 1)) / 50, index: ((i + 1) / 50) ** power })),
  });
  const library = [
    ...Array.from({ length: 20 }, (_, i) => lifeOf(1, 80 + 2 * i)),
    ...Array.from({ length: 20 }, (_, i) => lifeOf(3, 80 + 2 * i)),
  ];
  const steadily = similarLife(
    curveOf((t) => t / 100),
    library,
  );
  const ever = similarLife(
    curveOf((t) => (t / 60) ** 3),
    library,
  );
  expect(steadily.p50).toBeCloseTo(60, 0);
  expect(ever.p50).toBeCloseTo(20, 0);
});

describe('tool wear in three phases', () => {
  it('ends at the end of life, and its inverse finds the way back', () => {
    expect(wearAt(1)).toBeCloseTo(1, 6);
    for (const u of [0.05, 0.3, 0.7, 1]) expect(lifeShareAt(wearAt(u))).toBeCloseTo(u, 6);
  });

  it('learns the life of an edge from its own readings where the catalogue said too little', () => {
    const lifeMinutes = 60;
    const readings = [5, 10, 20, 30, 40].map((cutMinutes) => ({ cutMinutes, wear: wearAt(cutMinutes / lifeMinutes) }));
    const { p10, p50, p90 } = taylorLife(readings, { ...taylorDefaults, expectedLifeMinutes: 45 });
    expect(p50).toBeGreaterThan(12);
    expect(p50).toBeLessThan(22);
    expect(p10).toBeLessThan(20);
    expect(p90).toBeGreaterThan(18);
  });
});

it('every method orders its quantiles, whatever curve it meets', () => {
  const positive = fc.double({ min: 0.001, max: 0.99, noNaN: true });
  fc.assert(
    fc.property(fc.array(positive, { minLength: 5, maxLength: 30 }), (values) => {
      const rising = values.sort((a, b) => a - b).map((index, i) => ({ hours: i + 1, index }));
      const library = [
        {
          failureMode: 'x',
          curve: [
            { hours: 5, index: 0.4 },
            { hours: 9, index: 1 },
          ],
        },
      ];
      for (const told of [exponentialLife(rising), wienerLife(rising), similarLife(rising, library)]) {
        expect(told.p10).toBeGreaterThanOrEqual(0);
        expect(told.p10).toBeLessThanOrEqual(told.p50);
        expect(told.p50).toBeLessThanOrEqual(told.p90);
        expect(Number.isFinite(told.p90)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

it('quantiles come from any rising distribution function, and stay in order', () => {
  expect(quantilesOf((h) => 1 - Math.exp(-h / 10), 1).p50).toBeCloseTo(10 * Math.LN2, 6);
  expect(ordered({ p10: 3, p50: 1, p90: 2 })).toEqual({ p10: 1, p50: 2, p90: 3 });
});
