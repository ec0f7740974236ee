/** Small dense symmetric matrices, row after row in one array: what a dozen channels need. */

/** Covariance of rows that already have mean 0. */
export function covarianceOfCentred(rows: readonly ArrayLike<number>[], size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (const row of rows) {
    for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) matrix[i * size + j]! += row[i]! * row[j]!;
  }
  const divisor = Math.max(1, rows.length - 1);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      matrix[i * size + j]! /= divisor;
      matrix[j * size + i] = matrix[i * size + j]!;
    }
  }
  return matrix;
}

export interface Eigen {
  /** Descending. */
  readonly values: Float64Array;
  /** The k-th vector stands in row k. */
  readonly vectors: Float64Array;
}

/** Sweeps until the off-diagonal is rounding; a dozen is far more than a small matrix ever needs. */
const maxSweeps = 60;

/** Eigenvalues and vectors of a symmetric matrix by Jacobi's rotations (Golub and Van Loan, 8.5). */
export function eigenOfSymmetric(source: ArrayLike<number>, size: number): Eigen {
  const a = Float64Array.from(source);
  const v = new Float64Array(size * size);
  for (let i = 0; i < size; i++) v[i * size + i] = 1;
  const scale = a.reduce((sum, x) => sum + x * x, 0);
  for (let sweep = 0; sweep < maxSweeps && offDiagonal(a, size) > 1e-24 * scale; sweep++) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, v, size, p, q);
  }
  return sortEigen(a, v, size);
}

function offDiagonal(a: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) sum += a[i * size + j]! ** 2;
  return sum;
}

function rotate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q]!;
  if (apq === 0) return;
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < size; k++) turn(a, k * size + p, k * size + q, c, s);
  for (let k = 0; k < size; k++) turn(a, p * size + k, q * size + k, c, s);
  for (let k = 0; k < size; k++) turn(v, p * size + k, q * size + k, c, s);
}

function turn(m: Float64Array, i: number, j: number, c: number, s: number): void {
  const x = m[i]!;
  const y = m[j]!;
  m[i] = c * x - s * y;
  m[j] = s * x + c * y;
}

function sortEigen(a: Float64Array, v: Float64Array, size: number): Eigen {
  const order = Array.from({ length: size }, (_, i) => i).sort((i, j) => a[j * size + j]! - a[i * size + i]!);
  const values = Float64Array.from(order, (i) => a[i * size + i]!);
  const vectors = new Float64Array(size * size);
  order.forEach((from, to) => {
    vectors.set(v.subarray(from * size, (from + 1) * size), to * size);
  });
  return { values, vectors };
}
