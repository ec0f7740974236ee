/** Order statistics: what stays true when a few values are wild. */

/** Makes the median absolute deviation estimate a normal distribution's deviation: 1/Φ⁻¹(3/4). */
export const madToDeviation = 1.4826;

/** Linear interpolation between the neighbours (type 7 of Hyndman and Fan 1996); NaN of nothing. */
export function quantileOfSorted(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  return below + 1 < sorted.length ? low + (position - below) * (sorted[below + 1]! - low) : low;
}

export function median(values: ArrayLike<number>): number {
  return quantileOfSorted(Float64Array.from(values).sort(), 0.5);
}

/** Centre and deviation of the middle of the data: median and scaled MAD. */
export function robustSpread(values: ArrayLike<number>): { center: number; deviation: number } {
  const center = median(values);
  const distances = Float64Array.from(values, (v) => Math.abs(v - center)).sort();
  const mad = quantileOfSorted(distances, 0.5);
  if (mad > 0) return { center, deviation: madToDeviation * mad };
  // More than half of the values are equal: the mean distance still sees the others (Iglewicz and Hoaglin 1993).
  const meanDistance = distances.reduce((sum, d) => sum + d, 0) / Math.max(1, distances.length);
  return { center, deviation: 1.2533 * meanDistance };
}
