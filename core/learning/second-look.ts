import type { Course } from './courses.ts';
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
  /** Whose forecasts so far are whose past. */
  readonly courses: readonly Course[];
}

export interface Lesson extends FirstLook {
  readonly targets: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly folds: Int32Array;
  /** Rows that the models may be fitted to. */
  readonly teaches: (row: number) => boolean;
}

/** Rows averaged (chosen on training units of the turbofan sets, left out by folds; any from 3 to 80 do). */
const reaches = [3, 5, 10, 20, 40, 80] as const;

export function describeForecasts({ views, courses }: FirstLook): Matrix {
  const rows = views[0]?.length ?? 0;
  const columns = reaches.length + 2 + views.length;
  const values = new Float32Array(rows * columns);
  const forecasts = meanOfViews(views);
  for (const { rows: past, tells } of courses) {
    const sums = new Float64Array(past.length + 1);
    past.forEach((row, i) => {
      sums[i + 1] = sums[i]! + forecasts[row]!;
    });
    for (let i = tells; i < past.length; i++) {
      const row = past[i]!;
      const means = reaches.map((reach) => {
        const from = Math.max(0, i + 1 - reach);
        return (sums[i + 1]! - sums[from]!) / (i + 1 - from);
      });
      values.set([forecasts[row]!, i + 1, ...means, ...views.map((view) => view[row]!)], row * columns);
    }
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
  const rowsThat = (keep: (row: number) => boolean): Int32Array => Int32Array.from(lesson.folds.keys()).filter(keep);
  const leftOut = new Float64Array(matrix.rows);
  const foldNames = [...new Set(lesson.folds)].sort((a, b) => a - b);
  const ofFolds = foldNames.map((fold) => {
    const model = teach(
      rowsThat((row) => lesson.folds[row] !== fold && lesson.teaches(row)),
      fold,
    );
    const left = rowsThat((row) => lesson.folds[row] === fold);
    predictBoosted(model, selectRows(matrix, left)).forEach((value, i) => {
      leftOut[left[i]!] = value;
    });
    return model;
  });
  if (refits === 0) return { models: ofFolds, leftOut };
  const all = rowsThat(lesson.teaches);
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
