import type { CurvePoint } from './exponential.ts';
import { ordered, type Quantiles } from './spread.ts';

/**
 * Decides: which finished lives looked like this one, and how long did they go on?
 * Formula: each finished curve is stretched so that its index meets the present one at the same time since onset as here; its
 * likeness is e^(−d²/2w²), d the root mean square distance of the two curves so far; its rest of life, stretched alike, counts with
 * that weight; the quantiles are the weighted ones.
 * Fails when: nothing alike has ended yet (likeness small everywhere: then all count alike); curves are told apart only late.
 * Source: Wang, Yu, Siegel and Lee 2008, A similarity-based prognostics approach (PHM challenge).
 */
export interface FinishedLife {
  readonly failureMode: string;
  /** From onset to the end, the last index 1 or what it failed at. */
  readonly curve: readonly CurvePoint[];
  /** From the component's start to its onset; absent in lives from before it was kept. */
  readonly onsetHours?: number;
}

const likenessWidth = 0.05;
const comparedAt = [0.2, 0.4, 0.6, 0.8] as const;

export function similarLife(points: readonly CurvePoint[], library: readonly FinishedLife[]): Quantiles {
  const now = points.at(-1)!;
  const rests = library.map(({ curve }) => {
    const end = curve.at(-1)!;
    const met = timeAt(curve, now.index);
    const stretch = now.hours / Math.max(met, 1e-9);
    const distances = comparedAt.map((share) => indexAt(points, share * now.hours) - indexAt(curve, share * met));
    const square = distances.reduce((sum, d) => sum + d * d, 0) / distances.length;
    return {
      hours: Math.max(0, (end.hours - met) * stretch),
      weight: Math.exp(-square / (2 * likenessWidth ** 2)) + 1e-9,
    };
  });
  rests.sort((a, b) => a.hours - b.hours);
  const total = rests.reduce((sum, { weight }) => sum + weight, 0);
  const at = (p: number): number => {
    let left = p * total;
    for (const { hours, weight } of rests) {
      left -= weight;
      if (left <= 0) return hours;
    }
    return rests.at(-1)!.hours;
  };
  return ordered({ p10: at(0.1), p50: at(0.5), p90: at(0.9) });
}

/** The index at a time since onset; 0 at onset itself, held at the ends. */
export function indexAt(curve: readonly CurvePoint[], hours: number): number {
  let before: CurvePoint = { hours: 0, index: 0 };
  for (const point of curve) {
    if (point.hours >= hours) {
      const gap = point.hours - before.hours;
      const share = gap > 0 ? (hours - before.hours) / gap : 1;
      return before.index + share * (point.index - before.index);
    }
    before = point;
  }
  return before.index;
}

/** When a curve first stands at an index; its end where it never does. */
function timeAt(curve: readonly CurvePoint[], index: number): number {
  let before: CurvePoint = { hours: 0, index: 0 };
  for (const point of curve) {
    if (point.index >= index) {
      const gap = point.index - before.index;
      return before.hours + (gap > 0 ? (index - before.index) / gap : 1) * (point.hours - before.hours);
    }
    before = point;
  }
  return before.hours;
}
