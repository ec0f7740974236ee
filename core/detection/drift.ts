import type { Check } from './config.ts';
import { decodeFloats, encodeFloats } from './floats.ts';
import type { Frame } from './plan.ts';
import type { CheckState, RunningCheck } from './running-check.ts';

/**
 * Decides: has the quantity moved away from what is expected of it, for good?
 *
 *   z = residual / healthy deviation;  s ← s + (z − s)/N at a fast and a slow N;
 *   score = max over both of s / max(k·σ_s, atLeast/deviation)
 *
 * σ_s is √(1/(2N − 1)) for independent residuals (Roberts 1959, EWMA chart). Real residuals are not independent, so
 * the larger of that and what the smoothed residual itself showed in the first samples is taken.
 * It fails on what is expected wrongly in a regime that was not learned, and on a change slower than the learning.
 */
type DriftConfig = Extract<Check, { kind: 'drift' }>;

/** In units of N: how long the smoothed residual is watched before it may speak. */
const burnIn = 2;
const watchFor = 6;

export class DriftCheck implements RunningCheck {
  readonly detectorName = 'drift';
  readonly detectorVersion = 1;
  readonly code: string;
  readonly of: readonly number[];
  readonly when: number;
  alarm = false;
  score = 0;
  private readonly config: DriftConfig;
  private readonly fast: Smoother;
  private readonly slow: Smoother;

  constructor(config: DriftConfig, of: readonly number[], when: number, saved?: readonly (number | null)[]) {
    this.config = config;
    this.code = config.code;
    this.of = of;
    this.when = when;
    this.fast = new Smoother(config.fastSamples, saved?.slice(0, 3));
    this.slow = new Smoother(config.slowSamples, saved?.slice(3, 6));
  }

  run(frame: Frame): void {
    const q = this.of[0]!;
    const z = frame.standardised[q]!;
    if (Number.isNaN(z)) return;
    const least = this.config.atLeast / frame.noise[q]!;
    const fast = this.fast.update(z, this.config.sigmas, least);
    const slow = this.slow.update(z, this.config.sigmas, least);
    const score = Math.abs(fast) > Math.abs(slow) ? fast : slow;
    const { side } = this.config;
    this.score = (side === 'up' && score < 0) || (side === 'down' && score > 0) ? 0 : score;
    this.alarm = Math.abs(this.score) > 1;
  }

  limit(frame: Frame): { min?: number; max?: number } {
    const q = this.of[0]!;
    const loudest = Math.abs(this.fast.score) > Math.abs(this.slow.score) ? this.fast : this.slow;
    const reach = Math.max(loudest.threshold(this.config.sigmas) * frame.noise[q]!, this.config.atLeast);
    const expected = frame.expected[q]!;
    return {
      ...(this.config.side === 'up' ? {} : { min: expected - reach }),
      ...(this.config.side === 'down' ? {} : { max: expected + reach }),
    };
  }

  reset(): void {
    this.fast.reset();
    this.slow.reset();
    this.score = 0;
    this.alarm = false;
  }

  save(): CheckState {
    return encodeFloats(Float32Array.of(...this.fast.numbers, ...this.slow.numbers));
  }
}

/** One exponentially weighted mean, with the variance it showed at the start. */
class Smoother {
  score = 0;
  /** Mean, its early mean square, samples seen. */
  readonly numbers: Float32Array;
  private readonly n: number;
  private readonly theory: number;

  constructor(n: number, saved?: readonly (number | null)[]) {
    this.n = n;
    this.theory = Math.sqrt(1 / (2 * n - 1));
    this.numbers = (saved && decodeFloats(saved, 3)) ?? new Float32Array(3);
  }

  update(z: number, sigmas: number, least: number): number {
    const numbers = this.numbers;
    const seen = Math.min(numbers[2]! + 1, this.n * (burnIn + watchFor));
    numbers[0]! += (clip(z) - numbers[0]!) / Math.min(this.n, numbers[2]! + 1);
    numbers[2] = seen;
    const watched = seen - this.n * burnIn;
    this.score = numbers[0]! / Math.max(this.threshold(sigmas), least);
    if (watched <= 0) return 0;
    if (watched < this.n * watchFor) {
      numbers[1]! += (numbers[0]! * numbers[0]! - numbers[1]!) / watched;
      return watched < this.n ? 0 : this.score;
    }
    return this.score;
  }

  threshold(sigmas: number): number {
    return sigmas * Math.max(this.theory, Math.sqrt(this.numbers[1]!));
  }

  reset(): void {
    this.numbers.fill(0);
    this.score = 0;
  }
}

/** One reading counts for no more than this many deviations: a single glitch must not carry the mean over its threshold. */
const mostDeviations = 8;
const clip = (z: number): number => Math.max(-mostDeviations, Math.min(mostDeviations, z));

type SpreadConfig = Extract<Check, { kind: 'spread' }>;

/**
 * Decides: has the noise grown? Smoothed square of z against its healthy value 1; score = (mean square − 1)/(ratio − 1).
 * A shifted mean grows it too; a drift check on the same quantity tells the two apart.
 */
export class SpreadCheck implements RunningCheck {
  readonly detectorName = 'spread';
  readonly detectorVersion = 1;
  readonly code: string;
  readonly of: readonly number[];
  readonly when: number;
  alarm = false;
  score = 0;
  private readonly config: SpreadConfig;
  private readonly numbers: Float32Array;

  constructor(config: SpreadConfig, of: readonly number[], when: number, saved?: readonly (number | null)[]) {
    this.config = config;
    this.code = config.code;
    this.of = of;
    this.when = when;
    this.numbers = (saved && decodeFloats(saved, 2)) ?? Float32Array.of(1, 0);
  }

  run(frame: Frame): void {
    const z = frame.standardised[this.of[0]!]!;
    if (Number.isNaN(z)) return;
    const square = Math.min(z * z, mostDeviations ** 2);
    this.numbers[0]! += (square - this.numbers[0]!) / this.config.samples;
    this.numbers[1] = Math.min(this.numbers[1]! + 1, this.config.samples);
    const ready = this.numbers[1]! >= this.config.samples;
    this.score = ready ? Math.max(0, (this.numbers[0]! - 1) / (this.config.ratio - 1)) : 0;
    this.alarm = this.score > 1;
  }

  limit(): null {
    return null;
  }

  reset(): void {
    this.numbers.set([1, 0]);
    this.score = 0;
    this.alarm = false;
  }

  save(): CheckState {
    return encodeFloats(this.numbers);
  }
}
