import type { Trees } from './tree.ts';

/** Below so many rows, laying the trees out for walking together costs more than it saves. */
const leastTogether = 64;

/** Adds each tree's leaf to `sums` (rows × outputs). */
export function addLeaves(trees: Trees, values: Float32Array, columns: number, sums: Float64Array): void {
  const rows = values.length / columns;
  if (rows >= leastTogether) walkTogether(trees, values, columns, sums);
  else for (const root of trees.roots) walkAlone(trees, root, { values, columns, rows }, sums);
}

interface Rows {
  readonly values: Float32Array;
  readonly columns: number;
  readonly rows: number;
}

function walkAlone(trees: Trees, root: number, { values, columns, rows }: Rows, sums: Float64Array): void {
  const { column, threshold, child, leaves, outputs } = trees;
  for (let row = 0; row < rows; row++) {
    const offset = row * columns;
    let node = root;
    let asked = column[node]!;
    while (asked >= 0) {
      node = child[node]! + (values[offset + asked]! <= threshold[node]! ? 0 : 1);
      asked = column[node]!;
    }
    const leaf = child[node]!;
    for (let k = 0; k < outputs; k++) sums[row * outputs + k]! += leaves[leaf * outputs + k]!;
  }
}

/**
 * Rows pass through a tree four at a time: a walk waits for memory at every question, and four walks wait together. That needs walks of
 * one length, so a leaf asks on and stays where it is (its threshold is NaN, to which nothing compares). Measured twice as fast.
 */
interface Walk {
  readonly roots: Int32Array;
  /** The longest way from root to leaf, per tree. */
  readonly depths: Int32Array;
  readonly column: Int16Array;
  readonly threshold: Float32Array;
  /** The node after a no; the one before it is the node after a yes. */
  readonly no: Int32Array;
  /** Of a leaf, the place in `values`. */
  readonly leaf: Int32Array;
  readonly values: Float32Array;
  readonly outputs: number;
}

/** Rows scored together, so that a tree stays in the cache while they pass through it (32 to 256 measured). */
const blockRows = 64;

/** Tree by tree: the same sums, to the last bit, as of a row walked alone. */
function walkTogether(trees: Trees, values: Float32Array, columns: number, sums: Float64Array): void {
  const walk = layOut(trees);
  const rows = values.length / columns;
  for (let from = 0; from < rows; from += blockRows) {
    const to = Math.min(rows, from + blockRows);
    for (let tree = 0; tree < walk.roots.length; tree++) addTree(walk, tree, { values, columns, from, to }, sums);
  }
}

function layOut({ roots, column, threshold, child, leaves, outputs }: Trees): Walk {
  const isLeaf = (node: number): boolean => column[node]! < 0;
  return {
    roots,
    depths: roots.map((root, tree) => depthOf({ column, child }, root, roots[tree + 1] ?? column.length)),
    column: column.map((asked) => Math.max(0, asked)),
    threshold: threshold.map((value, node) => (isLeaf(node) ? Number.NaN : value)),
    no: child.map((to, node) => (isLeaf(node) ? node : to + 1)),
    leaf: child,
    values: leaves,
    outputs,
  };
}

/** Children come after their parent: one pass tells how deep each lies. */
function depthOf({ column, child }: Pick<Trees, 'column' | 'child'>, root: number, end: number): number {
  const depths = new Uint8Array(end - root);
  let deepest = 0;
  for (let node = root; node < end; node++) {
    const depth = depths[node - root]!;
    deepest = Math.max(deepest, depth);
    if (column[node]! < 0) continue;
    depths[child[node]! - root] = depth + 1;
    depths[child[node]! + 1 - root] = depth + 1;
  }
  return deepest;
}

interface Block {
  readonly values: Float32Array;
  readonly columns: number;
  readonly from: number;
  readonly to: number;
}

/** The loop all scoring time is spent in. A last walk of fewer than four rows repeats its first row and drops what it finds. */
function addTree(walk: Walk, tree: number, { values, columns, from, to }: Block, sums: Float64Array): void {
  const { column, threshold, no, leaf } = walk;
  const root = walk.roots[tree]!;
  const depth = walk.depths[tree]!;
  for (let row = from; row < to; row += 4) {
    const first = row * columns;
    const second = row + 1 < to ? first + columns : first;
    const third = row + 2 < to ? second + columns : first;
    const fourth = row + 3 < to ? third + columns : first;
    let [a, b, c, d] = [root, root, root, root];
    for (let step = 0; step < depth; step++) {
      a = no[a]! - Number(values[first + column[a]!]! <= threshold[a]!);
      b = no[b]! - Number(values[second + column[b]!]! <= threshold[b]!);
      c = no[c]! - Number(values[third + column[c]!]! <= threshold[c]!);
      d = no[d]! - Number(values[fourth + column[d]!]! <= threshold[d]!);
    }
    addLeaf(walk, leaf[a]!, row, sums);
    if (row + 1 < to) addLeaf(walk, leaf[b]!, row + 1, sums);
    if (row + 2 < to) addLeaf(walk, leaf[c]!, row + 2, sums);
    if (row + 3 < to) addLeaf(walk, leaf[d]!, row + 3, sums);
  }
}

function addLeaf({ values, outputs }: Walk, leaf: number, row: number, sums: Float64Array): void {
  for (let k = 0; k < outputs; k++) sums[row * outputs + k]! += values[leaf * outputs + k]!;
}
