import { solveCholesky } from './cholesky.ts';
import type { Matrix } from './matrix.ts';
import { fitScaler, type Scaler, scaleInto } from './scaler.ts';

/**
 * Decides: a number as a weighted sum of the scaled columns. The control every richer model must beat.
 * Formula: w = (ZᵀZ + λI)⁻¹ Zᵀ(y − ȳ), by Cholesky.
 * Fails when: the relation bends. Source: Hoerl and Kennard, Ridge Regression (1970).
 */
export interface Ridge {
  readonly scaler: Scaler;
  readonly mean: number;
  readonly weights: Float64Array;
}

export function fitRidge(matrix: Matrix, targets: ArrayLike<number>, lambda = 1): Ridge {
  const { rows, columns } = matrix;
  const scaler = fitScaler(matrix);
  const mean = Array.from(targets).reduce((sum, y) => sum + y, 0) / rows;
  const normal = new Float64Array(columns * columns);
  const right = new Float64Array(columns);
  const z = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    scaleInto(scaler, matrix.values.subarray(r * columns, (r + 1) * columns), z);
    for (let i = 0; i < columns; i++) {
      right[i]! += z[i]! * (targets[r]! - mean);
      for (let j = 0; j <= i; j++) normal[i * columns + j]! += z[i]! * z[j]!;
    }
  }
  for (let i = 0; i < columns; i++) normal[i * columns + i]! += lambda;
  return { scaler, mean, weights: solveCholesky(normal, right) };
}

export function predictRidge({ scaler, mean, weights }: Ridge, matrix: Matrix): Float64Array {
  const z = new Float64Array(matrix.columns);
  return Float64Array.from({ length: matrix.rows }, (_, r) => {
    scaleInto(scaler, matrix.values.subarray(r * matrix.columns, (r + 1) * matrix.columns), z);
    return z.reduce((sum, value, i) => sum + value * weights[i]!, mean);
  });
}
