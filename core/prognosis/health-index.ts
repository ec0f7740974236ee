import type { CurvePoint } from './exponential.ts';

/**
 * Decides: has this component begun to wear, and how far has it come, from 0 (healthy) to 1 (failed)?
 * Formula: h = (x − b)/(f − b); b and σ are learned from the first samples, f is where the component has failed. The gate opens
 * when the smoothed h stays above max(onsetAt, k·σ of the smoothed value) for `persistSamples`; before that there is no number.
 * From then on the curve is kept as means of equal runs of samples (two runs join when there are too many) and filtered so that
 * it only rises (nearest rising curve, by pooling neighbours): damage does not heal.
 * Fails when: the first samples are not healthy ones; the signal follows the work more than the wear (give it the residual).
 * Source: gate and filter after ISO 13381-1's onset of degradation; smoothing limit √(1/(2N−1)) from Roberts 1959.
 */
export interface HealthIndexSettings {
  readonly failureAt: number;
  /** Signals that grow by factors (leaks) are told by their logarithm. */
  readonly scale: 'linear' | 'log';
  readonly baselineSamples: number;
  readonly onsetAt: number;
  readonly persistSamples: number;
}

const smoothSamples = 8;
const onsetSigmas = 5;
/** Residual scatter of real signals is not independent: the smoothed value strays this much more than √(1/(2N−1)) says. */
const correlationFactor = 2;
export const mostPoints = 96;
const leastLogged = 1e-6;

interface Point {
  endHours: number;
  index: number;
  samples: number;
}

/** Plain JSON. */
export interface HealthIndexState {
  readonly seen: number;
  readonly mean: number;
  readonly square: number;
  readonly smooth: number | null;
  readonly onsetHours: number | null;
  readonly above: number;
  readonly samplesPerPoint: number;
  readonly points: readonly Readonly<Point>[];
}

export class HealthIndex {
  private readonly settings: HealthIndexSettings;
  private seen = 0;
  private mean = 0;
  private square = 0;
  private smooth = Number.NaN;
  private start: number | null = null;
  private above = 0;
  private samplesPerPoint = 1;
  private points: Point[] = [];

  constructor(settings: HealthIndexSettings, saved?: HealthIndexState) {
    this.settings = settings;
    if (saved === undefined) return;
    this.seen = saved.seen;
    this.mean = saved.mean;
    this.square = saved.square;
    this.smooth = saved.smooth ?? Number.NaN;
    this.start = saved.onsetHours;
    this.above = saved.above;
    this.samplesPerPoint = saved.samplesPerPoint;
    this.points = saved.points.map((point) => ({ ...point }));
  }

  /** When wear was first seen, in hours of the component's life; null before the gate opened. */
  get onsetHours(): number | null {
    return this.above >= this.settings.persistSamples ? this.start : null;
  }

  get isLearning(): boolean {
    return this.seen < this.settings.baselineSamples;
  }

  /** The smoothed index, not yet filtered. */
  get current(): number {
    return Number.isNaN(this.smooth) ? 0 : this.smooth;
  }

  update(value: number, ageHours: number): void {
    const x = this.settings.scale === 'log' ? Math.log(Math.max(leastLogged, value)) : value;
    if (Number.isNaN(x)) return;
    if (this.isLearning) this.learn(x);
    else this.follow(x, ageHours);
  }

  /** The curve since onset, only rising; the run not yet complete is part of it. */
  curve(): CurvePoint[] {
    const start = this.start ?? 0;
    const rising = riseOnly(this.points);
    return this.points.map(({ endHours }, i) => ({ hours: endHours - start, index: rising[i]! }));
  }

  /** The curve as measured, falls and all. */
  measured(): CurvePoint[] {
    const start = this.start ?? 0;
    return this.points.map(({ endHours, index }) => ({ hours: endHours - start, index }));
  }

  save(): HealthIndexState {
    const { seen, mean, square, smooth, start, above, samplesPerPoint } = this;
    const points = this.points.map((point) => ({ ...point }));
    return {
      seen,
      mean,
      square,
      smooth: Number.isNaN(smooth) ? null : smooth,
      onsetHours: start,
      above,
      samplesPerPoint,
      points,
    };
  }

  private learn(x: number): void {
    this.seen++;
    const delta = x - this.mean;
    this.mean += delta / this.seen;
    this.square += delta * (x - this.mean);
  }

  private follow(x: number, ageHours: number): void {
    this.dateBackTo(ageHours);
    const { scale, failureAt, onsetAt, persistSamples } = this.settings;
    const end = scale === 'log' ? Math.log(failureAt) : failureAt;
    const index = (x - this.mean) / (end - this.mean);
    this.smooth = Number.isNaN(this.smooth) ? index : this.smooth + (index - this.smooth) / smoothSamples;
    const isOpen = this.above >= persistSamples;
    if (!isOpen && this.smooth < Math.max(onsetAt, this.noiseLimit(end))) {
      this.forget();
      return;
    }
    this.start ??= ageHours;
    this.above = Math.min(persistSamples, this.above + 1);
    this.add(index, ageHours);
  }

  /** After a clock that ran ahead was set right: what it dated later was seen by now. */
  private dateBackTo(ageHours: number): void {
    if (this.start !== null && this.start > ageHours) this.start = ageHours;
    for (let i = this.points.length - 1; i >= 0 && this.points[i]!.endHours > ageHours; i--) {
      this.points[i]!.endHours = ageHours;
    }
  }

  private noiseLimit(end: number): number {
    const deviation = Math.sqrt(this.square / Math.max(1, this.seen - 1)) / Math.abs(end - this.mean);
    return onsetSigmas * correlationFactor * deviation * Math.sqrt(1 / (2 * smoothSamples - 1));
  }

  private forget(): void {
    this.start = null;
    this.above = 0;
    this.points = [];
    this.samplesPerPoint = 1;
  }

  private add(index: number, ageHours: number): void {
    const last = this.points.at(-1);
    if (last !== undefined && last.samples < this.samplesPerPoint) {
      last.samples++;
      last.index += (index - last.index) / last.samples;
      last.endHours = ageHours;
      return;
    }
    if (this.points.length >= mostPoints) this.joinPairs();
    this.points.push({ endHours: ageHours, index, samples: 1 });
  }

  private joinPairs(): void {
    const joined: Point[] = [];
    for (let i = 0; i < this.points.length; i += 2) {
      const a = this.points[i]!;
      const b = this.points[i + 1] ?? a;
      const samples = a === b ? a.samples : a.samples + b.samples;
      const index = a === b ? a.index : (a.index * a.samples + b.index * b.samples) / samples;
      joined.push({ endHours: b.endHours, index, samples });
    }
    this.points = joined;
    this.samplesPerPoint *= 2;
  }
}

/** The nearest curve that never falls: neighbours out of order share their mean (Ayer et al. 1955). */
function riseOnly(points: readonly Point[]): number[] {
  const pools: { index: number; samples: number; count: number }[] = [];
  for (const { index, samples } of points) {
    let pool = { index, samples, count: 1 };
    for (let last = pools.at(-1); last !== undefined && last.index > pool.index; last = pools.at(-1)) {
      const total = last.samples + pool.samples;
      pool = {
        index: (last.index * last.samples + pool.index * pool.samples) / total,
        samples: total,
        count: last.count + pool.count,
      };
      pools.pop();
    }
    pools.push(pool);
  }
  return pools.flatMap(({ index, count }) => new Array<number>(count).fill(index));
}
