import { quantileOfSorted } from './quantile.ts';

/**
 * Decides: do the values a model sees still look like those it was trained on?
 * Formula: PSI = Σ (p − q)·ln(p/q) over the training's deciles, p the share seen lately (older samples fade), q the training's;
 * empty deciles count half a sample. Below .1 alike, .1–.25 moved, above .25 another population (customary bounds).
 * Fails when: samples are not independent: a machine that holds one operating point for long looks like drift, so `spanSamples`
 * must cover the machine's usual round of work.
 * Source: Siddiqi, Credit Risk Scorecards (2006), for index and bounds.
 */
export interface StabilitySettings {
  readonly spanSamples: number;
  readonly limit: number;
}

/** A day of samples a minute apart; .25 is the customary bound. */
export const stabilityDefaults: StabilitySettings = { spanSamples: 1440, limit: 0.25 };

const deciles = 10;

/** A feature's training deciles: the nine bounds between them, and each one's share (equal values make shares unequal). */
export interface TrainedSpread {
  readonly feature: string;
  readonly bounds: readonly number[];
  readonly shares: readonly number[];
}

export function learnSpread(feature: string, values: ArrayLike<number>): TrainedSpread {
  const sorted = Float64Array.from(values)
    .filter((v) => !Number.isNaN(v))
    .sort();
  const bounds = Array.from({ length: deciles - 1 }, (_, i) => quantileOfSorted(sorted, (i + 1) / deciles));
  const counts = new Float64Array(deciles);
  for (const value of sorted) counts[decileOf(bounds, value)]!++;
  return { feature, bounds, shares: Array.from(counts, (n) => n / Math.max(1, sorted.length)) };
}

/** Plain JSON. */
export interface StabilityState {
  readonly version: 1;
  readonly seen: number;
  readonly counts: readonly (readonly number[])[];
}

export interface StabilityFinding {
  readonly code: 'model_no_longer_fits';
  readonly feature: string;
  readonly index: number;
  readonly limit: number;
}

export class PopulationStability {
  private readonly spreads: readonly TrainedSpread[];
  private readonly settings: StabilitySettings;
  private readonly counts: number[][];
  private seen: number;

  constructor(spreads: readonly TrainedSpread[], settings: Partial<StabilitySettings> = {}, saved?: StabilityState) {
    this.spreads = spreads;
    this.settings = { ...stabilityDefaults, ...settings };
    if (saved !== undefined && (saved.version !== 1 || saved.counts.length !== spreads.length)) {
      throw new RangeError(
        `drift state: got version ${saved.version} of ${saved.counts.length} features, allowed is 1 of ${spreads.length}`,
      );
    }
    this.counts = spreads.map((_, i) => [...(saved?.counts[i] ?? new Array<number>(deciles).fill(0))]);
    this.seen = saved?.seen ?? 0;
  }

  update(values: ArrayLike<number>): void {
    this.seen++;
    const keep = 1 - 1 / this.settings.spanSamples;
    this.spreads.forEach(({ bounds }, i) => {
      const value = values[i]!;
      if (Number.isNaN(value)) return;
      const counts = this.counts[i]!;
      for (let d = 0; d < deciles; d++) counts[d]! *= keep;
      counts[decileOf(bounds, value)]!++;
    });
  }

  /** Empty until a whole span was seen: the shares of few samples are chance. */
  findings(): StabilityFinding[] {
    const { limit, spanSamples } = this.settings;
    if (this.seen < spanSamples) return [];
    return this.spreads
      .map(({ feature }, i) => ({ code: 'model_no_longer_fits' as const, feature, index: this.indexOf(i), limit }))
      .filter(({ index }) => index > limit)
      .sort((a, b) => b.index - a.index);
  }

  indexOf(feature: number): number {
    const counts = this.counts[feature]!;
    const total = counts.reduce((sum, n) => sum + n, 0);
    if (total === 0) return 0;
    const least = 0.5 / total;
    return counts.reduce((sum, n, d) => {
      const p = Math.max(least, n / total);
      const q = Math.max(least, this.spreads[feature]!.shares[d]!);
      return sum + (p - q) * Math.log(p / q);
    }, 0);
  }

  save(): StabilityState {
    return { version: 1, seen: this.seen, counts: this.counts.map((counts) => [...counts]) };
  }
}

function decileOf(bounds: readonly number[], value: number): number {
  let decile = 0;
  while (decile < bounds.length && value > bounds[decile]!) decile++;
  return decile;
}
