import { describe, expect, it } from 'vitest';
import { coursesOf } from '../../../core/learning/courses.ts';
import {
  fitIntervalEnsemble,
  type IntervalEnsembleSettings,
  predictInterval,
} from '../../../core/learning/interval-ensemble.ts';
import { matrixOf, selectRows } from '../../../core/learning/matrix.ts';
import { describeForecasts } from '../../../core/learning/second-look.ts';
import { createRandom } from '../../../core/random/random.ts';

/** Units that wear from 60 steps before their end on, told by two noisy signals. */
function makeFleet(count: number, seed: number) {
  const random = createRandom(seed);
  const rows: number[][] = [];
  const targets: number[] = [];
  const units: number[] = [];
  for (let unit = 0; unit < count; unit++) {
    const life = random.integer(70, 130);
    for (let left = life; left >= 0; left--) {
      const wear = Math.max(0, 1 - left / 60);
      rows.push([wear + random.normal(0, 0.15), wear ** 2 + random.normal(0, 0.15)]);
      targets.push(Math.min(60, left));
      units.push(unit);
    }
  }
  return { matrix: matrixOf(rows), targets: Float64Array.from(targets), units: Int32Array.from(units) };
}

const settings: IntervalEnsembleSettings = {
  folds: 3,
  coverage: 0.9,
  groups: 4,
  seed: 1,
  range: { min: 0, max: 60 },
  boosting: { rounds: 30, learningRate: 0.15 },
  views: [
    { from: 0, to: 1 },
    { from: 1, to: 2 },
  ],
  refits: 1,
};
const twice = { ...settings, second: { rounds: 40, maxLeaves: 15, minLeafWeight: 40 } };
const train = makeFleet(40, 1);
const test = makeFleet(20, 2);

const rmse = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, v, i) => sum + (v - test.targets[i]!) ** 2, 0) / values.length);

describe('a second look at a unit’s forecasts', () => {
  const once = predictInterval(fitIntervalEnsemble(train, settings), test.matrix);
  const ensemble = fitIntervalEnsemble(train, twice);
  const again = predictInterval(ensemble, test.matrix, coursesOf(test.units));

  it('errs less than the first where single rows are noisy, and its interval keeps its promise on new units', () => {
    expect(rmse(again.values)).toBeLessThan(0.9 * rmse(once.values));
    const covered = test.targets.filter((y, i) => y >= again.lower[i]! && y <= again.upper[i]!).length;
    expect(covered / test.targets.length).toBeGreaterThan(0.86);
  });

  it('knows nothing of what comes after: a unit’s forecasts stay when its later rows are left off', () => {
    const rows = [...test.units.keys()].filter((row) => test.units[row] === 0).slice(0, 40);
    const early = predictInterval(ensemble, selectRows(test.matrix, rows), coursesOf(new Int32Array(40)));
    expect(early.values).toEqual(again.values.slice(0, 40));
    expect(early.upper).toEqual(again.upper.slice(0, 40));
  });

  it('gives the same model for the same seed', () => {
    expect(fitIntervalEnsemble(train, twice)).toEqual(ensemble);
  });

  it('asks for the courses it cannot do without', () => {
    expect(() => predictInterval(ensemble, test.matrix)).toThrow('needs the courses of the units');
  });
});

it('models fitted to all units predict in place of the folds’: one a view and refit', () => {
  expect(fitIntervalEnsemble(train, settings).models).toHaveLength(2);
  expect(fitIntervalEnsemble(train, { ...settings, refits: 2 }).models).toHaveLength(4);
});

it('means of forecasts begin anew with each unit', () => {
  const described = describeForecasts({
    views: [Float64Array.of(10, 8, 6, 50, 40)],
    courses: coursesOf([1, 1, 1, 2, 2]),
  });
  const column = (at: number): number[] =>
    [0, 1, 2, 3, 4].map((row) => described.values[row * described.columns + at]!);
  expect(column(1)).toEqual([1, 2, 3, 1, 2]);
  expect(column(2)).toEqual([10, 9, 8, 50, 45]);
});

it('means of forecasts go on, after a setback, from the past that was kept', () => {
  const courses = [
    { rows: Int32Array.of(0, 1, 2), tells: 0 },
    { rows: Int32Array.of(0, 3, 4), tells: 1 },
  ];
  const { values, columns } = describeForecasts({ views: [Float64Array.of(30, 20, 10, 27, 24)], courses });
  const column = (at: number): number[] => [0, 1, 2, 3, 4].map((row) => values[row * columns + at]!);
  expect(column(1)).toEqual([1, 2, 3, 2, 3]);
  expect(column(2)).toEqual([30, 25, 20, 28.5, 27]);
});
