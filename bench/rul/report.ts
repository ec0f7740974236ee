import type { Predicted } from '../../core/learning/interval-ensemble.ts';

/** What a forecaster of remaining life is judged by, in the unit of the set (cycles, hours, minutes). */
export interface Scores {
  readonly rmse: number;
  /** Where the true remaining life is below 50: when it matters. */
  readonly rmseBelow50: number;
  readonly phmScore: number;
  readonly coverage90: number;
  readonly meanWidth90: number;
  /** Share within ±20 % of the truth, from half of life on. */
  readonly alphaLambda: number;
  /** Share that promises more than 120 % of the truth, from half of life on. */
  readonly lateShare: number;
}

export interface RulReport extends Scores {
  readonly set: string;
  readonly fd: string | null;
  readonly units: number;
  readonly trainSeconds: number;
  readonly windowsPerS: number;
  readonly controls: Readonly<Record<string, Partial<Scores>>>;
  readonly [more: string]: unknown;
}

/** Where each prediction was made: the truth then, and how much of the life had passed (0 to 1). */
export interface Truth {
  readonly remaining: Float64Array;
  readonly lifeShare: Float64Array;
}

const alpha = 0.2;

export function score(truth: Truth, predicted: Predicted): Scores {
  const { remaining, lifeShare } = truth;
  const { values, lower, upper } = predicted;
  const all = [...remaining.keys()];
  const late = all.filter((i) => lifeShare[i]! >= 0.5);
  const tolerance = (i: number): number => alpha * remaining[i]!;
  return {
    rmse: rmse(all, remaining, values),
    rmseBelow50: rmse(
      all.filter((i) => remaining[i]! < 50),
      remaining,
      values,
    ),
    phmScore: all.reduce((sum, i) => sum + phmPenalty(values[i]! - remaining[i]!), 0),
    coverage90: shareOf(all, (i) => remaining[i]! >= lower[i]! - rounding && remaining[i]! <= upper[i]! + rounding),
    meanWidth90: all.reduce((sum, i) => sum + upper[i]! - lower[i]!, 0) / all.length,
    alphaLambda: shareOf(late, (i) => Math.abs(values[i]! - remaining[i]!) <= tolerance(i)),
    lateShare: shareOf(late, (i) => values[i]! - remaining[i]! > tolerance(i)),
  };
}

/** A control has no interval. */
export function scorePoints(truth: Truth, values: Float64Array): Partial<Scores> {
  const {
    rmse: error,
    rmseBelow50,
    phmScore,
    alphaLambda,
    lateShare,
  } = score(truth, { values, lower: values, upper: values });
  return { rmse: error, rmseBelow50, phmScore, alphaLambda, lateShare };
}

const rounding = 1e-9;

/** Saxena et al. 2008: a late prediction costs more than an early one. */
const phmPenalty = (late: number): number => (late < 0 ? Math.exp(-late / 13) : Math.exp(late / 10)) - 1;

function rmse(rows: readonly number[], truth: Float64Array, values: Float64Array): number {
  const square = rows.reduce((sum, i) => sum + (values[i]! - truth[i]!) ** 2, 0);
  return Math.sqrt(square / rows.length);
}

const shareOf = (rows: readonly number[], holds: (i: number) => boolean): number =>
  rows.filter(holds).length / rows.length;

/** Numbers a person can read; whole reports are rounded once, at the end. */
export function roundReport(report: RulReport): RulReport {
  const digits = 4;
  const text = JSON.stringify(report, (_, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(digits)) : value,
  );
  return JSON.parse(text) as RulReport;
}
