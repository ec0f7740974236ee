import type { Bins } from './bins.ts';

/**
 * Decides: which of a tree's columns can hold a leaf's best split, without summing all of the leaf's rows?
 * Formula: per column and step the sums of weight × target and of weight. Of two children the smaller one's rows are summed; the other's
 * sums are the parent's less these. Subtracting rounds, so the sums only name the columns whose gain comes near the best.
 * Fails when: rows are fewer than steps (then summing was cheap already).
 * Source: Ke et al., LightGBM (2017), for the subtraction.
 */
export class Histograms {
  private readonly bins: Bins;
  private readonly values: Float64Array;
  private readonly weights: Float64Array;
  private columns: Int32Array = new Int32Array(0);
  /** Where each of the columns begins, and where the last one ends. */
  private starts: Int32Array = new Int32Array(1);
  private readonly products: Float64Array;
  private readonly heavy: Float64Array;
  private readonly lent: Float64Array[] = [];
  private readonly free: Float64Array[] = [];

  constructor(bins: Bins, values: Float64Array, weights: Float64Array) {
    this.bins = bins;
    this.values = values;
    this.weights = weights;
    this.products = new Float64Array(bins.rows);
    this.heavy = new Float64Array(bins.rows);
  }

  /** What was lent to the tree before is free again. */
  beginTree(columns: Int32Array): void {
    this.columns = columns;
    this.starts = new Int32Array(columns.length + 1);
    columns.forEach((column, i) => {
      this.starts[i + 1] = this.starts[i]! + 2 * (this.bins.ends[column]!.length + 1);
    });
    this.free.push(...this.lent.splice(0));
  }

  sum(rows: Int32Array, from: number, to: number): Float64Array {
    const { bins, products, heavy, columns, starts } = this;
    const histogram = this.lend();
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      heavy[i] = this.weights[row]!;
      products[i] = heavy[i]! * this.values[row]!;
    }
    for (let c = 0; c < columns.length; c++) {
      const offset = columns[c]! * bins.rows;
      const start = starts[c]!;
      if (starts[c + 1] === start + 2) continue;
      for (let i = from; i < to; i++) {
        const at = start + 2 * bins.steps[offset + rows[i]!]!;
        histogram[at]! += products[i]!;
        histogram[at + 1]! += heavy[i]!;
      }
    }
    return histogram;
  }

  /** Turns the whole's sums into those of the rows that are not in the part. */
  subtract(whole: Float64Array, part: Float64Array): Float64Array {
    const end = this.starts[this.columns.length]!;
    for (let at = 0; at < end; at++) whole[at]! -= part[at]!;
    return whole;
  }

  /** The columns, in their order, whose best gain differs from the best of all by no more than rounding could explain. */
  nearBest(histogram: Float64Array, sums: Float64Array, bounds: Bounds): number[] {
    const before = (sums[0]! * sums[0]!) / (sums[1]! + bounds.l2);
    const after = Array.from(this.columns, (_, c) => this.bestOf(histogram, c, sums, bounds));
    const best = Math.max(...after);
    if (!(best > before)) return [];
    const least = best - rounding * (best + before);
    return Array.from(this.columns).filter((_, c) => after[c]! >= least);
  }

  /** The most that left² / weight + right² / weight comes to; −∞ where no step leaves enough weight on both sides. */
  private bestOf(histogram: Float64Array, c: number, sums: Float64Array, { minLeafWeight, l2 }: Bounds): number {
    const end = this.starts[c + 1]! - 2;
    const total = sums[0]!;
    const leastLeft = minLeafWeight;
    const mostLeft = sums[1]! - minLeafWeight;
    const heavy = sums[1]! + l2;
    let left = 0;
    let weight = 0;
    let best = Number.NEGATIVE_INFINITY;
    for (let at = this.starts[c]!; at < end; at += 2) {
      left += histogram[at]!;
      weight += histogram[at + 1]!;
      if (weight < leastLeft) continue;
      if (weight > mostLeft) break;
      const right = total - left;
      const leftWeight = weight + l2;
      const rightWeight = heavy - weight;
      const gain = (left * left * rightWeight + right * right * leftWeight) / (leftWeight * rightWeight);
      if (gain > best) best = gain;
    }
    return best;
  }

  private lend(): Float64Array {
    const size = this.starts[this.columns.length]!;
    const kept = this.free.pop();
    const histogram = kept !== undefined && kept.length >= size ? kept.fill(0, 0, size) : new Float64Array(size);
    this.lent.push(histogram);
    return histogram;
  }
}

export interface Bounds {
  readonly minLeafWeight: number;
  readonly l2: number;
}

/** As a share of the gains' terms: far above what sums of some 10⁵ rows lose (10⁻¹² or so), far below what tells columns apart. */
const rounding = 1e-9;
