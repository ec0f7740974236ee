import type { Matrix } from './matrix.ts';
import { ColumnSorter } from './sort-columns.ts';

/**
 * Decides: into which of at most 256 steps does a value fall? Trees then look at steps, not at sorted values.
 * Formula: the steps' upper ends are quantiles of the training rows; a value's step is the first whose end is not below it.
 * NaN falls into the last step, as `x <= end` is false for it.
 * Fails when: what matters happens within one step (many equal quantiles: few distinct values are kept one by one).
 * Source: Ke et al., LightGBM (2017), section 2.1, for the histogram algorithm.
 */
export interface Bins {
  /** Per column its steps' upper ends, ascending; one step more than ends. */
  readonly ends: readonly Float32Array[];
  /** Column after column: the step of each row. */
  readonly steps: Uint8Array;
  readonly rows: number;
}

export const mostBins = 256;

/** `asked` names the columns that will be asked about, from one to before another: the others have no steps. */
export function binColumns(
  matrix: Matrix,
  binCount: number,
  asked: { readonly from: number; readonly to: number } | null = null,
): Bins {
  const { rows, columns } = matrix;
  const steps = new Uint8Array(rows * columns);
  const ends: Float32Array[] = Array.from({ length: columns }, () => new Float32Array(0));
  const sorter = new ColumnSorter(rows);
  for (let column = asked?.from ?? 0; column < (asked?.to ?? columns); column++) {
    const sorted = sorter.sort(matrix, column);
    const columnEnds = findEnds(sorted, Math.min(binCount, mostBins));
    ends[column] = columnEnds;
    fillSteps(steps.subarray(column * rows, (column + 1) * rows), { sorted, order: sorter.order, ends: columnEnds });
  }
  return { ends, steps, rows };
}

interface SortedColumn {
  readonly sorted: Float32Array;
  readonly order: Int32Array;
  readonly ends: Float32Array;
}

function fillSteps(steps: Uint8Array, { sorted, order, ends }: SortedColumn): void {
  steps.fill(ends.length);
  let step = 0;
  for (let i = 0; i < sorted.length; i++) {
    while (step < ends.length && sorted[i]! > ends[step]!) step++;
    steps[order[i]!] = step;
  }
}

function findEnds(sorted: Float32Array, binCount: number): Float32Array {
  const ends: number[] = [];
  for (let bin = 1; bin < binCount; bin++) {
    const at = Math.floor((bin * sorted.length) / binCount);
    const below = sorted[at - 1];
    const above = sorted[at];
    if (below === undefined || above === undefined || below === above) continue;
    const end = Math.fround(below + (above - below) / 2);
    // Between two neighbouring floats the middle rounds to one of them; the lower keeps them apart.
    ends.push(end < above ? end : below);
  }
  const distinct = Float32Array.from(new Set(ends));
  return distinct.length >= binCount / 4 ? distinct : addJumps(distinct, sorted, binCount);
}

/** Where most rows share one value, quantiles miss the rest: take the jumps between distinct values instead. */
function addJumps(ends: Float32Array, sorted: Float32Array, binCount: number): Float32Array {
  const distinct = Float32Array.from(new Set(sorted));
  const stride = Math.max(1, Math.ceil(distinct.length / (binCount - 1 - ends.length)));
  const all = new Set(ends);
  for (let i = stride; i < distinct.length; i += stride) {
    const below = distinct[i - 1]!;
    const end = Math.fround(below + (distinct[i]! - below) / 2);
    all.add(end < distinct[i]! ? end : below);
  }
  return Float32Array.from(all).sort();
}
