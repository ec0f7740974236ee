import { quantileOfSorted } from './quantile.ts';

/**
 * Decides: do the values a model sees still look like those it was trained on?
 * Formula: PSI = Σ (p − q)·ln(p/q) over the training's deciles and what lies outside them, p the share seen lately, q the
 * training's; an empty place counts half a sample. Below .1 alike, .1–.25 moved, above .25 another population (customary bounds);
 * a feature by which the training's own units differ more has that as its bound: one machine is never the whole fleet.
 * Lately is the last half to whole span, counted in two blocks: whole numbers, however long it runs.
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
/** The deciles, and below and above all training values. */
const places = deciles + 2;

/** Bounds: least, the nine between the deciles, greatest. Equal values make shares unequal. */
export interface TrainedSpread {
  readonly feature: string;
  readonly bounds: readonly number[];
  readonly shares: readonly number[];
  /** The largest index between a unit of the training and all of them; 0 where that was not learned. */
  readonly limit: number;
}

export function learnSpread(feature: string, values: ArrayLike<number>): TrainedSpread {
  const sorted = Float64Array.from(values)
    .filter((v) => !Number.isNaN(v))
    .sort();
  const bounds = Array.from({ length: deciles + 1 }, (_, i) => quantileOfSorted(sorted, i / deciles));
  const counts = countPlaces(bounds, sorted);
  return { feature, bounds, shares: counts.map((n) => n / Math.max(1, sorted.length)), limit: 0 };
}

/** The bound that all these stretches of the training's own units keep. */
export function widenLimit(spread: TrainedSpread, stretches: readonly ArrayLike<number>[]): TrainedSpread {
  const indices = stretches.map((values) => indexBetween(countPlaces(spread.bounds, values), spread.shares));
  return { ...spread, limit: Math.max(spread.limit, ...indices) };
}

function countPlaces(bounds: readonly number[], values: ArrayLike<number>): number[] {
  const counts = new Array<number>(places).fill(0);
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) counts[placeOf(bounds, values[i]!)]!++;
  return counts;
}

/** Plain JSON. */
export interface StabilityState {
  readonly version: 2;
  readonly seen: number;
  readonly current: readonly (readonly number[])[];
  readonly former: readonly (readonly number[])[];
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
  private current: number[][];
  private former: number[][];
  private seen: number;

  constructor(spreads: readonly TrainedSpread[], settings: Partial<StabilitySettings> = {}, saved?: StabilityState) {
    this.spreads = spreads;
    this.settings = { ...stabilityDefaults, ...settings };
    if (saved !== undefined && (saved.version !== 2 || saved.current.length !== spreads.length)) {
      throw new RangeError(
        `drift state: got version ${saved.version} of ${saved.current?.length ?? 0} features, allowed is 2 of ${spreads.length}`,
      );
    }
    this.current = copyCounts(saved?.current) ?? this.nothing();
    this.former = copyCounts(saved?.former) ?? this.nothing();
    this.seen = saved?.seen ?? 0;
  }

  update(values: ArrayLike<number>): void {
    this.seen++;
    this.spreads.forEach(({ bounds }, i) => {
      const value = values[i]!;
      if (!Number.isNaN(value)) this.current[i]![placeOf(bounds, value)]!++;
    });
    if (this.seen % Math.ceil(this.settings.spanSamples / 2) !== 0) return;
    this.former = this.current;
    this.current = this.nothing();
  }

  /** Empty until a whole span was seen: the shares of few samples are chance. Largest first. */
  findings(): StabilityFinding[] {
    if (this.seen < this.settings.spanSamples) return [];
    return this.spreads
      .map(({ feature, limit }, i) => ({
        code: 'model_no_longer_fits' as const,
        feature,
        index: this.indexOf(i),
        limit: Math.max(limit, this.settings.limit),
      }))
      .filter(({ index, limit }) => index > limit)
      .sort((a, b) => b.index - a.index);
  }

  indexOf(feature: number): number {
    const counts = this.current[feature]!.map((n, place) => n + this.former[feature]![place]!);
    return indexBetween(counts, this.spreads[feature]!.shares);
  }

  save(): StabilityState {
    const { seen, current, former } = this;
    return { version: 2, seen, current: copyCounts(current)!, former: copyCounts(former)! };
  }

  private nothing(): number[][] {
    return this.spreads.map(() => new Array<number>(places).fill(0));
  }
}

const copyCounts = (counts: readonly (readonly number[])[] | undefined): number[][] | undefined =>
  counts?.map((of) => [...of]);

function indexBetween(counts: readonly number[], shares: readonly number[]): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  if (total === 0) return 0;
  const least = 0.5 / total;
  return counts.reduce((sum, n, place) => {
    const p = Math.max(least, n / total);
    const q = Math.max(least, shares[place]!);
    return sum + (p - q) * Math.log(p / q);
  }, 0);
}

/** The least training value lies in the first place with those below it: a value as low as any is not outside. */
function placeOf(bounds: readonly number[], value: number): number {
  if (value < bounds[0]!) return 0;
  let place = 1;
  while (place < bounds.length && value > bounds[place]!) place++;
  return place;
}
