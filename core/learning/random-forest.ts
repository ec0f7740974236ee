import { createRandom } from '../random/random.ts';
import { binColumns } from './bins.ts';
import { drawRepeated } from './draw.ts';
import type { Matrix } from './matrix.ts';
import { TreeStore, type Trees } from './tree.ts';
import { type GrowSettings, type Target, TreeGrower } from './tree-grower.ts';
import { addLeaves } from './tree-walk.ts';

/**
 * Decides: which class (with its probability), or which number, by the mean of many trees that each saw other rows and columns.
 * Formula: each tree grows on n rows drawn with replacement; each split chooses among √columns (a third for numbers) drawn anew.
 * Fails when: asked beyond its training (it stays at the border); classes are very unequal (set `balanced`).
 * Source: Breiman, Random Forests (2001).
 */
export interface ForestSettings {
  readonly trees: number;
  readonly maxDepth: number;
  readonly minLeafWeight: number;
  /** Columns drawn for each split; null takes Breiman's. */
  readonly columnsPerSplit: number | null;
  /** Each class weighs the same, however many rows it has. */
  readonly balanced: boolean;
  readonly bins: number;
  readonly seed: number;
}

/** 100 trees are past the knee of the error curve; depth 12 keeps a forest of four classes below 2 MB. */
export const forestDefaults: ForestSettings = {
  trees: 100,
  maxDepth: 12,
  minLeafWeight: 2,
  columnsPerSplit: null,
  balanced: true,
  bins: 128,
  seed: 1,
};

/** The mean leaf of its trees: class probabilities, or the number. */
export interface Forest {
  readonly trees: Trees;
}

export interface LabelledRows {
  readonly matrix: Matrix;
  readonly labels: Uint8Array;
  readonly classes: number;
}

export function fitForestClassifier(
  data: LabelledRows,
  settings: Partial<ForestSettings> = {},
  onTree?: (done: number, of: number) => void,
): Forest {
  const chosen = { ...forestDefaults, ...settings };
  const { matrix, labels, classes } = data;
  const weights = chosen.balanced ? balance(labels, classes) : new Float64Array(labels.length).fill(1);
  const columnsPerSplit = chosen.columnsPerSplit ?? Math.ceil(Math.sqrt(matrix.columns));
  const target = { kind: 'class', labels, classes } as const;
  return growForest(matrix, { ...chosen, columnsPerSplit, ...(onTree && { onTree }) }, target, weights);
}

export function fitForestRegressor(
  data: { readonly matrix: Matrix; readonly targets: ArrayLike<number> },
  settings: Partial<ForestSettings> = {},
): Forest {
  const chosen = { ...forestDefaults, ...settings };
  const columnsPerSplit = chosen.columnsPerSplit ?? Math.ceil(data.matrix.columns / 3);
  const values = Float64Array.from(data.targets);
  const weights = new Float64Array(values.length).fill(1);
  return growForest(data.matrix, { ...chosen, columnsPerSplit }, { kind: 'number', values }, weights);
}

/** Rows × outputs: the probabilities of each row's classes, or its number. */
export function predictForest(forest: Forest, matrix: Matrix): Float64Array {
  const sums = new Float64Array(matrix.rows * forest.trees.outputs);
  addLeaves(forest.trees, matrix.values, matrix.columns, sums);
  for (let i = 0; i < sums.length; i++) sums[i]! /= forest.trees.roots.length;
  return sums;
}

type Growing = Pick<ForestSettings, 'trees' | 'maxDepth' | 'minLeafWeight' | 'bins' | 'seed'> & {
  columnsPerSplit: number;
  onTree?: (done: number, of: number) => void;
};

function growForest(matrix: Matrix, settings: Growing, target: Target, weights: Float64Array): Forest {
  if (matrix.rows === 0) throw new RangeError('forest: got no rows, allowed is at least one');
  const random = createRandom(settings.seed);
  const grow: GrowSettings = { ...settings, maxLeaves: Number.POSITIVE_INFINITY, l2: 0 };
  const grower = new TreeGrower(binColumns(matrix, settings.bins), grow, { target, weights, random });
  const store = new TreeStore(target.kind === 'class' ? target.classes : 1);
  const columns = Int32Array.from({ length: matrix.columns }, (_, i) => i);
  for (let tree = 0; tree < settings.trees; tree++) {
    const rows = drawRepeated(matrix.rows, matrix.rows, random);
    for (const leaf of grower.grow(store, rows, columns)) store.setLeaf(leaf.node, leaf.values);
    settings.onTree?.(tree + 1, settings.trees);
  }
  return { trees: store.finish() };
}

function balance(labels: Uint8Array, classes: number): Float64Array {
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label]!++;
  const present = counts.filter((n) => n > 0).length;
  return Float64Array.from(labels, (label) => labels.length / (present * counts[label]!));
}

/** Each column's share of all splits' questions, weighted by nothing: which signals the forest looks at. */
export function countQuestions(trees: Trees, columns: number): Float64Array {
  const shares = new Float64Array(columns);
  let questions = 0;
  for (const column of trees.column) {
    if (column < 0) continue;
    shares[column]!++;
    questions++;
  }
  return shares.map((n) => (questions > 0 ? n / questions : 0));
}
