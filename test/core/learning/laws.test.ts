import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsOf, fitConformal } from '../../../core/learning/conformal.ts';
import { foldsByUnit } from '../../../core/learning/folds.ts';
import { fitBoosting, predictBoosted } from '../../../core/learning/gradient-boosting.ts';
import { type Matrix, matrixOf } from '../../../core/learning/matrix.ts';
import { quantileOf } from '../../../core/learning/quantile.ts';
import { fitForestClassifier, fitForestRegressor, predictForest } from '../../../core/learning/random-forest.ts';
import { fitRidge, predictRidge } from '../../../core/learning/ridge.ts';
import { loadTrees, saveTrees } from '../../../core/learning/saved-trees.ts';
import type { Trees } from '../../../core/learning/tree.ts';
import { addLeaves } from '../../../core/learning/tree-walk.ts';
import { createRandom } from '../../../core/random/random.ts';

/** y = 10·x0 + step(x1) + noise; x2 says nothing. */
function makeRows(count: number, seed: number): { matrix: Matrix; targets: Float64Array; labels: Uint8Array } {
  const random = createRandom(seed);
  const rows = Array.from({ length: count }, () => [random.next(), random.next(), random.next()]);
  const targets = Float64Array.from(rows, ([a, b]) => 10 * a! + (b! > 0.5 ? 5 : 0) + random.normal(0, 0.3));
  const labels = Uint8Array.from(rows, ([a, b]) => (a! > 0.7 ? 2 : b! > 0.5 ? 1 : 0));
  return { matrix: matrixOf(rows), targets, labels };
}

const rmse = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.sqrt(Array.from(a).reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0) / a.length);

const train = makeRows(600, 1);
const test = makeRows(300, 2);

/** Every learner of trees keeps the same laws. */
const learners: readonly [name: string, fitTrees: (seed: number, data: typeof train) => Trees][] = [
  ['boosting', (seed, { matrix, targets }) => fitBoosting({ matrix, targets }, { rounds: 40, seed }).trees],
  [
    'quantile boosting',
    (seed, { matrix, targets }) =>
      fitBoosting({ matrix, targets }, { rounds: 40, seed, loss: { kind: 'quantile', quantile: 0.9 } }).trees,
  ],
  [
    'forest of classes',
    (seed, { matrix, labels }) => fitForestClassifier({ matrix, labels, classes: 3 }, { trees: 20, seed }).trees,
  ],
  [
    'forest of numbers',
    (seed, { matrix, targets }) => fitForestRegressor({ matrix, targets }, { trees: 20, seed }).trees,
  ],
];

describe.each(learners)('%s', (_, fitTrees) => {
  it('gives the same model for the same seed, byte for byte, and another for another', () => {
    const once = JSON.stringify(saveTrees(fitTrees(7, train)));
    expect(JSON.stringify(saveTrees(fitTrees(7, train)))).toBe(once);
    expect(JSON.stringify(saveTrees(fitTrees(8, train)))).not.toBe(once);
  });

  it('leaves its training rows as they were', () => {
    const before = train.matrix.values.slice();
    fitTrees(1, train);
    expect(train.matrix.values).toEqual(before);
  });

  it('survives saving and loading unchanged', () => {
    const trees = fitTrees(3, train);
    const loaded = loadTrees(JSON.parse(JSON.stringify(saveTrees(trees))), 3);
    expect(loaded).toEqual({ ok: true, value: trees });
  });

  it('scores a row alone as among many, to the last bit, gaps too', () => {
    const values = test.matrix.values.map((v, i) => (i % 11 === 0 ? Number.NaN : v));
    const trees = fitTrees(2, train);
    for (const rows of [66, 67, 300]) {
      const together = new Float64Array(rows * trees.outputs);
      addLeaves(trees, values.subarray(0, rows * 3), 3, together);
      const alone = Array.from({ length: rows }, (_, row) => {
        const sums = new Float64Array(trees.outputs);
        addLeaves(trees, values.subarray(row * 3, row * 3 + 3), 3, sums);
        return [...sums];
      });
      expect([...together]).toEqual(alone.flat());
    }
  });

  it('takes rows with gaps', () => {
    const values = train.matrix.values.map((v, i) => (i % 7 === 0 ? Number.NaN : v));
    const trees = fitTrees(1, { ...train, matrix: { ...train.matrix, values } });
    expect(trees.leaves.every(Number.isFinite)).toBe(true);
  });
});

it('boosting beats ridge where the relation steps, and both beat the mean', () => {
  const boosted = predictBoosted(fitBoosting(train, { rounds: 150 }), test.matrix);
  const straight = predictRidge(fitRidge(train.matrix, train.targets), test.matrix);
  const mean = train.targets.reduce((sum, y) => sum + y, 0) / train.targets.length;
  expect(rmse(boosted, test.targets)).toBeLessThan(0.7);
  expect(rmse(boosted, test.targets)).toBeLessThan(rmse(straight, test.targets));
  expect(rmse(straight, test.targets)).toBeLessThan(
    rmse(
      test.targets.map(() => mean),
      test.targets,
    ),
  );
});

it('quantile boosting leaves the asked share below', () => {
  const model = fitBoosting(train, { rounds: 150, loss: { kind: 'quantile', quantile: 0.9 } });
  const predicted = predictBoosted(model, test.matrix);
  const below = test.targets.filter((y, i) => y <= predicted[i]!).length / test.targets.length;
  expect(below).toBeGreaterThan(0.82);
  expect(below).toBeLessThan(0.97);
});

it('a forest tells classes apart and its probabilities add up to 1', () => {
  const forest = fitForestClassifier({ matrix: train.matrix, labels: train.labels, classes: 3 }, { trees: 50 });
  const shares = predictForest(forest, test.matrix);
  let right = 0;
  for (let row = 0; row < test.matrix.rows; row++) {
    const own = shares.subarray(row * 3, row * 3 + 3);
    expect(own.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
    if (own.indexOf(Math.max(...own)) === test.labels[row]) right++;
  }
  expect(right / test.matrix.rows).toBeGreaterThan(0.95);
});

it('early stopping holds out whole units and keeps fewer trees than asked when noise is all there is left', () => {
  const units = Int32Array.from({ length: 600 }, (_, i) => i % 20);
  const early = { unitShare: 0.2, patienceRounds: 10 };
  const model = fitBoosting({ ...train, units }, { rounds: 400, learningRate: 0.3, early });
  expect(model.trees.roots.length).toBeLessThan(200);
  expect(rmse(predictBoosted(model, test.matrix), test.targets)).toBeLessThan(0.8);
});

describe('saved trees', () => {
  const saved = saveTrees(fitForestClassifier({ ...train, classes: 3 }, { trees: 2 }).trees);

  it.each([
    ['text that is no Base64', { ...saved, child: '!!!!' }, 'no Base64'],
    ['lists of different length', { ...saved, child: saved.roots }, 'differ in length'],
    ['a column that does not exist', saved, 'asks column'],
  ])('refuses %s in one sentence', (title, broken, sentence) => {
    const loaded = loadTrees(broken, title.includes('column') ? 1 : 3);
    expect(loaded).toEqual({ ok: false, error: expect.stringContaining(sentence) });
  });

  it('a forest of 100 trees of four classes stays below 2 MB', () => {
    const random = createRandom(5);
    const matrix = matrixOf(Array.from({ length: 4000 }, () => Array.from({ length: 20 }, () => random.next())));
    const labels = Uint8Array.from(
      { length: 4000 },
      (_, i) => (matrix.values[i * 20]! > 0.5 ? 2 : 0) + (matrix.values[i * 20 + 1]! > 0.5 ? 1 : 0),
    );
    const { trees } = fitForestClassifier({ matrix, labels, classes: 4 }, { maxDepth: 8 });
    expect(trees.roots.length).toBe(100);
    expect(JSON.stringify(saveTrees(trees)).length).toBeLessThan(2_000_000);
  });
});

describe('conformal intervals', () => {
  it.each(['equal', 'shortest'] as const)(
    '(%s tails) cover what they promise, narrow where errors are small',
    (tails) => {
      const random = createRandom(9);
      const draw = (count: number) => {
        const predictions = Array.from({ length: count }, () => random.uniform(0, 100));
        return { predictions, truths: predictions.map((p) => p + random.normal(0, 1 + p / 10)) };
      };
      const model = fitConformal(draw(2000), { coverage: 0.9, groups: 10, tails });
      const fresh = draw(2000);
      const covered = fresh.truths.filter((truth, i) => {
        const { lower, upper } = boundsOf(model, fresh.predictions[i]!);
        return truth >= lower && truth <= upper;
      });
      expect(covered.length / 2000).toBeGreaterThan(0.87);
      expect(covered.length / 2000).toBeLessThan(0.93);
      const width = (p: number): number => boundsOf(model, p).upper - boundsOf(model, p).lower;
      expect(width(10)).toBeLessThan(width(90) / 2);
    },
  );

  it('keep lower below upper for any calibration', () => {
    const rows = fc.array(
      fc.tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(
        rows,
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.integer({ min: 1, max: 5 }),
        (pairs, at, groups) => {
          const model = fitConformal(
            { predictions: pairs.map(([p]) => p), truths: pairs.map(([, t]) => t) },
            { coverage: 0.8, groups },
          );
          const { lower, upper } = boundsOf(model, at);
          expect(lower).toBeLessThanOrEqual(upper);
        },
      ),
    );
  });
});

it('folds never part a unit', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 }),
      fc.integer({ min: 2, max: 5 }),
      (units, folds) => {
        const of = foldsByUnit(units, folds, 1);
        units.forEach((unit, i) => {
          expect(of[i]).toBe(of[units.indexOf(unit)]);
        });
      },
    ),
  );
});

it('quantiles lie between neighbours', () => {
  expect(quantileOf([3, 1, 2], 0.5)).toBe(2);
  expect(quantileOf([0, 10], 0.25)).toBe(2.5);
});
