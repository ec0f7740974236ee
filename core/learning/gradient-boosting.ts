import { createRandom } from '../random/random.ts';
import { type Bins, binColumns } from './bins.ts';
import { drawDistinct } from './draw.ts';
import type { Matrix } from './matrix.ts';
import { quantileOf } from './quantile.ts';
import { TreeStore, type Trees } from './tree.ts';
import { type GrownLeaf, TreeGrower } from './tree-grower.ts';
import { addLeaves } from './tree-walk.ts';

/**
 * Decides: a number (or one of its quantiles) from a row, as a start value and many small corrections.
 * Formula: F ← F + η·tree(r), r the loss's downhill direction: y − F for least squares; q or q − 1 for the quantile loss, whose
 * leaves then hold the q-quantile of their residuals. Each tree sees a part of the rows and of the columns.
 * Fails when: asked beyond the range of its training (it stays at the border); few units, many rows of each (hold out units).
 * Source: Friedman, Greedy Function Approximation (2001) and Stochastic Gradient Boosting (2002).
 */
export interface BoostingSettings {
  readonly loss: { readonly kind: 'squared' } | { readonly kind: 'quantile'; readonly quantile: number };
  readonly rounds: number;
  readonly learningRate: number;
  readonly maxLeaves: number;
  readonly maxDepth: number;
  readonly minLeafWeight: number;
  readonly l2: number;
  readonly rowShare: number;
  readonly columnShare: number;
  /** The columns that trees may ask about, from one to before another; null allows all. */
  readonly columns: ColumnRange | null;
  readonly bins: number;
  readonly seed: number;
  /** Stops when units held out did not gain for so many rounds; null runs all rounds. */
  readonly early: { readonly unitShare: number; readonly patienceRounds: number } | null;
}

/** LightGBM's and scikit-learn's leaves and bins; the shares after Friedman 2002, rounds and rate for some 20,000 rows. */
export const boostingDefaults: BoostingSettings = {
  loss: { kind: 'squared' },
  rounds: 300,
  learningRate: 0.05,
  maxLeaves: 31,
  maxDepth: 16,
  minLeafWeight: 20,
  l2: 1,
  rowShare: 0.5,
  columnShare: 0.5,
  columns: null,
  bins: 128,
  seed: 1,
  early: null,
};

export interface ColumnRange {
  readonly from: number;
  readonly to: number;
}

export interface BoostedTrees {
  readonly start: number;
  readonly trees: Trees;
}

export interface BoostingData {
  readonly matrix: Matrix;
  readonly targets: ArrayLike<number>;
  /** Their mean should be 1: `minLeafWeight` is in the same unit. */
  readonly weights?: Float64Array;
  /** The unit each row belongs to; needed to hold some out. */
  readonly units?: ArrayLike<number>;
}

export function fitBoosting(data: BoostingData, settings: Partial<BoostingSettings> = {}): BoostedTrees {
  return new Booster(data, { ...boostingDefaults, ...settings }).run();
}

export function predictBoosted(model: BoostedTrees, matrix: Matrix): Float64Array {
  const sums = new Float64Array(matrix.rows).fill(model.start);
  addLeaves(model.trees, matrix.values, matrix.columns, sums);
  return sums;
}

class Booster {
  private readonly data: BoostingData;
  private readonly settings: BoostingSettings;
  private readonly bins: Bins;
  private readonly weights: Float64Array;
  private readonly fitted: Int32Array;
  private readonly heldOut: Int32Array;
  private readonly predictions: Float64Array;
  private readonly directions: Float64Array;
  private readonly store = new TreeStore(1);
  private readonly start: number;

  constructor(data: BoostingData, settings: BoostingSettings) {
    const { rows } = data.matrix;
    if (rows === 0) throw new RangeError('boosting: got no rows, allowed is at least one');
    this.data = data;
    this.settings = settings;
    this.bins = binColumns(data.matrix, settings.bins, settings.columns);
    this.weights = data.weights ?? new Float64Array(rows).fill(1);
    [this.fitted, this.heldOut] = splitUnits(data, settings);
    this.start = this.startValue();
    this.predictions = new Float64Array(rows).fill(this.start);
    this.directions = new Float64Array(rows);
  }

  run(): BoostedTrees {
    const { settings, store } = this;
    const random = createRandom(settings.seed);
    const grow = { ...settings, columnsPerSplit: this.data.matrix.columns };
    const target = { kind: 'number', values: this.directions } as const;
    const grower = new TreeGrower(this.bins, grow, { target, weights: this.weights, random });
    const { from, to } = settings.columns ?? { from: 0, to: this.data.matrix.columns };
    let best = { round: 0, loss: this.lossOf(this.heldOut) };
    for (let round = 1; round <= settings.rounds; round++) {
      this.aim();
      const drawn = drawDistinct(this.fitted.length, Math.ceil(settings.rowShare * this.fitted.length), random);
      const rows = drawn.map((i) => this.fitted[i]!);
      const columns = drawDistinct(to - from, Math.ceil(settings.columnShare * (to - from)), random);
      this.addTree(
        grower,
        rows,
        columns.map((column) => from + column),
      );
      if (settings.early === null) continue;
      const loss = this.lossOf(this.heldOut);
      if (loss < best.loss) best = { round, loss };
      else if (round - best.round >= settings.early.patienceRounds) break;
    }
    if (settings.early !== null) store.cutTo(Math.max(1, best.round));
    return { start: this.start, trees: store.finish() };
  }

  private aim(): void {
    const { directions, predictions, settings } = this;
    const { targets } = this.data;
    const quantile = settings.loss.kind === 'quantile' ? settings.loss.quantile : Number.NaN;
    for (let row = 0; row < directions.length; row++) {
      const rest = targets[row]! - predictions[row]!;
      directions[row] = Number.isNaN(quantile) ? rest : rest > 0 ? quantile : quantile - 1;
    }
  }

  private addTree(grower: TreeGrower, rows: Int32Array, columns: Int32Array): void {
    const { store, predictions, settings, data } = this;
    const leaves = grower.grow(store, rows, columns);
    for (const leaf of leaves) store.setLeaf(leaf.node, [settings.learningRate * this.leafValue(grower, leaf)]);
    addLastTree(store, data.matrix, predictions);
  }

  private leafValue(grower: TreeGrower, leaf: GrownLeaf): number {
    const { loss } = this.settings;
    if (loss.kind === 'squared') return leaf.values[0]!;
    const rests = Array.from(
      grower.rows.subarray(leaf.from, leaf.to),
      (row) => this.data.targets[row]! - this.predictions[row]!,
    );
    return quantileOf(rests, loss.quantile);
  }

  private startValue(): number {
    const { loss } = this.settings;
    const targets = Array.from(this.fitted, (row) => this.data.targets[row]!);
    if (loss.kind === 'quantile') return Math.fround(quantileOf(targets, loss.quantile));
    let sum = 0;
    let weight = 0;
    for (const row of this.fitted) {
      sum += this.weights[row]! * this.data.targets[row]!;
      weight += this.weights[row]!;
    }
    return Math.fround(sum / weight);
  }

  private lossOf(rows: Int32Array): number {
    const { loss } = this.settings;
    let sum = 0;
    for (const row of rows) {
      const rest = this.data.targets[row]! - this.predictions[row]!;
      sum += loss.kind === 'squared' ? rest * rest : rest * (rest > 0 ? loss.quantile : loss.quantile - 1);
    }
    return sum / Math.max(1, rows.length);
  }
}

function addLastTree(store: TreeStore, matrix: Matrix, predictions: Float64Array): void {
  addLeaves(store.lastTree(), matrix.values, matrix.columns, predictions);
}

function splitUnits({ units, matrix }: BoostingData, { early, seed }: BoostingSettings): [Int32Array, Int32Array] {
  const all = Int32Array.from({ length: matrix.rows }, (_, i) => i);
  if (early === null) return [all, new Int32Array(0)];
  if (units === undefined) throw new RangeError('boosting: early stopping needs the unit of each row, got none');
  const names = [...new Set(Array.from(units))];
  const count = Math.max(1, Math.round(early.unitShare * names.length));
  const heldOut = new Set(
    Array.from(drawDistinct(names.length, count, createRandom(`${seed}/held out`)), (i) => names[i]!),
  );
  if (heldOut.size === names.length)
    throw new RangeError(`boosting: got ${names.length} unit, allowed are at least two`);
  return [all.filter((row) => !heldOut.has(units[row]!)), all.filter((row) => heldOut.has(units[row]!))];
}
