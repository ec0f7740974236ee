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
  private readonly marks: readonly Mark[];
  /** Signal after signal, each a ring of the longest window. */
  private readonly ring: Float64Array;
  private readonly baselineSums: Float64Array;
  private readonly baselineCounts: Float64Array;
  private age = 0;

  constructor(signals: number, settings: WindowSettings = windowDefaults) {
    this.signals = signals;
    this.settings = settings;
    this.longest = Math.max(...settings.means, ...settings.slopes, settings.recent);
    this.marks = marksOf(settings);
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
    const { means, slopes, baseline } = this.settings;
    const reach = Math.min(this.age, this.longest);
    const trail: Trail = {
      base: signal * this.longest,
      reach,
      ago: 0,
      slot: (this.age - 1) % this.longest,
      ...nothing,
    };
    let recentMean = Number.NaN;
    for (const mark of this.marks) {
      this.follow(trail, mark.length);
      const { count, sum, sumT, sumTT, sumTX } = trail;
      const mean = sum / count;
      if (mark.mean >= 0) out[offset + mark.mean] = mean;
      if (mark.slope >= 0) out[offset + mark.slope] = (sumTX - sumT * mean) / (sumTT - (sumT * sumT) / count);
      if (mark.isRecent) recentMean = mean;
    }
    if (baseline === 0) return;
    out[offset + means.length + slopes.length] = recentMean - this.baselineSums[signal]! / this.baselineCounts[signal]!;
  }

  /** Goes on into the past until `length` samples are seen, or all there are. */
  private follow(trail: Trail, length: number): void {
    const { ring, longest } = this;
    const to = Math.min(length, trail.reach);
    let { ago, slot, count, sum, sumT, sumTT, sumTX } = trail;
    for (; ago < to; ago++) {
      const value = ring[trail.base + slot]!;
      slot = slot === 0 ? longest - 1 : slot - 1;
      if (Number.isNaN(value)) continue;
      count++;
      sum += value;
      sumT -= ago;
      sumTT += ago * ago;
      sumTX -= ago * value;
    }
    Object.assign(trail, { ago, slot, count, sum, sumT, sumTT, sumTX });
  }
}

const perSignal = ({ means, slopes, baseline }: WindowSettings): number =>
  means.length + slopes.length + Number(baseline > 0);

/** A length of the past at which something is told; `mean` and `slope` are columns of the signal, or −1. */
interface Mark {
  readonly length: number;
  readonly mean: number;
  readonly slope: number;
  readonly isRecent: boolean;
}

function marksOf({ means, slopes, recent }: WindowSettings): Mark[] {
  const lengths = [...new Set([...means, ...slopes, recent])].sort((a, b) => a - b);
  return lengths.map((length) => {
    const slope = slopes.indexOf(length);
    return {
      length,
      mean: means.indexOf(length),
      slope: slope < 0 ? -1 : means.length + slope,
      isRecent: length === recent,
    };
  });
}

/** How far a signal's past has been gone into, and the sums over it. */
interface Trail {
  readonly base: number;
  readonly reach: number;
  ago: number;
  slot: number;
  count: number;
  sum: number;
  sumT: number;
  sumTT: number;
  sumTX: number;
}

const nothing = { count: 0, sum: 0, sumT: 0, sumTT: 0, sumTX: 0 } as const;

/** One name a column, in the order of `update`. */
export function nameFeatures(signals: readonly string[], settings: WindowSettings = windowDefaults): string[] {
  const names = signals.flatMap((signal) => [
    ...settings.means.map((n) => `${signal} mean ${n}`),
    ...settings.slopes.map((n) => `${signal} slope ${n}`),
    ...(settings.baseline > 0 ? [`${signal} change`] : []),
  ]);
  return settings.age ? [...names, 'age'] : names;
}
