import { describe, expect, it } from 'vitest';
import { joinColumns, type Matrix, matrixOf, rowOf, selectRows } from '../../../core/learning/matrix.ts';
import { findWearFactors, learnWearFactors, type WearRows } from '../../../core/learning/wear-factors.ts';
import { createRandom } from '../../../core/random/random.ts';

const sensors = 8;
const cyclesPerUnit = 60;

/** Units that wear in one way; at one condition the even sensors show it, at the other the odd ones. */
function wearingUnits(units: number): WearRows & { readonly wear: readonly number[] } {
  const random = createRandom('wear factors');
  const wear: number[] = [];
  const conditions: string[] = [];
  const unitOf: number[] = [];
  const rows = Array.from({ length: units * cyclesPerUnit }, (_, i) => {
    const condition = random.integer(0, 1);
    wear.push(((i % cyclesPerUnit) / cyclesPerUnit) ** 2 * 4);
    conditions.push(String(condition));
    unitOf.push(Math.floor(i / cyclesPerUnit));
    return Array.from(
      { length: sensors },
      (_, s) => (s % 2 === condition ? wear[i]! - 4 / 3 : 0) + random.normal() * 0.7,
    );
  });
  return { standard: matrixOf(rows), units: unitOf, conditions, wear };
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const mean = (x: ArrayLike<number>): number => Array.from(x).reduce((sum, v) => sum + v, 0) / x.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = (x: ArrayLike<number>, y: ArrayLike<number>, mx: number, my: number): number =>
    Array.from(x).reduce((sum, v, i) => sum + (v - mx) * (y[i]! - my), 0);
  return product(a, b, meanA, meanB) / Math.sqrt(product(a, a, meanA, meanA) * product(b, b, meanB, meanB));
}

describe('wear factors', () => {
  const settings = { factors: 1, smoothRows: 5 };
  const training = wearingUnits(12);
  const model = learnWearFactors(training, settings);

  it('finds the one wear that moves other sensors at each condition, better than their mean does', () => {
    const found = findWearFactors(model, training).values;
    const meanOfSensors = training.wear.map((_, row) => rowOf(training.standard, row).reduce((sum, z) => sum + z, 0));
    const byFactor = Math.abs(correlation(found, training.wear));
    expect(byFactor).toBeGreaterThan(0.95);
    expect(byFactor).toBeGreaterThan(Math.abs(correlation(meanOfSensors, training.wear)) + 0.02);
  });

  it('knows of each row no more than that row', () => {
    const all = findWearFactors(model, training);
    const first = { ...training, standard: selectRows(training.standard, [0, 1, 2]) };
    expect(findWearFactors(model, first).values).toEqual(all.values.subarray(0, 3));
  });

  it('says nothing at a condition that no training unit had', () => {
    const strange = { ...training, conditions: training.conditions.map(() => 'never flown') };
    expect(findWearFactors(model, strange).values.every(Number.isNaN)).toBe(true);
  });

  it('takes no notice of a sensor that never moves', () => {
    const still: Matrix = {
      rows: training.standard.rows,
      columns: 1,
      values: new Float32Array(training.standard.rows),
    };
    const more = { ...training, standard: joinColumns([training.standard, still]) };
    const found = findWearFactors(learnWearFactors(more, settings), more).values;
    const before = findWearFactors(model, training).values;
    found.forEach((value, row) => {
      expect(Math.abs(value)).toBeCloseTo(Math.abs(before[row]!), 3);
    });
  });
});
