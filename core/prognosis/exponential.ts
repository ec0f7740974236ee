import { normalShare, type Quantiles, quantilesOf } from './spread.ts';

/**
 * Decides: when does a damage that grows by a steady share reach its end?
 * Formula: ln h = θ + β·t + ε, ε ~ N(0, σ²); (θ, β) normal before, normal after (conjugate); failed by t + τ with probability
 * Φ(m(τ)/s(τ)), m and s² the mean and variance of θ + β(t + τ), given that it has not failed yet.
 * Fails when: growth is straight or levels off (it promises too little, then too much); points before onset are included.
 * Source: Gebraeel 2006, Sensory-updated residual life distributions, IEEE Trans. Automation Science and Engineering.
 */
export interface CurvePoint {
  /** Since wear was first seen. */
  readonly hours: number;
  /** 0 healthy, 1 failed. */
  readonly index: number;
}

/** Before any data: wear as seen first (e⁻² of failure) and a growth by e over the time watched, both very uncertain. */
const prior = { start: -2, startDeviation: 2, growths: 1, growthsDeviation: 3 } as const;
/** Below this share of failure the logarithm sees only noise. */
export const leastIndex = 0.02;
/** Neighbouring points of a smoothed curve err together: however many, they are worth no more than these (assumption). */
const independentPoints = 8;
/** Curves are never known better than this (5 %). */
const leastNoise = 0.05;

export function exponentialLife(points: readonly CurvePoint[]): Quantiles {
  const nowHours = points.at(-1)!.hours;
  const logs = points.map((p) => Math.log(Math.max(leastIndex, p.index)));
  // In units of the time watched, so that minutes and years meet the same prior.
  const times = points.map((p) => (nowHours > 0 ? p.hours / nowHours : 0));
  const noise =
    Math.max(leastNoise, residualDeviation(times, logs)) * Math.sqrt(Math.max(1, points.length / independentPoints));
  const line = updateLine(times, logs, noise);
  const spent = normalShare(reach(line, 1));
  const failedBy = (units: number): number => (normalShare(reach(line, 1 + units)) - spent) / Math.max(1e-9, 1 - spent);
  const quantiles = quantilesOf(failedBy, 1);
  return { p10: quantiles.p10 * nowHours, p50: quantiles.p50 * nowHours, p90: quantiles.p90 * nowHours };
}

interface Line {
  readonly start: number;
  readonly slope: number;
  readonly startVariance: number;
  readonly covariance: number;
  readonly slopeVariance: number;
}

/** How many deviations the line stands above failure (ln 1 = 0) at a time. */
function reach({ start, slope, startVariance, covariance, slopeVariance }: Line, t: number): number {
  return (start + slope * t) / Math.sqrt(Math.max(1e-12, startVariance + 2 * t * covariance + t * t * slopeVariance));
}

function updateLine(times: readonly number[], logs: readonly number[], noise: number): Line {
  const weight = 1 / (noise * noise);
  let a = 1 / prior.startDeviation ** 2;
  let b = 0;
  let c = 1 / prior.growthsDeviation ** 2;
  let u = prior.start * a;
  let v = prior.growths * c;
  times.forEach((t, i) => {
    a += weight;
    b += weight * t;
    c += weight * t * t;
    u += weight * logs[i]!;
    v += weight * t * logs[i]!;
  });
  const determinant = a * c - b * b;
  return {
    start: (c * u - b * v) / determinant,
    slope: (a * v - b * u) / determinant,
    startVariance: c / determinant,
    covariance: -b / determinant,
    slopeVariance: a / determinant,
  };
}

/** Scatter about the least-squares line; 0 where two points leave none. */
export function residualDeviation(xs: readonly number[], ys: readonly number[]): number {
  const n = xs.length;
  if (n < 3) return 0;
  const meanX = xs.reduce((s, x) => s + x, 0) / n;
  const meanY = ys.reduce((s, y) => s + y, 0) / n;
  const sxx = xs.reduce((s, x) => s + (x - meanX) ** 2, 0);
  const sxy = xs.reduce((s, x, i) => s + (x - meanX) * (ys[i]! - meanY), 0);
  const slope = sxx > 0 ? sxy / sxx : 0;
  const square = ys.reduce((s, y, i) => s + (y - meanY - slope * (xs[i]! - meanX)) ** 2, 0);
  return Math.sqrt(square / (n - 2));
}
