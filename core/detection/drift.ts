import type { Check } from './config.ts';
import { decodeFloats, encodeFloats } from './floats.ts';
import type { Frame } from './plan.ts';
import type { CheckState, RunningCheck } from './running-check.ts';
import type { SeenValue } from './seen-value.ts';

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
  isWarmingUp = true;
  alarm = false;
  score = 0;
  seen: SeenValue | null = null;
  /** How far from its expectation it had to be for an alarm, when it last alarmed. */
  private reach: number;
  private readonly config: DriftConfig;
  /** Fast mean and its early mean square, slow mean and its own, samples seen. */
  private readonly numbers: Float32Array;
  private readonly fast: Smoother;
  private readonly slow: Smoother;
  private isPaused = false;

  constructor(config: DriftConfig, of: readonly number[], when: number, saved?: readonly (number | null)[]) {
    this.config = config;
    this.reach = config.atLeast;
    this.code = config.code;
    this.of = of;
    this.when = when;
    this.numbers = (saved && decodeFloats(saved.slice(0, 5), 5)) ?? new Float32Array(5);
    this.fast = new Smoother(this.numbers, 0);
    this.slow = new Smoother(this.numbers, 2);
    this.isWarmingUp = this.numbers[4]! < config.fastSamples * (burnIn + 1);
    if (saved !== undefined && saved.length > 5) this.resume(saved.slice(5) as number[]);
  }

  run(frame: Frame): void {
    const q = this.of[0]!;
    const z = frame.standardised[q]!;
    if (Number.isNaN(z)) {
      this.pause();
      return;
    }
    const { sigmas, side, fastSamples, slowSamples } = this.config;
    const least = this.config.atLeast / frame.noise[q]!;
    const leastSamples = this.config.leastS === 0 ? 1 : samplesIn(this.config.leastS, frame.elapsedS);
    const fastN = Math.max(fastSamples, leastSamples);
    const slowN = Math.max(slowSamples, leastSamples);
    this.isWarmingUp = this.numbers[4]! < fastN * (burnIn + 1);
    this.numbers[4] = Math.min(this.numbers[4]! + 1, slowN * (burnIn + watchFor) + 1);
    const fast = this.fast.update(z, fastN, sigmas, least);
    const slow = this.slow.update(z, slowN, sigmas, least);
    const score = Math.abs(fast) > Math.abs(slow) ? fast : slow;
    this.score = (side === 'up' && score < 0) || (side === 'down' && score > 0) ? 0 : score;
    this.alarm = Math.abs(this.score) > 1;
    this.seen = this.alarm ? { observed: frame.values[q]!, expected: frame.expected[q]!, atMs: frame.atMs } : null;
    if (this.alarm) {
      const loudest = Math.abs(this.fast.score) > Math.abs(this.slow.score) ? this.fast : this.slow;
      this.reach = Math.max(loudest.threshold(sigmas) * frame.noise[q]!, this.config.atLeast);
    }
    this.isPaused = false;
  }

  /** The fault is still there while the machine rests, or nothing is seen of it: alarm and score stand. */
  pause(): void {
    this.isPaused = true;
  }

  limit(frame: Frame): { min?: number; max?: number } {
    const q = this.of[0]!;
    const { reach } = this;
    const expected = this.seen?.expected ?? frame.expected[q]!;
    return {
      ...(this.config.side === 'up' ? {} : { min: expected - reach }),
      ...(this.config.side === 'down' ? {} : { max: expected + reach }),
    };
  }

  reset(): void {
    this.numbers.fill(0);
    this.score = 0;
    this.seen = null;
    this.alarm = false;
    this.isWarmingUp = true;
  }

  /** What the next sample would compute anew is left out, unless it may not come to that. */
  save(): CheckState {
    const numbers = encodeFloats(this.numbers);
    if (!this.isPaused || this.score === 0) return numbers;
    const { observed, expected, atMs } = this.seen ?? { observed: 0, expected: 0, atMs: 0 };
    return [...numbers, this.score, observed, expected, atMs, this.reach];
  }

  /** States from before the reach was kept have none. */
  private resume([score, observed, expected, atMs, reach = this.config.atLeast]: readonly number[]): void {
    this.isPaused = true;
    this.score = score!;
    this.reach = reach;
    this.alarm = Math.abs(this.score) > 1;
    this.seen = this.alarm ? { observed: observed!, expected: expected!, atMs: atMs! } : null;
  }
}

/** How many samples a time holds at the present rate; a gap does not stretch it beyond a day's worth at 1 Hz. */
const samplesIn = (seconds: number, elapsedS: number): number =>
  seconds === 0 ? 1 : Math.min(86_400, seconds / Math.max(elapsedS, 1e-3));

/** One exponentially weighted mean, with the mean square it showed at the start: two of the check's numbers. */
class Smoother {
  score = 0;
  private n = 1;
  private readonly numbers: Float32Array;
  private readonly at: number;

  constructor(numbers: Float32Array, at: number) {
    this.numbers = numbers;
    this.at = at;
  }

  /** The score; 0 until it was watched for long enough. */
  update(z: number, n: number, sigmas: number, least: number): number {
    const { numbers, at } = this;
    const seen = numbers[4]!;
    this.n = n;
    numbers[at]! += clip(z - numbers[at]!) / Math.min(n, seen);
    const mean = numbers[at]!;
    this.score = mean / Math.max(this.threshold(sigmas), least);
    const watched = seen - n * burnIn;
    if (watched > n * watchFor) return this.score;
    if (watched >= 1) numbers[at + 1]! += (mean * mean - numbers[at + 1]!) / watched;
    return watched < n ? 0 : this.score;
  }

  threshold(sigmas: number): number {
    return sigmas * Math.sqrt(Math.max(1 / (2 * this.n - 1), this.numbers[this.at + 1]!));
  }
}

/** One reading moves a mean by no more than this many deviations' worth: a single glitch must not carry it far. */
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
  isWarmingUp = true;
  alarm = false;
  score = 0;
  readonly seen = null;
  private readonly config: SpreadConfig;
  /** Fast mean, slow mean, mean square of their difference, that of the start, samples seen, score. */
  private readonly numbers: Float32Array;

  constructor(config: SpreadConfig, of: readonly number[], when: number, saved?: readonly (number | null)[]) {
    this.config = config;
    this.code = config.code;
    this.of = of;
    this.when = when;
    this.numbers = (saved && decodeFloats(saved, 6)) ?? new Float32Array(6);
    this.score = this.numbers[5]!;
    this.isWarmingUp = this.numbers[4]! < config.slowSamples * (burnIn + 1);
    this.alarm = this.score > 1;
  }

  run(frame: Frame): void {
    const z = frame.standardised[this.of[0]!]!;
    if (Number.isNaN(z)) return;
    const { numbers } = this;
    const { fastSamples, slowSamples, leastS, ratio } = this.config;
    const n = Math.max(slowSamples, samplesIn(leastS, frame.elapsedS));
    const seen = numbers[4]! + 1;
    const before = seen === 1 ? clip(z) : numbers[1]!;
    numbers[0]! += clip(z - numbers[0]!) / Math.min(fastSamples, seen);
    numbers[1]! += clip(z - numbers[1]!) / Math.min(n, seen);
    numbers[2]! += ((numbers[0]! - before) ** 2 - numbers[2]!) / Math.min(n, seen);
    const watched = seen - n * burnIn;
    this.isWarmingUp = watched < n;
    if (watched < n * watchFor) {
      numbers[4] = seen;
      if (watched >= 1) numbers[3]! += (numbers[2]! - numbers[3]!) / watched;
      if (this.isWarmingUp) return;
    }
    const healthy = Math.max(numbers[3]!, 1 / (2 * fastSamples - 1));
    numbers[5] = Math.max(0, (numbers[2]! / healthy - 1) / (ratio - 1));
    this.score = numbers[5];
    this.alarm = this.score > 1;
  }

  pause(): void {
    // The score stands: it is one of the numbers.
  }

  limit(): null {
    return null;
  }

  reset(): void {
    this.numbers.fill(0);
    this.score = 0;
    this.alarm = false;
    this.isWarmingUp = true;
  }

  save(): CheckState {
    return encodeFloats(this.numbers);
  }
}
