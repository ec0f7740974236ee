import { floorDeviation } from '../statistics/baseline.ts';
import { median } from '../statistics/order.ts';
import { usableNumber } from './state.ts';

/** Centre and deviation per channel, learned from the first rows: the scale on which channels can be compared. */
export interface ChannelScale {
  readonly center: number[];
  readonly deviation: number[];
}

/** This share of the values on each side may be wild without touching the scale. */
const trimShare = 0.01;

/**
 * Median, and the deviation with the outermost values pulled in. Not the MAD: a signal that stands on one step of its
 * sensor most of the time has none, although it moves. Missing values don't count.
 */
export function learnScale(rows: readonly (readonly (number | null)[])[], size: number): ChannelScale {
  const center: number[] = [];
  const deviation: number[] = [];
  for (let c = 0; c < size; c++) {
    const known = rows.map((row) => row[c]).filter((value): value is number => typeof value === 'number');
    const level = known.length > 0 ? median(known) : 0;
    center.push(level);
    deviation.push(known.length > 0 ? floorDeviation(trimmedDeviation(known), level, { minDeviation: 0 }) : 1);
  }
  return { center, deviation };
}

function trimmedDeviation(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const cut = Math.ceil(trimShare * sorted.length);
  sorted.fill(sorted[Math.min(cut, sorted.length - 1)]!, 0, cut);
  sorted.fill(sorted[Math.max(0, sorted.length - 1 - cut)]!, sorted.length - cut);
  const mean = sorted.reduce((sum, v) => sum + v, 0) / sorted.length;
  return Math.sqrt(sorted.reduce((sum, v) => sum + (v - mean) ** 2, 0) / sorted.length);
}

/** A row in deviations from the scale, cut at ± `clip`; a missing value stands at the centre, where it says nothing. */
export function scaleRow(
  row: readonly (number | null)[],
  scale: ChannelScale,
  clip: number,
  into: Float64Array = new Float64Array(row.length),
): Float64Array {
  for (let c = 0; c < scale.center.length; c++) {
    const value = row[c];
    const u = typeof value === 'number' ? (value - scale.center[c]!) / scale.deviation[c]! : 0;
    into[c] = Math.min(clip, Math.max(-clip, u));
  }
  return into;
}

/** The row in the order of the sorted names, as JSON can carry it: null where there is no usable number. */
export function readRow(values: readonly number[], order: readonly number[]): (number | null)[] {
  return order.map((position) => {
    const value = usableNumber(values[position]);
    return Number.isNaN(value) ? null : value;
  });
}

/** Shares of the sorted channels back in the caller's order, adding up to 1; null where all are 0. */
export function shareOut(parts: ArrayLike<number>, order: readonly number[]): number[] | null {
  let total = 0;
  for (let i = 0; i < parts.length; i++) total += parts[i]!;
  if (!(total > 0)) return null;
  const shares: number[] = new Array(order.length).fill(0);
  order.forEach((position, i) => {
    shares[position] = parts[i]! / total;
  });
  return shares;
}
