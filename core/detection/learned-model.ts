import { decodeFloats, encodeFloats } from './floats.ts';
import { evaluateTerm } from './formula.ts';
import type { CompiledModel, Frame } from './plan.ts';
import { solveSymmetric } from './solve-symmetric.ts';

/**
 * What this one machine shows when it is healthy: each target as a linear function of the model's terms and, where
 * asked for, of the other targets; fitted by least squares from running means and co-moments (Welford 1962).
 *
 *   stage 0 (learning):    co-moments of terms and targets, then solve (C_RR + λ·diag C_RR)·b = C_Rt per target
 *   stage 1 (calibrating): mean and deviation of the residuals on fresh samples, so that a fit too good to be true
 *                          is not believed
 *   stage 2 (ready):       residual and standardised residual
 *
 * It fails on a machine that is ill while it is being learned, and on regimes not seen then: name those in `when`.
 * Nothing is learned while an episode is open. A target missing from the first sample is left out for good.
 */
const ridge = 1e-4;
/** A sample further out than this is a glitch, and no teacher. */
const outlierDeviations = 8;
const outliersAfter = 12;
/** So many far samples in a row are a regime of their own and teach after all. */
const regimeAfter = 4;
/** What the fit's own residuals count for against fresh ones, in samples. */
const fitWeight = 12;
/** A residual that was exactly constant has some noise all the same; what is worth a word is the check's `atLeast`. */
const leastNoise = 1e-6;

export interface LearnedModelState {
  readonly stage: number;
  readonly count: number;
  readonly lastTaughtAtMs: number;
  /** Only while learning. */
  readonly far?: readonly number[];
  readonly numbers: readonly (number | null)[];
}

export class LearnedModel {
  stage = 0;
  private readonly plan: CompiledModel;
  private count = 0;
  /** Terms, then targets. */
  private readonly size: number;
  private readonly row: Float64Array;
  /** Where the co-moments of each column with the columns before it begin, and with how many. */
  private readonly rowStart: number[] = [];
  private readonly rowLength: number[] = [];
  private lastTaughtAtMs = 0;
  /** Far samples in a row: of all together while fitting (the first), of each target while calibrating. */
  private readonly far: Uint8Array;
  private mean: Float32Array;
  private comoments: Float32Array;
  /** Per target: intercept, then one coefficient a column; NaN intercept where the target is not modelled. */
  private coefficients: Float32Array;
  private bias: Float32Array;
  private noise: Float32Array;

  constructor(plan: CompiledModel, saved?: LearnedModelState) {
    this.plan = plan;
    const n = plan.terms.length + plan.targets.length;
    const targets = plan.targets.length;
    this.size = n;
    this.row = new Float64Array(n);
    this.mean = new Float32Array(n);
    this.comoments = new Float32Array(this.layOutComoments());
    this.coefficients = new Float32Array(targets * (this.width + 1));
    this.bias = new Float32Array(targets);
    this.noise = new Float32Array(targets);
    this.far = new Uint8Array(targets);
    if (saved !== undefined) this.load(saved);
  }

  /** Targets need their co-moments with each other only where they explain each other; each its own variance, last. */
  private layOutComoments(): number {
    let at = 0;
    for (let i = 0; i < this.size; i++) {
      const earlier = i < this.plan.terms.length || this.plan.fromEachOther ? i : this.plan.terms.length;
      this.rowStart.push(at);
      this.rowLength.push(earlier);
      at += earlier + 1;
    }
    return at;
  }

  /** Columns a target is regressed on: the terms, and all targets where they explain each other. */
  private get width(): number {
    return this.plan.fromEachOther ? this.size : this.plan.terms.length;
  }

  predict(frame: Frame): void {
    if (this.stage === 0 || frame.holds[this.plan.when] === 0) return;
    this.readRow(frame);
    const width = this.width;
    const { targets, terms } = this.plan;
    for (let t = 0; t < targets.length; t++) {
      const at = t * (width + 1);
      let expected = this.coefficients[at]!;
      // A signal this machine does not have.
      if (Number.isNaN(expected)) continue;
      for (let c = 0; c < width; c++) {
        const b = this.coefficients[at + 1 + c]!;
        if (b !== 0) expected += b * this.row[c]!;
      }
      const q = targets[t]!;
      const residual = this.row[terms.length + t]! - expected;
      frame.expected[q] = expected;
      frame.residuals[q] = residual;
      if (this.stage === 2) {
        frame.noise[q] = this.noise[t]!;
        frame.standardised[q] = residual / this.noise[t]!;
      }
    }
  }

  /** Call once a sample, after predict, unless learning is frozen. */
  learn(frame: Frame): void {
    if (this.stage === 2 || frame.holds[this.plan.when] === 0) return;
    if (frame.atMs - this.lastTaughtAtMs < this.plan.everyMs && frame.atMs >= this.lastTaughtAtMs) return;
    if (this.stage === 0) {
      this.readRow(frame);
      if (!this.isTeacher()) return;
    }
    this.lastTaughtAtMs = frame.atMs;
    this.count++;
    if (this.stage === 0) this.accumulate();
    else this.calibrate(frame);
    if (this.count < this.plan.samples / 2) return;
    if (this.stage === 0) this.fit();
    else this.finish();
    this.stage++;
    this.count = 0;
    this.far.fill(0);
  }

  /** Starts anew: the part was changed, and its old self says nothing about the new. */
  reset(): void {
    this.stage = 0;
    this.count = 0;
    this.far.fill(0);
    for (const numbers of [this.mean, this.comoments, this.coefficients, this.bias, this.noise]) numbers.fill(0);
  }

  save(): LearnedModelState {
    const { stage, count, lastTaughtAtMs } = this;
    const state = { stage, count, lastTaughtAtMs, numbers: encodeFloats(this.numbersInForce()) };
    return stage === 2 ? state : { ...state, far: [...this.far] };
  }

  private fitted(): Float32Array[] {
    return this.stage === 1 ? [this.coefficients, this.bias, this.noise] : [this.coefficients, this.noise];
  }

  private readRow(frame: Frame): void {
    const { terms, targets } = this.plan;
    for (let i = 0; i < terms.length; i++) this.row[i] = evaluateTerm(terms[i]!, frame.values);
    for (let t = 0; t < targets.length; t++) this.row[terms.length + t] = frame.values[targets[t]!]!;
  }

  private isTeacher(): boolean {
    if (this.count === 0) {
      for (let i = 0; i < this.size; i++) this.mean[i] = Number.isFinite(this.row[i]) ? 0 : Number.NaN;
      return this.mean.some((m) => !Number.isNaN(m));
    }
    let isFar = false;
    for (let i = 0; i < this.size; i++) {
      if (Number.isNaN(this.mean[i])) continue;
      const distance = this.row[i]! - this.mean[i]!;
      if (!Number.isFinite(distance)) return false;
      const variance = this.comoment(i, i);
      if (variance > 0 && distance * distance > outlierDeviations ** 2 * variance) isFar = true;
    }
    return this.count <= outliersAfter || !this.isGlitch(0, isFar);
  }

  /** Far, and not for long. */
  private isGlitch(t: number, isFar: boolean): boolean {
    this.far[t] = isFar ? Math.min(this.far[t]! + 1, regimeAfter) : 0;
    return isFar && this.far[t]! < regimeAfter;
  }

  private accumulate(): void {
    const n = this.count;
    const before = this.row.map((value, i) => value - this.mean[i]!);
    for (let i = 0; i < this.size; i++) this.mean[i]! += before[i]! / n;
    for (let i = 0; i < this.size; i++) {
      const start = this.rowStart[i]!;
      const earlier = this.rowLength[i]!;
      for (let j = 0; j <= earlier; j++) {
        const other = j === earlier ? i : j;
        const comoment = this.comoments[start + j]!;
        this.comoments[start + j] = comoment + (before[i]! * (this.row[other]! - this.mean[other]!) - comoment) / n;
      }
    }
  }

  private fit(): void {
    const width = this.width;
    const covariance = (i: number, j: number): number => this.comoment(Math.max(i, j), Math.min(i, j));
    this.coefficients.fill(0);
    for (let t = 0; t < this.plan.targets.length; t++) {
      const target = this.plan.terms.length + t;
      const own = this.plan.ownColumns[t]!;
      const columns = Array.from({ length: width }, (_, c) => c).filter((c) => !own.has(c) && covariance(c, c) > 0);
      const matrix = columns.map((i) => columns.map((j) => covariance(i, j) * (i === j ? 1 + ridge : 1)));
      const solved = solveSymmetric(
        matrix,
        columns.map((c) => covariance(c, target)),
      );
      let intercept = this.mean[target]!;
      columns.forEach((c, k) => {
        this.coefficients[t * (width + 1) + 1 + c] = solved?.[k] ?? 0;
        intercept -= (solved?.[k] ?? 0) * this.mean[c]!;
      });
      this.coefficients[t * (width + 1)] = intercept;
      const explained = columns.reduce((sum, c, k) => sum + (solved?.[k] ?? 0) * covariance(c, target), 0);
      this.noise[t] = Math.max(0, covariance(target, target) - explained);
    }
    this.bias.fill(0);
  }

  private comoment(i: number, j: number): number {
    return this.comoments[this.rowStart[i]! + (i === j ? this.rowLength[i]! : j)]!;
  }

  /** Until finish, `bias` and `noise` hold the running mean and variance of the residuals, begun with the fit's own. */
  private calibrate(frame: Frame): void {
    for (let t = 0; t < this.plan.targets.length; t++) {
      const residual = frame.residuals[this.plan.targets[t]!]!;
      const before = residual - this.bias[t]!;
      const isFar = before * before > outlierDeviations ** 2 * Math.max(this.noise[t]!, leastNoise);
      if (Number.isNaN(before) || this.isGlitch(t, isFar)) continue;
      this.bias[t]! += before / (this.count + fitWeight);
      this.noise[t]! += (before * (residual - this.bias[t]!) - this.noise[t]!) / (this.count + fitWeight);
    }
  }

  private finish(): void {
    for (let t = 0; t < this.plan.targets.length; t++) {
      this.coefficients[t * (this.width + 1)]! += this.bias[t]!;
      this.noise[t] = Math.max(Math.sqrt(this.noise[t]!), leastNoise);
    }
    this.bias.fill(0);
  }

  private numbersInForce(): Float32Array {
    const parts = this.stage === 0 ? [this.mean, this.comoments] : this.fitted();
    const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  private load(saved: LearnedModelState): void {
    this.stage = saved.stage;
    const parts = saved.stage === 0 ? [this.mean, this.comoments] : this.fitted();
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const all = decodeFloats(saved.numbers, length);
    if (all === undefined)
      throw new Error(
        `state of the model "${this.plan.name}" has ${saved.numbers.length} numbers, allowed are ${length}`,
      );
    this.count = saved.count;
    this.lastTaughtAtMs = saved.lastTaughtAtMs;
    if (saved.far !== undefined) this.far.set(saved.far);
    let at = 0;
    for (const part of parts) {
      part.set(all.subarray(at, at + part.length));
      at += part.length;
    }
  }
}
