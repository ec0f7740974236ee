import { boundsOf, type Conformal, fitConformal } from '../learning/conformal.ts';
import { foldsByUnit, rowsWhere } from '../learning/folds.ts';
import { predictBoosted } from '../learning/gradient-boosting.ts';
import {
  fitIntervalEnsemble,
  type IntervalEnsemble,
  predictInterval,
  type UnitRows,
} from '../learning/interval-ensemble.ts';
import { matrixOf, selectRows } from '../learning/matrix.ts';
import type { CurvePoint } from './exponential.ts';
import { indexAt } from './similarity.ts';
import { ordered, type Quantiles } from './spread.ts';

/**
 * Decides: how long does a wearing component last, from the shape of its curve so far, as many finished lives taught it?
 * Formula: boosted trees on the curve's shape give ln(left / time since onset); their interval is calibrated on lives left out, those
 * of the same mode where there are enough: one mode's smooth curve would else narrow the interval of another's restless one.
 * All is relative to the time since onset: a life of minutes teaches one of months.
 * Fails when: below some 50 finished lives; wear that takes another course than any taught.
 * Source: as gradient-boosting.ts and interval-ensemble.ts; relative time is this project's choice.
 */
export interface Outlook {
  /** Name of the failure mode, one of the model's; another gives no opinion. */
  readonly failureMode: string;
  readonly curve: readonly CurvePoint[];
  /** From the component's start to its onset. */
  readonly onsetHours: number;
}

export interface TaughtMoment extends Outlook {
  readonly life: number;
  readonly leftHours: number;
}

export interface LifeEnsemble {
  /** How many finished lives taught it. */
  readonly lives: number;
  readonly modes: readonly string[];
  readonly ensemble: IntervalEnsemble;
  /** The interval of each mode that enough lives ended by; the ensemble's own serves the others. */
  readonly intervals: Readonly<Record<string, Conformal>>;
}

/** ln(left / time since onset) is held within these: from a thousandth to thirty times. */
const range = { min: Math.log(0.001), max: Math.log(30) } as const;
const settings = {
  folds: 5,
  coverage: 0.8,
  groups: 12,
  range,
  boosting: { rounds: 120, learningRate: 0.06, maxLeaves: 24, minLeafWeight: 15, columnShare: 0.7 },
} as const;

const compared = [0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9] as const;
/** What describeShape gives. */
export const shapeColumns = 6 + 2 * compared.length;
/** Mode, index and its logarithm, pace against the time before onset, then the course: the index at parts of the time since. */
function describeShape({ failureMode, curve, onsetHours }: Outlook, modes: readonly string[]): number[] {
  const now = curve.at(-1)!;
  const index = Math.max(1e-3, now.index);
  const past = compared.map((share) => indexAt(curve, share * now.hours));
  /** d ln h / d ln t between a share of the time and now: 1 for a straight line, p for the p-th power. */
  const growth = (share: number): number =>
    Math.log(index / Math.max(1e-3, indexAt(curve, share * now.hours))) / -Math.log(share);
  return [
    modes.indexOf(failureMode),
    now.index,
    Math.log(index),
    Math.log(Math.max(1e-9, now.hours) / Math.max(1e-9, onsetHours)),
    ...past,
    ...past.map((value) => value / index),
    growth(0.5),
    growth(0.75),
  ];
}

export function teachLives(
  moments: readonly TaughtMoment[],
  seed: number,
  coverage: number = settings.coverage,
): LifeEnsemble {
  const modes = [...new Set(moments.map((m) => m.failureMode))].sort();
  const data = {
    matrix: matrixOf(moments.map((m) => describeShape(m, modes))),
    targets: Float64Array.from(moments, (m) => logRatio(m.leftHours, m.curve.at(-1)!.hours)),
    units: Int32Array.from(moments, (m) => m.life),
  };
  const lives = new Set(data.units).size;
  const ensemble = fitIntervalEnsemble(data, { ...settings, coverage, seed });
  const honest = foreseeLeftOut(ensemble, data, seed);
  const known = modes.flatMap((mode) => {
    const rows = [...moments.keys()].filter((i) => moments[i]?.failureMode === mode);
    if (new Set(rows.map((i) => data.units[i])).size < calibratedFrom) return [];
    const pick = (values: Float64Array): Float64Array => Float64Array.from(rows, (i) => values[i] ?? 0);
    const calibration = { predictions: pick(honest), truths: pick(data.targets) };
    return [[mode, fitConformal(calibration, { coverage, groups: groupsOfMode })] as const];
  });
  return { modes, lives, ensemble, intervals: Object.fromEntries(known) };
}

/** Finished lives of a mode before its own errors say more than those of all (as similarity.ts compares from). */
const calibratedFrom = 20;
/** Groups of like forecasts within a mode: some 200 moments each of those that ship. */
const groupsOfMode = 6;

/** What the model that never saw a moment's life says of it; the folds are those that it was fitted in. */
function foreseeLeftOut({ models, range: held }: IntervalEnsemble, { matrix, units }: UnitRows, seed: number) {
  const folds = foldsByUnit(units, settings.folds, seed);
  const said = new Float64Array(matrix.rows);
  models.forEach((model, fold) => {
    const rows = rowsWhere(folds, (f) => f === fold);
    predictBoosted(model, selectRows(matrix, rows)).forEach((value, i) => {
      said[rows[i] ?? 0] = Math.min(held.max, Math.max(held.min, value));
    });
  });
  return said;
}

/** Fewer finished lives than this leave the tails to chance (reference: trees from 50). */
const taughtFrom = 50;

/** The quantiles at the model's own coverage: .8 gives P10 and P90. Undefined for a mode it was not taught, and from too few lives. */
export function foreseeLife(taught: LifeEnsemble, outlook: Outlook): Quantiles | undefined {
  const { modes, lives, ensemble, intervals } = taught;
  if (lives < taughtFrom || !modes.includes(outlook.failureMode)) return undefined;
  const { values, lower, upper } = predictInterval(ensemble, matrixOf([describeShape(outlook, modes)]));
  const value = values[0]!;
  const interval = intervals[outlook.failureMode];
  const bounds = interval === undefined ? { lower: lower[0]!, upper: upper[0]! } : boundsOf(interval, value);
  const sinceOnset = outlook.curve.at(-1)!.hours;
  const left = (ratio: number): number => sinceOnset * Math.exp(Math.min(range.max, Math.max(range.min, ratio)));
  return ordered({
    p10: left(Math.min(value, bounds.lower)),
    p50: left(value),
    p90: left(Math.max(value, bounds.upper)),
  });
}

function logRatio(leftHours: number, sinceOnset: number): number {
  const ratio = Math.log(Math.max(1e-12, leftHours) / Math.max(1e-12, sinceOnset));
  return Math.min(range.max, Math.max(range.min, ratio));
}
