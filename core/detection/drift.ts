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
    this.fast = new Smoother(saved?.slice(0, 3));
    this.slow = new Smoother(saved?.slice(3, 6));
  }

  run(frame: Frame): void {
    const q = this.of[0]!;
    const z = frame.standardised[q]!;
    if (Number.isNaN(z)) return;
    const least = this.config.atLeast / frame.noise[q]!;
    const leastSamples = samplesIn(this.config.leastS, frame.elapsedS);
    const fast = this.fast.update(z, Math.max(this.config.fastSamples, leastSamples), this.config.sigmas, least);
    const slow = this.slow.update(z, Math.max(this.config.slowSamples, leastSamples), this.config.sigmas, least);
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

/** How many samples a time holds at the present rate; a gap does not stretch it beyond a day's worth at 1 Hz. */
const samplesIn = (seconds: number, elapsedS: number): number =>
  seconds === 0 ? 1 : Math.min(86_400, seconds / Math.max(elapsedS, 1e-3));

/** One exponentially weighted mean, with the mean square it showed at the start. */
class Smoother {
  score = 0;
  private n = 1;
  /** Mean, its early mean square, samples seen. */
  readonly numbers: Float32Array;

  constructor(saved?: readonly (number | null)[]) {
    this.numbers = (saved && decodeFloats(saved, 3)) ?? new Float32Array(3);
  }

  /** The score; 0 until it was watched for long enough. */
  update(z: number, n: number, sigmas: number, least: number): number {
    const { numbers } = this;
    this.n = n;
    const seen = numbers[2]! + 1;
    numbers[0]! += (clip(z) - numbers[0]!) / Math.min(n, seen);
    this.score = numbers[0]! / Math.max(this.threshold(sigmas), least);
    const watched = seen - n * burnIn;
    if (watched >= n * watchFor) return this.score;
    numbers[2] = seen;
    if (watched >= 1) numbers[1]! += (numbers[0]! * numbers[0]! - numbers[1]!) / watched;
    return watched < n ? 0 : this.score;
  }

  threshold(sigmas: number): number {
    return sigmas * Math.max(Math.sqrt(1 / (2 * this.n - 1)), Math.sqrt(this.numbers[1]!));
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
 * Decides: has it become restless? v = smoothed square of (fast mean of z − slow mean of z), against the v of the first
 * samples, or against white noise's 1/(2N − 1) where that is more; score = (v/v₀ − 1)/(ratio − 1).
 * A shifted mean does not grow it for longer than the slow mean takes to follow. It fails where the healthy unrest
 * itself changes with the work: then name the condition in `when`.
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
  /** Fast mean, slow mean, mean square of their difference, that of the start, samples seen. */
  private readonly numbers: Float32Array;

  constructor(config: SpreadConfig, of: readonly number[], when: number, saved?: readonly (number | null)[]) {
    this.config = config;
    this.code = config.code;
    this.of = of;
    this.when = when;
    this.numbers = (saved && decodeFloats(saved, 5)) ?? new Float32Array(5);
  }

  run(frame: Frame): void {
    const z = frame.standardised[this.of[0]!]!;
    if (Number.isNaN(z)) return;
    const { numbers } = this;
    const { fastSamples, slowSamples, leastS, ratio } = this.config;
    const n = Math.max(slowSamples, samplesIn(leastS, frame.elapsedS));
    const seen = numbers[4]! + 1;
    const before = seen === 1 ? clip(z) : numbers[1]!;
    numbers[0]! += (clip(z) - numbers[0]!) / Math.min(fastSamples, seen);
    numbers[1]! += (clip(z) - numbers[1]!) / Math.min(n, seen);
    numbers[2]! += ((numbers[0]! - before) ** 2 - numbers[2]!) / Math.min(n, seen);
    const watched = seen - n * burnIn;
    if (watched < n * watchFor) {
      numbers[4] = seen;
      if (watched >= 1) numbers[3]! += (numbers[2]! - numbers[3]!) / watched;
      if (watched < n) return;
    }
    const healthy = Math.max(numbers[3]!, 1 / (2 * fastSamples - 1));
    this.score = Math.max(0, (numbers[2]! / healthy - 1) / (ratio - 1));
    this.alarm = this.score > 1;
  }

  limit(): null {
    return null;
  }

  reset(): void {
    this.numbers.fill(0);
    this.score = 0;
    this.alarm = false;
  }

  save(): CheckState {
    return encodeFloats(this.numbers);
  }
}
