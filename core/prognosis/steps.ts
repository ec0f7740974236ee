import { type CurvePoint, leastIndex } from './exponential.ts';
import { ordered, type Quantiles } from './spread.ts';

/**
 * Decides: when may a step, such as this wear has taken before, end it?
 * Formula: s is the most that the running maximum of ln h rose within a tenth of the time watched, T. Where that is more than half of all
 * it rose, and a tenth of the way to the end, wear comes in steps: one in T, of sizes spread exponentially about s. The chance that one
 * has ended it by τ is 1 − exp(−(τ/T)·e^(−ln(1/h)/s)); P10 and P50 lie no later than that.
 * Fails when: the first step is the last; a sensor was moved (that too is a step).
 * Source: shocks that come by chance and add up: Esary, Marshall and Proschan 1973, Shock models and wear processes.
 */
const window = 0.1;
/** Assumptions: less is noise or a smooth course (a straight line from the onset on rises by two fifths within its first tenth). */
const leastShareOfRise = 0.5;
const leastRise = 0.1;
const leastPoints = 12;

/** `points` as measured, falls and all; null where wear comes smoothly. */
export function stepsOf(points: readonly CurvePoint[]): { readonly p10: number; readonly p50: number } | null {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < leastPoints) return null;
  const watched = last.hours - first.hours;
  const highest = runningMax(points);
  const from = Math.log(highest[0]!);
  const to = Math.log(highest.at(-1)!);
  let largest = { logs: 0, index: 0 };
  let back = 0;
  for (let i = 0; i < points.length; i++) {
    while (points[i]!.hours - points[back]!.hours > window * watched) back++;
    const logs = Math.log(highest[i]! / highest[back]!);
    if (logs > largest.logs) largest = { logs, index: highest[i]! - highest[back]! };
  }
  if (largest.index < leastRise || largest.logs <= leastShareOfRise * (to - from)) return null;
  const perHour = Math.exp(Math.min(0, to) / largest.logs) / watched;
  return { p10: -Math.log(0.9) / perHour, p50: -Math.log(0.5) / perHour };
}

function runningMax(points: readonly CurvePoint[]): number[] {
  let most = leastIndex;
  return points.map(({ index }) => {
    most = Math.max(most, index);
    return most;
  });
}

export function noLaterThanSteps({ p10, p50, p90 }: Quantiles, steps: ReturnType<typeof stepsOf>): Quantiles {
  if (steps === null) return { p10, p50, p90 };
  return ordered({ p10: Math.min(p10, steps.p10), p50: Math.min(p50, steps.p50), p90 });
}
