import { floorDeviation } from '../statistics/baseline.ts';
import { robustSpread } from '../statistics/order.ts';
import { usableNumber } from './state.ts';

/** Centre and deviation per channel, learned from the first rows: the scale on which channels can be compared. */
export interface ChannelScale {
  readonly center: number[];
  readonly deviation: number[];
}

/** Robust, so that wild training rows don't set the scale. Missing values don't count. */
export function learnScale(rows: readonly (readonly (number | null)[])[], size: number): ChannelScale {
  const center: number[] = [];
  const deviation: number[] = [];
  for (let c = 0; c < size; c++) {
    const known = rows.map((row) => row[c]).filter((value): value is number => typeof value === 'number');
    const spread = known.length > 0 ? robustSpread(known) : { center: 0, deviation: 1 };
    center.push(spread.center);
    deviation.push(floorDeviation(spread.deviation, spread.center, { minDeviation: 0 }));
  }
  return { center, deviation };
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
