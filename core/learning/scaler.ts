import type { Matrix } from './matrix.ts';

/**
 * Decides: how far is each value from the training's mean, in training deviations?
 * Formula: z = (x − mean)/deviation per column; a column that never moved gives 0. NaN stays NaN.
 * Fails when: a column has a long tail (its deviation is the tail's).
 */
export interface Scaler {
  readonly means: Float64Array;
  /** 0 for a column that never moved. */
  readonly deviations: Float64Array;
}

/** A deviation below this share of the mean is rounding, not movement. */
const leastShare = 1e-6;

export function fitScaler({ rows, columns, values }: Matrix): Scaler {
  const means = new Float64Array(columns);
  const deviations = new Float64Array(columns);
  for (let c = 0; c < columns; c++) {
    let count = 0;
    let sum = 0;
    for (let r = 0; r < rows; r++) {
      const value = values[r * columns + c]!;
      if (Number.isNaN(value)) continue;
      count++;
      sum += value;
    }
    const mean = count > 0 ? sum / count : 0;
    let square = 0;
    for (let r = 0; r < rows; r++) {
      const value = values[r * columns + c]!;
      if (!Number.isNaN(value)) square += (value - mean) ** 2;
    }
    const deviation = count > 0 ? Math.sqrt(square / count) : 0;
    means[c] = mean;
    deviations[c] = deviation > leastShare * Math.abs(mean) ? deviation : 0;
  }
  return { means, deviations };
}

export function scaleInto(scaler: Scaler, values: ArrayLike<number>, out: Float64Array): Float64Array {
  for (let c = 0; c < out.length; c++) {
    const deviation = scaler.deviations[c]!;
    out[c] = deviation > 0 ? (values[c]! - scaler.means[c]!) / deviation : 0;
  }
  return out;
}
