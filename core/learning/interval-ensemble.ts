import { boundsOf, type Conformal, fitConformal, type Tails } from './conformal.ts';
import { type Course, coursesOf } from './courses.ts';
import { foldsByUnit, rowsWhere } from './folds.ts';
import {
  type BoostedTrees,
  type BoostingSettings,
  type ColumnRange,
  fitBoosting,
  predictBoosted,
} from './gradient-boosting.ts';
import { type Matrix, selectRows } from './matrix.ts';
import { fitSecondLook, lookAgain, meanOfViews } from './second-look.ts';

/**
 * Decides: a number with an interval, from units seen to their end.
 * Formula: one boosted model per fold (and per view of the columns, where there are several), each fitted without that fold's units;
 * the prediction is their mean, or that of so many models fitted to all units; where a second look is asked for, the mean of that and
 * what it says (second-look.ts). On each row, the models that never saw its unit give an honest error; those errors calibrate the
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
  /** Models fitted to all units, which then predict in place of the folds' (fewer, and each knows more); none where not given. */
  readonly refits?: number;
  /** Trees that look at a unit's forecasts so far: rows of a unit must follow one another, here and where predictions are asked for. */
  readonly second?: Partial<BoostingSettings>;
}

export interface IntervalEnsemble {
  /** Fold by fold (or one fit to all units after the other), its views. */
  readonly models: readonly BoostedTrees[];
  readonly second?: { readonly views: number; readonly models: readonly BoostedTrees[] };
  readonly conformal: Conformal;
  readonly range: { readonly min: number; readonly max: number };
}

export interface UnitRows {
  readonly matrix: Matrix;
  readonly targets: Float64Array;
  readonly units: Int32Array;
  readonly weights?: Float64Array;
  /** Rows that the models may be fitted to; all where not given. */
  readonly teaches?: (row: number) => boolean;
  /** Rows by which the interval is calibrated; all where not given. */
  readonly calibrates?: (row: number) => boolean;
  /** What is whose past, for a second look; a unit's rows follow one another where not given. */
  readonly courses?: readonly Course[];
}

export interface Predicted {
  readonly values: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

export function fitIntervalEnsemble(
  data: UnitRows,
  settings: IntervalEnsembleSettings,
  onPart: (done: number, of: number) => void = () => undefined,
): IntervalEnsemble {
  const folds = foldsByUnit(data.units, settings.folds, settings.seed);
  const viewCount = settings.views?.length ?? 1;
  const honest = Array.from({ length: viewCount }, () => new Float64Array(data.matrix.rows));
  const models: BoostedTrees[] = [];
  const parts = settings.folds + (settings.refits ?? 0);
  for (let fold = 0; fold < settings.folds; fold++) {
    const fitted = fitWithout(fold, folds, data, settings);
    models.push(...fitted);
    const left = rowsWhere(folds, (f) => f === fold);
    const predicted = predictViews({ models: fitted, range: settings.range }, selectRows(data.matrix, left), viewCount);
    for (let v = 0; v < viewCount; v++) for (let i = 0; i < left.length; i++) honest[v]![left[i]!] = predicted[v]![i]!;
    onPart(fold + 1, parts);
  }
  const { second, predictions } = lookTwice(honest, { ...data, folds }, settings);
  const refitted = refit(data, settings, (done) => onPart(settings.folds + done, parts));
  const used = refitted.length > 0 ? refitted : models;
  const rows = Array.from(predictions.keys()).filter(data.calibrates ?? (() => true));
  const calibration = {
    predictions: rows.map((row) => predictions[row]!),
    truths: rows.map((row) => data.targets[row]!),
  };
  return {
    models: used,
    ...(second && { second }),
    conformal: fitConformal(calibration, settings),
    range: settings.range,
  };
}

/** The second look, if asked for, and what both say of rows that neither was taught by. */
function lookTwice(
  honest: readonly Float64Array[],
  {
    targets,
    weights,
    units,
    folds,
    teaches = () => true,
    courses = coursesOf(units),
  }: UnitRows & { folds: Int32Array },
  { second: boosting, refits = 0, seed, range }: IntervalEnsembleSettings,
): { readonly second?: IntervalEnsemble['second']; readonly predictions: Float64Array } {
  if (boosting === undefined) return { predictions: meanOfViews(honest) };
  const lesson = { views: honest, courses, targets, weights, folds, teaches };
  const { models, leftOut } = fitSecondLook(lesson, { boosting, refits, seed });
  const predictions = meanOfViews([meanOfViews(honest), held(leftOut, range)]);
  return { second: { views: honest.length, models }, predictions };
}

function fitWithout(
  fold: number,
  folds: Int32Array,
  data: UnitRows,
  settings: IntervalEnsembleSettings,
): BoostedTrees[] {
  const kept = rowsWhere(folds, (f) => f !== fold).filter(data.teaches ?? (() => true));
  return fitViews(lessonOf(data, kept), fold, settings);
}

function lessonOf({ matrix, targets, weights }: UnitRows, rows: Int32Array): Lesson {
  const pick = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row]!);
  return { matrix: selectRows(matrix, rows), targets: pick(targets), ...(weights && { weights: pick(weights) }) };
}

type Lesson = Pick<UnitRows, 'matrix' | 'targets' | 'weights'>;

function fitViews(part: Lesson, offset: number, settings: IntervalEnsembleSettings): BoostedTrees[] {
  const { boosting, seed, folds, views = [null] } = settings;
  return views.map((columns, view) =>
    fitBoosting(part, { ...boosting, columns, seed: seed * 1000 + view * folds + offset }),
  );
}

function refit(data: UnitRows, settings: IntervalEnsembleSettings, onDone: (done: number) => void): BoostedTrees[] {
  const offset = settings.folds * (settings.views?.length ?? 1);
  const part = data.teaches === undefined ? data : lessonOf(data, allRows(data).filter(data.teaches));
  return Array.from({ length: settings.refits ?? 0 }, (_, time) => {
    const fitted = fitViews(part, (1 + time) * offset, settings);
    onDone(time + 1);
    return fitted;
  }).flat();
}

const allRows = ({ units }: UnitRows): Int32Array => Int32Array.from(units.keys());

type Held = Pick<IntervalEnsemble, 'models' | 'range'>;

/** What the views say, each the mean over its folds. */
function predictViews({ models, range }: Held, matrix: Matrix, views: number): Float64Array[] {
  return Array.from({ length: views }, (_, view) =>
    meanOfViews(models.filter((_, i) => i % views === view).map((model) => held(predictBoosted(model, matrix), range))),
  );
}

/** `courses` are needed where there is a second look. */
function predictValues({ models, second, range }: IntervalEnsemble, matrix: Matrix, courses?: readonly Course[]) {
  const views = predictViews({ models, range }, matrix, second?.views ?? models.length);
  const first = meanOfViews(views);
  if (second === undefined) return first;
  if (courses === undefined)
    throw new RangeError('interval ensemble: a second look needs the courses of the units, got none');
  return meanOfViews([first, held(lookAgain(second.models, { views, courses }), range)]);
}

export function predictInterval(ensemble: IntervalEnsemble, matrix: Matrix, courses?: readonly Course[]): Predicted {
  const { conformal, range } = ensemble;
  const values = predictValues(ensemble, matrix, courses);
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

const held = (values: Float64Array, range: IntervalEnsemble['range']): Float64Array =>
  values.map((value) => clamp(value, range));
