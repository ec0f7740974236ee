/**
 * Decides: what do the last minutes (or cycles) of a unit's signals say, in a few numbers a tree can ask about?
 * Formula, per signal: trailing means over each of `means`; least-squares slopes over each of `slopes`; the mean of the last
 * `recent` minus the mean of the unit's first `baseline` samples (left out where that is 0). Last column, if asked for: the
 * unit's age in samples.
 * Shorter histories use what there is; NaN samples are left out. Only the past enters: each row follows from the samples so far.
 * Fails when: the sampling interval changes (windows are counted in samples); the first samples are not healthy ones.
 * Source: the feature set measured on C-MAPSS for this project's reference (trailing means, slopes, baseline difference, age).
 */
export interface WindowSettings {
  readonly means: readonly number[];
  readonly slopes: readonly number[];
  readonly recent: number;
  readonly baseline: number;
  readonly age: boolean;
}

export const windowDefaults: WindowSettings = {
  means: [5, 15, 30, 60],
  slopes: [15, 30, 60],
  recent: 5,
  baseline: 20,
  age: true,
};

export class WindowFeatures {
  readonly width: number;
  private readonly signals: number;
  private readonly settings: WindowSettings;
  private readonly longest: number;
  /** Signal after signal, each a ring of the longest window. */
  private readonly ring: Float64Array;
  private readonly baselineSums: Float64Array;
  private readonly baselineCounts: Float64Array;
  private age = 0;

  constructor(signals: number, settings: WindowSettings = windowDefaults) {
    this.signals = signals;
    this.settings = settings;
    this.longest = Math.max(...settings.means, ...settings.slopes, settings.recent);
    this.width = signals * perSignal(settings) + Number(settings.age);
    this.ring = new Float64Array(signals * this.longest).fill(Number.NaN);
    this.baselineSums = new Float64Array(signals);
    this.baselineCounts = new Float64Array(signals);
  }

  /** Takes the next sample and writes its features at `offset`. */
  update(values: ArrayLike<number>, out: Float32Array, offset = 0): void {
    const slot = this.age % this.longest;
    for (let signal = 0; signal < this.signals; signal++) {
      const value = values[signal]!;
      this.ring[signal * this.longest + slot] = value;
      if (this.age < this.settings.baseline && !Number.isNaN(value)) {
        this.baselineSums[signal]! += value;
        this.baselineCounts[signal]!++;
      }
    }
    this.age++;
    const step = perSignal(this.settings);
    for (let signal = 0; signal < this.signals; signal++) this.describe(signal, out, offset + signal * step);
    if (this.settings.age) out[offset + this.width - 1] = this.age;
  }

  private describe(signal: number, out: Float32Array, offset: number): void {
    const { means, slopes, recent } = this.settings;
    const reach = Math.min(this.age, this.longest);
    const base = signal * this.longest;
    let slot = (this.age - 1) % this.longest;
    let count = 0;
    let sumT = 0;
    let sumTT = 0;
    let sum = 0;
    let sumTX = 0;
    let recentMean = Number.NaN;
    for (let ago = 0; ago < this.longest; ago++) {
      const value = ago < reach ? this.ring[base + slot]! : Number.NaN;
      slot = slot === 0 ? this.longest - 1 : slot - 1;
      if (!Number.isNaN(value)) {
        count++;
        sum += value;
        sumT -= ago;
        sumTT += ago * ago;
        sumTX -= ago * value;
      }
      const length = ago + 1;
      const mean = sum / count;
      if (length === recent) recentMean = mean;
      const m = means.indexOf(length);
      if (m >= 0) out[offset + m] = mean;
      const s = slopes.indexOf(length);
      if (s >= 0) out[offset + means.length + s] = (sumTX - sumT * mean) / (sumTT - (sumT * sumT) / count);
    }
    if (this.settings.baseline === 0) return;
    out[offset + means.length + slopes.length] = recentMean - this.baselineSums[signal]! / this.baselineCounts[signal]!;
  }
}

const perSignal = ({ means, slopes, baseline }: WindowSettings): number =>
  means.length + slopes.length + Number(baseline > 0);

/** One name a column, in the order of `update`. */
export function nameFeatures(signals: readonly string[], settings: WindowSettings = windowDefaults): string[] {
  const names = signals.flatMap((signal) => [
    ...settings.means.map((n) => `${signal} mean ${n}`),
    ...settings.slopes.map((n) => `${signal} slope ${n}`),
    ...(settings.baseline > 0 ? [`${signal} change`] : []),
  ]);
  return settings.age ? [...names, 'age'] : names;
}
