import fc from 'fast-check';
import { expect, it } from 'vitest';
import { binColumns } from '../../../core/learning/bins.ts';
import { Histograms } from '../../../core/learning/histograms.ts';
import { matrixOf } from '../../../core/learning/matrix.ts';
import { ColumnSorter } from '../../../core/learning/sort-columns.ts';
import { TreeStore } from '../../../core/learning/tree.ts';
import { TreeGrower } from '../../../core/learning/tree-grower.ts';
import { createRandom } from '../../../core/random/random.ts';

const columns = 6;
const settings = { maxDepth: 6, maxLeaves: 20, minLeafWeight: 5, l2: 1, columnsPerSplit: columns };

function makeRows(seed: number, rows = 400) {
  const random = createRandom(seed);
  // Whole numbers: columns tie often, and rounding must not decide between them.
  const matrix = matrixOf(
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.integer(0, 9))),
  );
  const values = Float64Array.from({ length: rows }, (_, row) => matrix.values[row * columns]! + random.normal(0, 3));
  const weights = Float64Array.from({ length: rows }, () => random.uniform(0.1, 8));
  return { matrix, values, weights, random };
}

/** The same tree by summing every leaf's rows: what a split may ask is drawn, though all columns are. */
function growBySumming(seed: number) {
  const { matrix, values, weights, random } = makeRows(seed);
  const target = { kind: 'number', values } as const;
  const wide = { ...binColumns(matrix, 32), ends: [...binColumns(matrix, 32).ends, new Float32Array(0)] };
  return growWith(new TreeGrower(wide, settings, { target, weights, random }), matrix.rows);
}

function growByDifference(seed: number) {
  const { matrix, values, weights, random } = makeRows(seed);
  const target = { kind: 'number', values } as const;
  return growWith(new TreeGrower(binColumns(matrix, 32), settings, { target, weights, random }), matrix.rows);
}

function growWith(grower: TreeGrower, rows: number) {
  const store = new TreeStore(1);
  for (let tree = 0; tree < 2; tree++) {
    const leaves = grower.grow(
      store,
      Int32Array.from({ length: rows }, (_, i) => i),
      Int32Array.from({ length: columns }, (_, i) => i),
    );
    for (const leaf of leaves) store.setLeaf(leaf.node, leaf.values);
  }
  return store.finish();
}

it('grows the same tree, to the last bit, by differences of sums as by summing each leaf', () => {
  for (let seed = 1; seed <= 20; seed++) expect(growByDifference(seed)).toEqual(growBySumming(seed));
});

it('has the rest of the sums when a part is taken away', () => {
  const { matrix, values, weights } = makeRows(1);
  const histograms = new Histograms(binColumns(matrix, 32), values, weights);
  histograms.beginTree(Int32Array.of(0, 3, 5));
  const rows = Int32Array.from({ length: matrix.rows }, (_, i) => i);
  const rest = histograms.subtract(histograms.sum(rows, 0, 400), histograms.sum(rows, 0, 150));
  const summed = histograms.sum(rows, 150, 400);
  expect(Math.max(...summed.map((sum, i) => Math.abs(sum - rest[i]!)))).toBeLessThan(1e-9);
});

it('sorts a column as numbers are sorted, with the row of each and without what is none', () => {
  const value = fc.float();
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), (numbers) => {
      const sorter = new ColumnSorter(numbers.length);
      const given = Float32Array.from(numbers);
      const sorted = sorter.sort(matrixOf(numbers.map((number) => [number])), 0);
      expect(sorted).toEqual(given.filter((number) => !Number.isNaN(number)).sort());
      expect(sorted.map((_, i) => given[sorter.order[i]!]!)).toEqual(sorted);
    }),
    { seed: 1 },
  );
});
