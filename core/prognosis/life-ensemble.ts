import { fitIntervalEnsemble, type IntervalEnsemble, predictInterval } from '../learning/interval-ensemble.ts';
import { matrixOf } from '../learning/matrix.ts';
import type { CurvePoint } from './exponential.ts';
import { indexAt } from './similarity.ts';
import { ordered, type Quantiles } from './spread.ts';

/**
 * Decides: how long does a wearing component last, from the shape of its curve so far, as many finished lives taught it?
 * Formula: boosted trees on the curve's shape give ln(left / time since onset); their interval is calibrated on lives left out.
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
  return { modes, lives, ensemble: fitIntervalEnsemble(data, { ...settings, coverage, seed }) };
}

/** Fewer finished lives than this leave the tails to chance (reference: trees from 50). */
const taughtFrom = 50;

/** The quantiles at the model's own coverage: .8 gives P10 and P90. Undefined for a mode it was not taught, and from too few lives. */
export function foreseeLife({ modes, lives, ensemble }: LifeEnsemble, outlook: Outlook): Quantiles | undefined {
  if (lives < taughtFrom || !modes.includes(outlook.failureMode)) return undefined;
  const { values, lower, upper } = predictInterval(ensemble, matrixOf([describeShape(outlook, modes)]));
  const sinceOnset = outlook.curve.at(-1)!.hours;
  const left = (ratio: number): number => sinceOnset * Math.exp(ratio);
  return ordered({ p10: left(lower[0]!), p50: left(values[0]!), p90: left(upper[0]!) });
}

function logRatio(leftHours: number, sinceOnset: number): number {
  const ratio = Math.log(Math.max(1e-12, leftHours) / Math.max(1e-12, sinceOnset));
  return Math.min(range.max, Math.max(range.min, ratio));
}
