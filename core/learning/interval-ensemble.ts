import { boundsOf, type Conformal, fitConformal, type Tails } from './conformal.ts';
import { foldsByUnit, rowsWhere } from './folds.ts';
import {
  type BoostedTrees,
  type BoostingSettings,
  type ColumnRange,
  fitBoosting,
  predictBoosted,
} from './gradient-boosting.ts';
import { type Matrix, selectRows } from './matrix.ts';

/**
 * Decides: a number with an interval, from units seen to their end.
 * Formula: one boosted model per fold (and per view of the columns, where there are several), each fitted without that fold's units;
 * the prediction is their mean. On each row, the models that never saw its unit give an honest error; those errors calibrate the
 * interval, in groups of like predictions.
 * Fails when: units are few (below some 50 the tails are guesses); the fleet changes. The mean of the models errs a little less
 * than the single ones it is calibrated by, so coverage lies slightly above what was asked.
 * Source: Barber et al., Predictive inference with the jackknife+ (2021), for calibrating by models that left the unit out.
 */
export interface IntervalEnsembleSettings {
  readonly folds: number;
  readonly coverage: number;
  readonly groups: number;
  /** `equal` where not given. */
  readonly tails?: Tails;
  readonly seed: number;
  /** What the number can be; predictions and bounds are held within. */
  readonly range: { readonly min: number; readonly max: number };
  readonly boosting: Partial<BoostingSettings>;
  /** Parts of the columns that describe the same rows in different ways: each gets models of its own. One, all, where not given. */
  readonly views?: readonly ColumnRange[];
}

export interface IntervalEnsemble {
  readonly models: readonly BoostedTrees[];
  readonly conformal: Conformal;
  readonly range: { readonly min: number; readonly max: number };
}

export interface UnitRows {
  readonly matrix: Matrix;
  readonly targets: Float64Array;
  readonly units: Int32Array;
  readonly weights?: Float64Array;
  /** Rows by which the interval is calibrated; all where not given. */
  readonly calibrates?: (row: number) => boolean;
}

export interface Predicted {
  readonly values: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

export function fitIntervalEnsemble(
  data: UnitRows,
  settings: IntervalEnsembleSettings,
  onFold: (done: number, of: number) => void = () => undefined,
): IntervalEnsemble {
  const folds = foldsByUnit(data.units, settings.folds, settings.seed);
  const honest = new Float64Array(data.matrix.rows);
  const models: BoostedTrees[] = [];
  for (let fold = 0; fold < settings.folds; fold++) {
    const fitted = fitWithout(fold, folds, data, settings);
    models.push(...fitted);
    const left = rowsWhere(folds, (f) => f === fold);
    const predicted = meanOf(fitted, selectRows(data.matrix, left), settings.range);
    left.forEach((row, i) => {
      honest[row] = predicted[i]!;
    });
    onFold(fold + 1, settings.folds);
  }
  const rows = Array.from(honest.keys()).filter(data.calibrates ?? (() => true));
  const calibration = { predictions: rows.map((row) => honest[row]!), truths: rows.map((row) => data.targets[row]!) };
  return { models, conformal: fitConformal(calibration, settings), range: settings.range };
}

function fitWithout(
  fold: number,
  folds: Int32Array,
  data: UnitRows,
  settings: IntervalEnsembleSettings,
): BoostedTrees[] {
  const kept = rowsWhere(folds, (f) => f !== fold);
  const pick = (values: Float64Array): Float64Array => Float64Array.from(kept, (row) => values[row]!);
  const part = {
    matrix: selectRows(data.matrix, kept),
    targets: pick(data.targets),
    ...(data.weights && { weights: pick(data.weights) }),
  };
  const { boosting, seed, views = [null] } = settings;
  return views.map((columns, view) =>
    fitBoosting(part, { ...boosting, columns, seed: seed * 1000 + view * settings.folds + fold }),
  );
}

function meanOf(models: readonly BoostedTrees[], matrix: Matrix, range: IntervalEnsemble['range']): Float64Array {
  const values = new Float64Array(matrix.rows);
  for (const model of models) {
    const part = predictBoosted(model, matrix);
    for (let row = 0; row < matrix.rows; row++) values[row]! += clamp(part[row]!, range) / models.length;
  }
  return values;
}

export function predictInterval(ensemble: IntervalEnsemble, matrix: Matrix): Predicted {
  const { models, conformal, range } = ensemble;
  const values = meanOf(models, matrix, range);
  const lower = new Float64Array(matrix.rows);
  const upper = new Float64Array(matrix.rows);
  for (let row = 0; row < matrix.rows; row++) {
    const bounds = boundsOf(conformal, values[row]!);
    lower[row] = Math.min(values[row]!, clamp(bounds.lower, range));
    upper[row] = Math.max(values[row]!, clamp(bounds.upper, range));
  }
  return { values, lower, upper };
}

const clamp = (value: number, { min, max }: { readonly min: number; readonly max: number }): number =>
  Math.min(max, Math.max(min, value));
