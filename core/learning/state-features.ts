import { decodeFloats, encodeFloats } from '../detection/floats.ts';

/**
 * Decides: how does a machine stand, in a few numbers a signal that a tree can ask about and a stream can afford?
 * Formula, per scaled signal z: means of z over the last `fastS` and `slowS`; the mean over `residualS` of r, and over `unrestS`
 * of |r|, r = z less what the other signals say of it (relations.ts). Means fade by 1 − e^(−dt/τ), and are plain means at first.
 * A missing value leaves its signal where its fast mean is; z and r are held within bounds, so that one glitch is not
 * remembered for hours. Times are seconds of the machine, so the sampling interval may differ
 * from the training's.
 * Fails when: samples come further apart than `unrestS` (nothing is smoothed any more).
 */
export interface SmoothingSettings {
  readonly fastS: number;
  readonly slowS: number;
  readonly residualS: number;
  readonly unrestS: number;
}

/** Work changes within minutes, wear within hours: chosen on lives of three to twelve hours (docs/adr/0025). */
export const smoothingDefaults: SmoothingSettings = { fastS: 20, slowS: 300, residualS: 300, unrestS: 1800 };

export const featuresPerSignal = 4;
/** In training deviations: twice as far as sound and broken machines stand apart (pumps with glitches, docs/adr/0025). */
const mostDeviations = 8;
const mostResidual = 4;

/** Plain JSON. */
export interface StateFeaturesState {
  readonly seen: number;
  readonly lastAtMs: number;
  readonly numbers: readonly (number | null)[];
}

export class StateFeatures {
  readonly width: number;
  /** The scaled signals, then their slow means: what relations are learned on. */
  readonly row: Float32Array;
  /** One feature after the other, each for all signals: fast, slow, residual, unrest. */
  readonly values: Float32Array;
  private readonly signals: number;
  private readonly relations: Float32Array;
  private readonly taus: readonly number[];
  private seen = 0;
  private lastAtMs = 0;

  constructor(
    relations: Float32Array,
    shape: { readonly signals: number; readonly smoothing: SmoothingSettings },
    saved?: StateFeaturesState,
  ) {
    const { signals, smoothing } = shape;
    this.signals = signals;
    this.relations = relations;
    this.width = signals * featuresPerSignal;
    this.row = new Float32Array(2 * signals);
    this.values = new Float32Array(this.width);
    this.taus = [smoothing.fastS, smoothing.slowS, smoothing.residualS, smoothing.unrestS];
    if (saved === undefined) return;
    this.values = decodeFloats(saved.numbers, this.width) ?? this.values;
    this.seen = saved.seen;
    this.lastAtMs = saved.lastAtMs;
  }

  /** `scaled` in training deviations; NaN where there is none or it cannot be trusted. */
  update(scaled: ArrayLike<number>, atMs: number): void {
    const stepS = this.seen === 0 ? 0 : Math.max(0, (atMs - this.lastAtMs) / 1000);
    this.lastAtMs = atMs;
    const first = 1 / (this.seen + 1);
    const [fast, slow, residual, unrest] = this.taus.map((tau) => Math.max(1 - Math.exp(-stepS / tau), first));
    this.seen++;
    const { signals: n, values, row } = this;
    for (let i = 0; i < n; i++) {
      const z = Number.isNaN(scaled[i]) ? values[i]! : hold(scaled[i]!, mostDeviations);
      row[i] = z;
      values[i]! += fast! * (z - values[i]!);
      values[n + i]! += slow! * (z - values[n + i]!);
      row[n + i] = values[n + i]!;
    }
    for (let i = 0; i < n; i++) {
      const r = hold(row[i]! - this.expect(i), mostResidual);
      values[2 * n + i]! += residual! * (r - values[2 * n + i]!);
      values[3 * n + i]! += unrest! * (Math.abs(r) - values[3 * n + i]!);
    }
  }

  save(): StateFeaturesState {
    return { seen: this.seen, lastAtMs: this.lastAtMs, numbers: encodeFloats(this.values) };
  }

  private expect(signal: number): number {
    const columns = this.row.length;
    const from = signal * columns;
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += this.relations[from + j]! * this.row[j]!;
    return sum;
  }
}

const hold = (value: number, most: number): number => Math.max(-most, Math.min(most, value));

/** One name a column, in the order of `values`. */
export function nameStateFeatures(signals: readonly string[], smoothing: SmoothingSettings): string[] {
  const { fastS, slowS, residualS, unrestS } = smoothing;
  return [
    ...signals.map((signal) => `${signal}, mean of ${fastS} s`),
    ...signals.map((signal) => `${signal}, mean of ${slowS} s`),
    ...signals.map((signal) => `${signal} against the others, ${residualS} s`),
    ...signals.map((signal) => `${signal} unlike the others, ${unrestS} s`),
  ];
}
