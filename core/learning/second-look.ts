import { rowsWhere } from './folds.ts';
import { type BoostedTrees, type BoostingSettings, fitBoosting, predictBoosted } from './gradient-boosting.ts';
import { type Matrix, selectRows } from './matrix.ts';

/**
 * Decides: what does a unit's forecast become in the light of those made before it?
 * Formula: boosted trees on the forecast itself, its means over the last L rows of the unit, the unit's age in rows and what each view of
 * the first look says alone, taught by forecasts of models that never saw the unit. Only the past enters.
 * Fails when: rows come at uneven steps; units are few.
 * Source: Wolpert, Stacked Generalization (1992), here over time as well as over models.
 */
export interface FirstLook {
  /** Per view, what it says of each row. */
  readonly views: readonly Float64Array[];
  /** Rows of a unit follow one another, in the order of time. */
  readonly units: ArrayLike<number>;
}

export interface Lesson extends FirstLook {
  readonly targets: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly folds: Int32Array;
}

/** Rows averaged (chosen on training units of the turbofan sets, left out by folds; any from 3 to 80 do). */
const reaches = [3, 5, 10, 20, 40, 80] as const;

export function describeForecasts({ views, units }: FirstLook): Matrix {
  const rows = units.length;
  const columns = reaches.length + 2 + views.length;
  const values = new Float32Array(rows * columns);
  const forecasts = meanOfViews(views);
  const sums = new Float64Array(rows + 1);
  let start = 0;
  for (let row = 0; row < rows; row++) {
    if (units[row] !== units[start]) start = row;
    sums[row + 1] = sums[row]! + forecasts[row]!;
    const at = row * columns;
    values[at] = forecasts[row]!;
    values[at + 1] = row - start + 1;
    for (let r = 0; r < reaches.length; r++) {
      const from = Math.max(start, row + 1 - reaches[r]!);
      values[at + 2 + r] = (sums[row + 1]! - sums[from]!) / (row + 1 - from);
    }
    for (let v = 0; v < views.length; v++) values[at + 2 + reaches.length + v] = views[v]![row]!;
  }
  return { rows, columns, values };
}

export interface SecondLookSettings {
  readonly boosting: Partial<BoostingSettings>;
  /** Models fitted to all units; the mean of the folds' where none are asked for. */
  readonly refits: number;
  readonly seed: number;
}

/** The models, and what those that never saw a row's unit say of it. */
export function fitSecondLook(
  lesson: Lesson,
  { boosting, refits, seed }: SecondLookSettings,
): { readonly models: BoostedTrees[]; readonly leftOut: Float64Array } {
  const matrix = describeForecasts(lesson);
  const teach = (rows: Int32Array, offset: number): BoostedTrees =>
    fitBoosting(lessonOf(lesson, matrix, rows), { ...boosting, seed: seed * 1000 + 500 + offset });
  const leftOut = new Float64Array(matrix.rows);
  const foldNames = [...new Set(lesson.folds)].sort((a, b) => a - b);
  const ofFolds = foldNames.map((fold) => {
    const model = teach(
      rowsWhere(lesson.folds, (f) => f !== fold),
      fold,
    );
    const left = rowsWhere(lesson.folds, (f) => f === fold);
    predictBoosted(model, selectRows(matrix, left)).forEach((value, i) => {
      leftOut[left[i]!] = value;
    });
    return model;
  });
  if (refits === 0) return { models: ofFolds, leftOut };
  const all = rowsWhere(lesson.folds, () => true);
  return { models: Array.from({ length: refits }, (_, time) => teach(all, foldNames.length + time)), leftOut };
}

function lessonOf({ targets, weights }: Lesson, matrix: Matrix, rows: Int32Array) {
  const pick = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row]!);
  const part = { matrix: selectRows(matrix, rows), targets: pick(targets) };
  return weights === undefined ? part : { ...part, weights: pick(weights) };
}

export function lookAgain(models: readonly BoostedTrees[], first: FirstLook): Float64Array {
  const matrix = describeForecasts(first);
  return meanOfViews(models.map((model) => predictBoosted(model, matrix)));
}

/** Row by row the mean. */
export function meanOfViews(views: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(views[0]?.length ?? 0);
  for (const view of views) for (let row = 0; row < mean.length; row++) mean[row]! += view[row]! / views.length;
  return mean;
}
