import { solveSymmetric } from '../detection/solve-symmetric.ts';

/**
 * Decides: what does each scaled signal say when the machine is healthy, given what the others say now and lately?
 * Formula: zᵢ = Σⱼ bᵢⱼ·xⱼ, x the scaled signals and their slow means, without i's own; b by ridge regression on healthy rows.
 * Work that moves all signals together cancels; a signal that leaves the others stays. That is what single signals cannot show.
 * Fails when: the relation bends far from a line; healthy rows do not cover the work.
 * Source: Hoerl and Kennard, Ridge Regression (1970); the use for residuals is that of auto-associative monitoring (Hines 2006).
 */
export class RelationLearner {
  private readonly signals: number;
  private readonly columns: number;
  private readonly products: Float64Array;
  private rows = 0;

  constructor(signals: number) {
    this.signals = signals;
    this.columns = 2 * signals;
    this.products = new Float64Array(this.columns ** 2);
  }

  /** `row`: the scaled signals, then their slow means. */
  add(row: Float32Array): void {
    this.rows++;
    for (let i = 0; i < this.columns; i++) {
      const at = i * this.columns;
      for (let j = 0; j <= i; j++) this.products[at + j]! += row[i]! * row[j]!;
    }
  }

  /** Signals × columns; a signal's own columns are 0. */
  finish(): Float32Array {
    const relations = new Float32Array(this.signals * this.columns);
    for (let signal = 0; signal < this.signals; signal++) {
      const own = new Set([signal, this.signals + signal]);
      const others = Array.from({ length: this.columns }, (_, j) => j).filter(
        (j) => !own.has(j) && this.product(j, j) > 0,
      );
      const matrix = others.map((a) => others.map((b) => this.product(a, b) + (a === b ? ridge : 0)));
      const solved = solveSymmetric(
        matrix,
        others.map((a) => this.product(a, signal)),
      );
      others.forEach((j, k) => {
        relations[signal * this.columns + j] = solved?.[k] ?? 0;
      });
    }
    return relations;
  }

  private product(i: number, j: number): number {
    return (this.products[Math.max(i, j) * this.columns + Math.min(i, j)] ?? 0) / Math.max(1, this.rows);
  }
}

/** In squared training deviations: signals that are almost copies of each other share the weight (assumption). */
const ridge = 0.01;
