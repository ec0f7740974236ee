import { covarianceOfCentred, eigenOfSymmetric } from '../detection/statistics/matrix.ts';
import { solveCholesky } from './cholesky.ts';
import { type Matrix, rowOf } from './matrix.ts';

/**
 * Decides: which few hidden states of wear move all sensors, whatever the operating condition a row was measured at?
 * Formula: on units seen to their end, sensors (standardised per condition) are smoothed over neighbouring rows of the unit; the
 * leading eigenvectors of their covariance give each row its factors f. Per condition every sensor is regressed on them,
 * z = a + Bᵀf + e with the variance of e; a new row's factors are the generalised least-squares solution (BWBᵀ + εI)⁻¹BW(z − a),
 * W the inverse variances. So a sensor counts as much as it tells at that condition, and one row is enough: no look ahead.
 * Fails when: wear moves the sensors less than what the conditions leave behind; a fault appears that no training unit had; there
 * are more factors than kinds of wear (the rest is noise).
 * Source: principal components with weighted regression scores (Bartlett 1937), conditions as in multiple-group factor analysis.
 */
export interface WearFactorSettings {
  readonly factors: number;
  /** Rows before and after that are averaged while the factors are learned. */
  readonly smoothRows: number;
}

export interface WearRows {
  /** Standardised within the row's condition; NaN where that is unknown. */
  readonly standard: Matrix;
  readonly units: ArrayLike<number>;
  readonly conditions: readonly string[];
}

export interface WearFactors {
  readonly factors: number;
  readonly conditions: ReadonlyMap<string, Loadings>;
}

/** f = gains · (z − intercepts); gains row by row, one a factor. */
interface Loadings {
  readonly intercepts: Float64Array;
  readonly gains: Float64Array;
}

/** A sensor that leaves less than this unexplained does not move at this condition: it says nothing of wear there. */
const leastVariance = 1e-6;
/** Keeps the solution finite where a condition has hardly any sensor that moves. */
const ridge = 1e-3;

export function learnWearFactors(rows: WearRows, settings: WearFactorSettings): WearFactors {
  const factors = Math.min(settings.factors, rows.standard.columns);
  const seen = projectOnLeading(smoothByUnit(rows, settings.smoothRows), factors);
  const rowsOf = new Map<string, number[]>();
  rows.conditions.forEach((condition, row) => {
    rowsOf.set(condition, rowsOf.get(condition) ?? []);
    rowsOf.get(condition)!.push(row);
  });
  return {
    factors,
    conditions: new Map([...rowsOf].map(([condition, at]) => [condition, learnLoadings(rows.standard, seen, at)])),
  };
}

/** One row of factors each; NaN at a condition that no training unit had. */
export function findWearFactors({ factors, conditions }: WearFactors, rows: WearRows): Matrix {
  const { standard } = rows;
  const values = new Float32Array(standard.rows * factors).fill(Number.NaN);
  for (let row = 0; row < standard.rows; row++) {
    const loadings = conditions.get(rows.conditions[row]!);
    if (loadings === undefined) continue;
    const z = rowOf(standard, row);
    for (let f = 0; f < factors; f++) {
      values[row * factors + f] = z.reduce(
        (sum, value, s) => sum + loadings.gains[f * z.length + s]! * (value - loadings.intercepts[s]!),
        0,
      );
    }
  }
  return { rows: standard.rows, columns: factors, values };
}

/** Means over the neighbouring rows of the same unit; an unknown value counts as the mean, 0. */
function smoothByUnit({ standard, units }: WearRows, reach: number): Float64Array[] {
  const { rows, columns } = standard;
  return Array.from({ length: rows }, (_, row) => {
    const sums = new Float64Array(columns);
    let count = 0;
    for (let near = Math.max(0, row - reach); near <= Math.min(rows - 1, row + reach); near++) {
      if (units[near] !== units[row]) continue;
      count++;
      rowOf(standard, near).forEach((value, s) => {
        if (!Number.isNaN(value)) sums[s]! += value;
      });
    }
    return sums.map((sum) => sum / count);
  });
}

function projectOnLeading(smoothed: readonly Float64Array[], factors: number): Matrix {
  const columns = smoothed[0]?.length ?? 0;
  const { vectors } = eigenOfSymmetric(covarianceOfCentred(smoothed, columns), columns);
  const values = new Float32Array(smoothed.length * factors);
  smoothed.forEach((row, r) => {
    for (let f = 0; f < factors; f++) {
      values[r * factors + f] = row.reduce((sum, value, s) => sum + value * vectors[f * columns + s]!, 0);
    }
  });
  return { rows: smoothed.length, columns: factors, values };
}

function learnLoadings(standard: Matrix, seen: Matrix, rows: readonly number[]): Loadings {
  const width = seen.columns + 1;
  const normal = new Float64Array(width * width);
  const right = Array.from({ length: standard.columns }, () => new Float64Array(width));
  for (const row of rows) {
    const x = [1, ...rowOf(seen, row)];
    for (let i = 0; i < width; i++) for (let j = 0; j <= i; j++) normal[i * width + j]! += x[i]! * x[j]!;
    rowOf(standard, row).forEach((z, s) => {
      for (let i = 0; i < width; i++) right[s]![i]! += x[i]! * z;
    });
  }
  for (let i = 0; i < width; i++) normal[i * width + i]! += leastVariance * rows.length;
  const fits = right.map((sums) => solveCholesky(Float64Array.from(normal), sums));
  const intercepts = Float64Array.from(fits, (fit) => fit[0]!);
  const slopes = fits.map((fit) => fit.subarray(1));
  return { intercepts, gains: findGains(slopes, unexplained(standard, seen, { rows, fits })) };
}

/** The variance of each sensor that its regression on the factors leaves. */
function unexplained(
  standard: Matrix,
  seen: Matrix,
  { rows, fits }: { readonly rows: readonly number[]; readonly fits: readonly Float64Array[] },
): Float64Array {
  const variances = new Float64Array(standard.columns);
  for (const row of rows) {
    const z = rowOf(standard, row);
    const f = rowOf(seen, row);
    fits.forEach((fit, s) => {
      const explained = f.reduce((sum, value, i) => sum + value * fit[i + 1]!, fit[0]!);
      variances[s]! += (z[s]! - explained) ** 2 / rows.length;
    });
  }
  return variances;
}

/** (BWBᵀ + εI)⁻¹BW, a column of it per sensor. */
function findGains(slopes: readonly Float64Array[], variances: Float64Array): Float64Array {
  const factors = slopes[0]?.length ?? 0;
  const sensors = slopes.length;
  const weighed = slopes.map((slope, s) =>
    variances[s]! > leastVariance ? slope.map((b) => b / variances[s]!) : null,
  );
  const normal = new Float64Array(factors * factors);
  for (let i = 0; i < factors; i++) {
    normal[i * factors + i] = ridge;
    for (let j = 0; j <= i; j++) {
      for (let s = 0; s < sensors; s++) normal[i * factors + j]! += (weighed[s]?.[i] ?? 0) * slopes[s]![j]!;
    }
  }
  const gains = new Float64Array(factors * sensors);
  weighed.forEach((column, s) => {
    if (column === null) return;
    const gain = solveCholesky(Float64Array.from(normal), column);
    for (let f = 0; f < factors; f++) gains[f * sensors + s] = gain[f]!;
  });
  return gains;
}
