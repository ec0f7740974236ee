import { boundsOf, type Conformal, fitConformal, type Tails } from './conformal.ts';
import { foldsByUnit, rowsWhere } from './folds.ts';
import { type BoostedTrees, type BoostingSettings, fitBoosting, predictBoosted } from './gradient-boosting.ts';
import { type Matrix, selectRows } from './matrix.ts';

/**
 * Decides: a number with an interval, from units seen to their end.
 * Formula: one boosted model per fold, each fitted without that fold's units; the prediction is their mean. On each row, the model
 * that never saw its unit gives an honest error; those errors calibrate the interval, in groups of like predictions.
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
    const model = fitWithout(fold, folds, data, settings);
    models.push(model);
    const left = rowsWhere(folds, (f) => f === fold);
    const predicted = predictBoosted(model, selectRows(data.matrix, left));
    left.forEach((row, i) => {
      honest[row] = clamp(predicted[i]!, settings.range);
    });
    onFold(fold + 1, settings.folds);
  }
  const rows = Array.from(honest.keys()).filter(data.calibrates ?? (() => true));
  const calibration = { predictions: rows.map((row) => honest[row]!), truths: rows.map((row) => data.targets[row]!) };
  return { models, conformal: fitConformal(calibration, settings), range: settings.range };
}

function fitWithout(fold: number, folds: Int32Array, data: UnitRows, settings: IntervalEnsembleSettings): BoostedTrees {
  const kept = rowsWhere(folds, (f) => f !== fold);
  const pick = (values: Float64Array): Float64Array => Float64Array.from(kept, (row) => values[row]!);
  const part = {
    matrix: selectRows(data.matrix, kept),
    targets: pick(data.targets),
    ...(data.weights && { weights: pick(data.weights) }),
  };
  return fitBoosting(part, { ...settings.boosting, seed: settings.seed * 1000 + fold });
}

export function predictInterval(ensemble: IntervalEnsemble, matrix: Matrix): Predicted {
  const { models, conformal, range } = ensemble;
  const values = new Float64Array(matrix.rows);
  for (const model of models) {
    const part = predictBoosted(model, matrix);
    for (let row = 0; row < matrix.rows; row++) values[row]! += clamp(part[row]!, range) / models.length;
  }
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
