/** A table of numbers, row after row; NaN where there is none. 32 bits: more than any sensor has. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

export function matrixOf(rows: readonly ArrayLike<number>[], columns = rows[0]?.length ?? 0): Matrix {
  const values = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    if (row.length !== columns) throw new RangeError(`row ${i}: got ${row.length} numbers, allowed are ${columns}`);
    values.set(row, i * columns);
  });
  return { rows: rows.length, columns, values };
}

export const rowOf = (matrix: Matrix, row: number): Float32Array =>
  matrix.values.subarray(row * matrix.columns, (row + 1) * matrix.columns);

/** The named rows, in that order, as a table of their own. */
export function selectRows(matrix: Matrix, rows: ArrayLike<number>): Matrix {
  const values = new Float32Array(rows.length * matrix.columns);
  for (let i = 0; i < rows.length; i++) values.set(rowOf(matrix, rows[i]!), i * matrix.columns);
  return { rows: rows.length, columns: matrix.columns, values };
}

/** Tables of the same rows, side by side. */
export function joinColumns(parts: readonly Matrix[]): Matrix {
  const rows = parts[0]?.rows ?? 0;
  const columns = parts.reduce((sum, part) => sum + part.columns, 0);
  const values = new Float32Array(rows * columns);
  let from = 0;
  for (const part of parts) {
    for (let row = 0; row < rows; row++) values.set(rowOf(part, row), row * columns + from);
    from += part.columns;
  }
  return { rows, columns, values };
}
