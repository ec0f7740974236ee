import type { Random } from '../random/random.ts';
import type { Bins } from './bins.ts';
import { mostBins } from './bins.ts';
import { Histograms } from './histograms.ts';
import type { TreeStore } from './tree.ts';

/**
 * Decides: which question splits these rows best, again and again, the most useful leaf first?
 * Formula: a split's gain = Σk L_k²/(w_L + λ) + Σk R_k²/(w_R + λ) − Σk S_k²/(w + λ), where S_k sums weight × target; a leaf
 * holds S_k/(w + λ). With one target this is the least-squares gain; with one 0/1 target a class it is the Gini gain.
 * Fails when: two columns matter only together (no single split gains); the target is noise (set `minLeafWeight` higher).
 * Source: Breiman et al., Classification and Regression Trees (1984); Ke et al., LightGBM (2017) for histograms, best leaf first.
 */
export interface GrowSettings {
  readonly maxDepth: number;
  readonly maxLeaves: number;
  readonly minLeafWeight: number;
  /** λ: pulls leaves of little weight to 0. */
  readonly l2: number;
  /** Columns drawn for each split; all of the tree's columns where it is that many or more. */
  readonly columnsPerSplit: number;
}

/** What a tree is grown to: one number a row, or one of several classes. */
export type Target =
  | { readonly kind: 'number'; readonly values: Float64Array }
  | { readonly kind: 'class'; readonly labels: Uint8Array; readonly classes: number };

interface OpenLeaf {
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly depth: number;
  readonly sums: Float64Array;
  /** Its steps' sums over all columns, where they are kept. */
  readonly histogram: Float64Array | null;
  readonly split: Split | null;
}

/** A leaf's rows, `grower.rows` from `from` to before `to`, and what they come to. */
type Part = Pick<OpenLeaf, 'from' | 'to' | 'depth' | 'sums'>;

interface Split {
  readonly column: number;
  readonly step: number;
  readonly gain: number;
}

/** A leaf of the tree just grown, with the rows that fell into it: `grower.rows` from `from` to before `to`. */
export interface GrownLeaf {
  readonly node: number;
  readonly from: number;
  readonly to: number;
  readonly values: Float64Array;
}

/** A gain below this is rounding. */
const leastGain = 1e-9;

export class TreeGrower {
  /** The rows of the last tree, leaf by leaf. */
  rows: Int32Array = new Int32Array(0);
  private readonly bins: Bins;
  private readonly settings: GrowSettings;
  private readonly outputs: number;
  /** Per step: the sums, then the weight. */
  private readonly histogram: Float64Array;
  private readonly left: Float64Array;
  /** Null where each split draws its columns anew: a parent's sums are then of other columns. */
  private readonly histograms: Histograms | null;
  private target: Target;
  private weights: Float64Array;
  private columns: Int32Array = new Int32Array(0);
  private random: Random;

  constructor(bins: Bins, settings: GrowSettings, parts: { target: Target; weights: Float64Array; random: Random }) {
    this.bins = bins;
    this.settings = settings;
    this.target = parts.target;
    this.weights = parts.weights;
    this.random = parts.random;
    this.outputs = parts.target.kind === 'class' ? parts.target.classes : 1;
    this.histogram = new Float64Array(mostBins * (this.outputs + 1));
    this.left = new Float64Array(this.outputs + 1);
    this.histograms =
      parts.target.kind === 'number' && settings.columnsPerSplit >= bins.ends.length
        ? new Histograms(bins, parts.target.values, parts.weights)
        : null;
  }

  /** Grows a tree on these rows and columns into the store; leaves are not yet written. */
  grow(store: TreeStore, rows: Int32Array, columns: Int32Array): GrownLeaf[] {
    this.rows = rows;
    this.columns = columns;
    this.histograms?.beginTree(columns);
    const root = this.measure(0, rows.length, 0);
    const histogram = this.canSplit(root) ? (this.histograms?.sum(rows, 0, rows.length) ?? null) : null;
    const open: OpenLeaf[] = [this.open(store.beginTree(), root, histogram)];
    const closed: OpenLeaf[] = [];
    while (open.length > 0) {
      const best = takeBest(open);
      const isFull = open.length + closed.length + 2 > this.settings.maxLeaves;
      if (best.split === null || isFull) closed.push(best);
      else open.push(...this.divide(store, best, best.split));
    }
    return closed.map(({ node, from, to, sums }) => ({ node, from, to, values: this.leafOf(sums) }));
  }

  private leafOf(sums: Float64Array): Float64Array {
    const weight = sums[this.outputs]! + this.settings.l2;
    return sums.subarray(0, this.outputs).map((sum) => (weight > 0 ? sum / weight : 0));
  }

  private divide(store: TreeStore, leaf: OpenLeaf, { column, step }: Split): [OpenLeaf, OpenLeaf] {
    const first = store.split(leaf.node, column, this.bins.ends[column]![step]!);
    const middle = this.partition(leaf, column, step);
    const yes = this.measure(leaf.from, middle, leaf.depth + 1);
    const no = this.measure(middle, leaf.to, leaf.depth + 1);
    const [ofYes, ofNo] = this.shareHistogram(leaf.histogram, yes, no);
    return [this.open(first, yes, ofYes), this.open(first + 1, no, ofNo)];
  }

  private measure(from: number, to: number, depth: number): Part {
    return { from, to, depth, sums: this.sumRows(from, to) };
  }

  private canSplit({ depth, sums }: Part): boolean {
    return depth < this.settings.maxDepth && sums[this.outputs]! >= 2 * this.settings.minLeafWeight;
  }

  /** Only the smaller part's rows are summed. */
  private shareHistogram(whole: Float64Array | null, yes: Part, no: Part): [Float64Array | null, Float64Array | null] {
    if (this.histograms === null || whole === null || !(this.canSplit(yes) || this.canSplit(no))) return [null, null];
    const smaller = yes.to - yes.from < no.to - no.from ? yes : no;
    const part = this.histograms.sum(this.rows, smaller.from, smaller.to);
    const rest = this.histograms.subtract(whole, part);
    return smaller === yes ? [part, rest] : [rest, part];
  }

  private open(node: number, part: Part, histogram: Float64Array | null): OpenLeaf {
    return { ...part, node, histogram, split: this.canSplit(part) ? this.findSplit(part, histogram) : null };
  }

  private sumRows(from: number, to: number): Float64Array {
    const { rows, weights, target, outputs } = this;
    const sums = new Float64Array(outputs + 1);
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      const weight = weights[row]!;
      if (target.kind === 'class') sums[target.labels[row]!]! += weight;
      else sums[0]! += weight * target.values[row]!;
      sums[outputs]! += weight;
    }
    return sums;
  }

  private findSplit({ from, to, sums }: Part, histogram: Float64Array | null): Split | null {
    let best: Split | null = null;
    for (const column of this.askedColumns(sums, histogram)) {
      if (this.bins.ends[column]!.length === 0) continue;
      if (this.target.kind === 'class') this.fillClasses(column, from, to, this.target.labels);
      else this.fillNumbers(column, from, to, this.target.values);
      const split = this.scan(column, sums, best?.gain ?? leastGain);
      if (split !== null) best = split;
    }
    return best;
  }

  private askedColumns(sums: Float64Array, histogram: Float64Array | null): Iterable<number> {
    const { columns, settings, random, histograms } = this;
    if (histograms !== null && histogram !== null) return histograms.nearBest(histogram, sums, settings);
    const drawn = Math.min(settings.columnsPerSplit, columns.length);
    if (drawn === columns.length) return columns;
    for (let i = 0; i < drawn; i++) swap(columns, i, random.integer(i, columns.length - 1));
    return columns.subarray(0, drawn);
  }

  private fillNumbers(column: number, from: number, to: number, values: Float64Array): void {
    const { rows, weights, histogram, bins } = this;
    histogram.fill(0, 0, (bins.ends[column]!.length + 1) * 2);
    const steps = bins.steps;
    const offset = column * bins.rows;
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      const at = steps[offset + row]! << 1;
      const weight = weights[row]!;
      histogram[at]! += weight * values[row]!;
      histogram[at + 1]! += weight;
    }
  }

  private fillClasses(column: number, from: number, to: number, labels: Uint8Array): void {
    const { rows, weights, histogram, bins, outputs } = this;
    const width = outputs + 1;
    histogram.fill(0, 0, (bins.ends[column]!.length + 1) * width);
    const steps = bins.steps;
    const offset = column * bins.rows;
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      const at = steps[offset + row]! * width;
      const weight = weights[row]!;
      histogram[at + labels[row]!]! += weight;
      histogram[at + outputs]! += weight;
    }
  }

  /** The column's best step, if its gain beats `toBeat`. */
  private scan(column: number, sums: Float64Array, toBeat: number): Split | null {
    const { histogram, left, outputs } = this;
    const { minLeafWeight, l2 } = this.settings;
    const width = outputs + 1;
    const total = sums[outputs]!;
    const before = squares(sums, outputs) / (total + l2);
    const steps = this.bins.ends[column]!.length;
    let bestStep = -1;
    let bestGain = toBeat;
    left.fill(0);
    for (let step = 0; step < steps; step++) {
      for (let k = 0; k < width; k++) left[k]! += histogram[step * width + k]!;
      const weight = left[outputs]!;
      if (weight < minLeafWeight) continue;
      if (total - weight < minLeafWeight) break;
      let gain = -before;
      for (let k = 0; k < outputs; k++) {
        const right = sums[k]! - left[k]!;
        gain += (left[k]! * left[k]!) / (weight + l2) + (right * right) / (total - weight + l2);
      }
      if (gain > bestGain) {
        bestGain = gain;
        bestStep = step;
      }
    }
    return bestStep < 0 ? null : { column, step: bestStep, gain: bestGain };
  }

  /** Rows that answer yes first; where the others begin. */
  private partition({ from, to }: OpenLeaf, column: number, step: number): number {
    const { rows, bins } = this;
    const offset = column * bins.rows;
    let low = from;
    let high = to - 1;
    while (low <= high) {
      if (bins.steps[offset + rows[low]!]! <= step) low++;
      else swap(rows, low, high--);
    }
    return low;
  }
}

function takeBest(open: OpenLeaf[]): OpenLeaf {
  let best = 0;
  for (let i = 1; i < open.length; i++) if ((open[i]!.split?.gain ?? 0) > (open[best]!.split?.gain ?? 0)) best = i;
  return open.splice(best, 1)[0]!;
}

function squares(sums: Float64Array, outputs: number): number {
  let sum = 0;
  for (let k = 0; k < outputs; k++) sum += sums[k]! * sums[k]!;
  return sum;
}

function swap(list: Int32Array, i: number, j: number): void {
  const value = list[i]!;
  list[i] = list[j]!;
  list[j] = value;
}
