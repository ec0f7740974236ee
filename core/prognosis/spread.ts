/** What is left, as three quantiles of one distribution; the unit stands in the field's name. P10 ≤ P50 ≤ P90. */
export interface Quantiles {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
}

/** A century in hours: what cannot be told from forever is told as this. */
export const longestHours = 876_600;

/** From a distribution function that rises from 0 to 1 over the time left, by bisection. */
export function quantilesOf(failedBy: (hours: number) => number, guessHours: number): Quantiles {
  const find = (p: number): number => invert(failedBy, p, guessHours);
  return ordered({ p10: find(0.1), p50: find(0.5), p90: find(0.9) });
}

function invert(failedBy: (hours: number) => number, p: number, guessHours: number): number {
  let high = Math.max(guessHours, 1e-9);
  while (failedBy(high) < p) {
    high *= 2;
    if (high > longestHours) return longestHours;
  }
  let low = 0;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (failedBy(middle) < p) low = middle;
    else high = middle;
  }
  return high;
}

/** Rounding must not turn the order round, and nothing lasts less than no time or longer than the longest. */
export function ordered({ p10, p50, p90 }: Quantiles): Quantiles {
  const [low, middle, high] = [p10, p50, p90].map((h) => Math.min(longestHours, Math.max(0, h))).sort((a, b) => a - b);
  return { p10: low!, p50: middle!, p90: high! };
}

export const scaled = ({ p10, p50, p90 }: Quantiles, factor: number): Quantiles =>
  ordered({ p10: p10 * factor, p50: p50 * factor, p90: p90 * factor });

/** Φ of the standard normal, by Abramowitz and Stegun 7.1.26 of the error function (|error| < 1.5e-7). */
export function normalShare(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - tail * Math.exp(-x * x);
  return z >= 0 ? (1 + erf) / 2 : (1 - erf) / 2;
}
