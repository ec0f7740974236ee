import type { CurvePoint } from './exponential.ts';
import { normalShare, type Quantiles, quantilesOf } from './spread.ts';

/**
 * Decides: when does a damage that grows steadily, with random steps, first reach its end?
 * Formula: h(t) = µt + σB(t); first passage over the distance d is inverse Gaussian with mean d/µ and shape d²/σ²; the drift is
 * known to σ²/T only, so its normal posterior is averaged over (µ > 0).
 * Fails when: growth speeds up (it promises too much: take the exponential); nothing grows (no drift: the longest time).
 * Source: Chhikara and Folks 1977, The inverse Gaussian distribution as a lifetime model; floor σ/√(µd) of any forecast.
 */
const quadraturePoints = 15;
/** Deviations of the drift's posterior that are averaged over. */
const quadratureReach = 2.5;
/** A curve is never smoother than this, per unit of time watched. */
const leastVariance = 1e-5;

export function wienerLife(points: readonly CurvePoint[]): Quantiles {
  const first = points[0]!;
  const last = points.at(-1)!;
  const watchedHours = Math.max(last.hours - first.hours, 1e-9);
  const distance = Math.max(0, 1 - last.index);
  const drift = ((last.index - first.index) / watchedHours) * watchedHours;
  const variance = Math.max(leastVariance, stepVariance(points, drift, watchedHours));
  const drifts = spreadDrift(drift, Math.sqrt(variance));
  const failedBy = (units: number): number =>
    drifts.reduce((sum, { value, weight }) => sum + weight * firstPassage(units, distance, value, variance), 0);
  const { p10, p50, p90 } = quantilesOf(failedBy, 1);
  return { p10: p10 * watchedHours, p50: p50 * watchedHours, p90: p90 * watchedHours };
}

/** Variance of the steps about the drift, per unit of time watched. */
function stepVariance(points: readonly CurvePoint[], drift: number, watchedHours: number): number {
  let sum = 0;
  for (let i = 1; i < points.length; i++) {
    const time = (points[i]!.hours - points[i - 1]!.hours) / watchedHours;
    if (time > 0) sum += (points[i]!.index - points[i - 1]!.index - drift * time) ** 2;
  }
  return sum;
}

function spreadDrift(mean: number, deviation: number): { value: number; weight: number }[] {
  const nodes = Array.from({ length: quadraturePoints }, (_, i) => {
    const z = quadratureReach * ((2 * i) / (quadraturePoints - 1) - 1);
    return { value: mean + z * deviation, weight: Math.exp((-z * z) / 2) };
  }).filter(({ value }) => value > 0);
  const total = nodes.reduce((sum, { weight }) => sum + weight, 0);
  return nodes.map(({ value, weight }) => ({ value, weight: weight / total }));
}

/** The inverse Gaussian's distribution function. */
export function firstPassage(time: number, distance: number, drift: number, variance: number): number {
  if (distance <= 0) return 1;
  if (time <= 0) return 0;
  const deviation = Math.sqrt(variance * time);
  const mirrored = (2 * drift * distance) / variance;
  const far = (drift * time + distance) / deviation;
  // e^mirrored·Φ(−far): the product stays below 1, its factors need not.
  const reflected =
    far > 5
      ? Math.exp(mirrored - (far * far) / 2) / (far * Math.sqrt(2 * Math.PI))
      : Math.exp(mirrored) * normalShare(-far);
  return Math.min(1, normalShare((drift * time - distance) / deviation) + reflected);
}
