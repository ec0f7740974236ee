import type { Sample, SignalQuality } from '../telemetry/sample.ts';
import type { ValueQuality } from './observation.ts';
import type { Frame, Plan } from './plan.ts';

/**
 * Says of each value how far it may be trusted, before anything is concluded from it. Order of judgement: missing,
 * declared bad, outside the sensor's range, stuck, stale, declared uncertain.
 * A signal counts as relied upon when the type requires it, or when this machine sent it 20 times in a row: from
 * then on its absence is a dropout and not a machine that never had the sensor. A value that is there and wrong is
 * always told, and a sample without a single believable value is a dropout of all.
 */
const reliedUponAfter = 20;

export interface QualityJudge {
  /** Fills `frame.values` with what may be believed. */
  judge(sample: Sample, receivedAtMs: number | undefined, frame: Frame): QualityVerdict;
  save(): QualityState;
}

export interface QualityVerdict {
  readonly qualities: readonly ValueQuality[];
  /** Positions of signals whose value cannot be believed, or is gone though relied upon; empty when all is well. */
  readonly untrusted: readonly number[];
  /** The sender's clock is ahead of the receiver's by this much; 0 within tolerance. */
  readonly skewMs: number;
  readonly isStale: boolean;
  readonly isUncertain: boolean;
  /** How long ago each signal last had a believable value; null where it never had one. */
  ageMs(index: number): number | null;
  /** The same of all; null also of a signal that nobody relies upon and that is not there. */
  readonly agesMs: readonly (number | null)[];
}

export interface QualityState {
  readonly atMs: number;
  /** Samples in a row with a believable value, capped; the cap stays once reached. */
  readonly presence: readonly number[];
  /** [signal, moment], only where that isn't `atMs`. */
  readonly lastGoodAtMs: readonly (readonly [number, number])[];
  /** [signal, value, how often in a row]. */
  readonly runs: readonly (readonly [number, number | null, number])[];
}

const none: readonly number[] = [];

export function createQualityJudge(plan: Plan, saved?: QualityState): QualityJudge {
  return new Judge(plan, saved);
}

class Judge implements QualityJudge, QualityVerdict {
  qualities: readonly ValueQuality[];
  untrusted: readonly number[] = none;
  skewMs = 0;
  isStale = false;
  isUncertain = false;
  private readonly plan: Plan;
  private readonly count: number;
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  private readonly required: Uint8Array;
  private readonly noisy: readonly number[];
  private readonly noisyWhen: number;
  private readonly presence: Uint8Array;
  private readonly lastGoodAtMs: Float64Array;
  private readonly runValue: Float64Array;
  private readonly runLength: Float64Array;
  private readonly isThere: Uint8Array;
  /** The last sample had nothing to complain of: one with the same signals has not either. */
  private isSettled = false;
  /** So had the one before it, with the very same signals. */
  private wasSettled = false;
  private ages: readonly (number | null)[] = [];
  private agedBy = Number.NaN;
  private atMs = 0;
  private delayMs = 0;

  constructor(plan: Plan, saved: QualityState | undefined) {
    const { signals, detection } = plan.type;
    this.plan = plan;
    this.count = signals.length;
    this.low = Float64Array.from(signals, (s) => s.physicalRange.min);
    this.high = Float64Array.from(signals, (s) => s.physicalRange.max);
    this.required = Uint8Array.from(signals, (s) => (s.required ? 1 : 0));
    this.noisy = detection.quality.noisySignals.map((name) => plan.indexOf.get(name)!);
    this.noisyWhen = plan.findCondition(detection.quality.noisyWhen);
    this.isThere = new Uint8Array(this.count);
    this.qualities = signals.map((): ValueQuality => 'missing');
    this.presence = Uint8Array.from(saved?.presence ?? new Array<number>(this.count).fill(0));
    this.atMs = saved?.atMs ?? 0;
    this.lastGoodAtMs = Float64Array.from(this.presence, (run) => (run > 0 ? this.atMs : Number.NaN));
    this.runValue = new Float64Array(this.count).fill(Number.NaN);
    this.runLength = new Float64Array(this.count);
    for (const [i, at] of saved?.lastGoodAtMs ?? []) this.lastGoodAtMs[i] = at;
    for (const [i, value, length] of saved?.runs ?? []) {
      this.runValue[i] = value ?? Number.NaN;
      this.runLength[i] = length;
    }
  }

  judge(sample: Sample, receivedAtMs: number | undefined, frame: Frame): QualityVerdict {
    const { quality } = this.plan.type.detection;
    const delayMs = receivedAtMs === undefined ? 0 : receivedAtMs - sample.sampledAtMs;
    this.atMs = sample.sampledAtMs;
    this.delayMs = Math.max(0, delayMs);
    this.skewMs = -delayMs > quality.clockSkewS * 1000 ? -delayMs : 0;
    this.isStale = delayMs > quality.staleAfterS * 1000;
    this.isUncertain = false;
    const sameSignals = this.takeValues(sample.values, frame.values);
    const stuck = this.followNoise(frame);
    this.wasSettled = this.isSettled && sameSignals;
    const isPlain = !stuck && !this.isStale && !hasAny(sample.declaredQuality);
    if (isPlain && sameSignals && this.isSettled) return this;
    this.explain(sample, frame);
    this.isSettled = isPlain && this.untrusted.length === 0;
    return this;
  }

  ageMs(index: number): number | null {
    const good = this.lastGoodAtMs[index]!;
    return Number.isNaN(good) ? null : this.delayMs + Math.max(0, this.atMs - good);
  }

  /** As long as nothing changes the last answer serves again. */
  get agesMs(): readonly (number | null)[] {
    if (!this.isSettled || !this.wasSettled || this.delayMs !== this.agedBy) {
      this.ages = this.qualities.map((quality, i) =>
        quality === 'missing' && !this.isReliedUpon(i) ? null : this.ageMs(i),
      );
      this.agedBy = this.delayMs;
    }
    return this.ages;
  }

  save(): QualityState {
    const lastGoodAtMs: [number, number][] = [];
    this.lastGoodAtMs.forEach((at, i) => {
      if (at !== this.atMs && !Number.isNaN(at)) lastGoodAtMs.push([i, at]);
    });
    return {
      atMs: this.atMs,
      presence: [...this.presence],
      lastGoodAtMs,
      runs: this.noisy.map((i) => [i, nullIfNaN(this.runValue[i]!), this.runLength[i]!] as const),
    };
  }

  /** Whether the very signals are there that were there in the sample before. */
  private takeValues(measured: readonly number[], believed: Float64Array): boolean {
    let same = true;
    for (let i = 0; i < this.count; i++) {
      const value = measured[i]!;
      if (value >= this.low[i]! && value <= this.high[i]!) {
        believed[i] = value;
        this.lastGoodAtMs[i] = this.atMs;
        if (this.presence[i]! < reliedUponAfter) this.presence[i]!++;
        if (this.isThere[i] === 0) same = false;
        this.isThere[i] = 1;
      } else {
        believed[i] = Number.NaN;
        if (this.isThere[i] === 1) same = false;
        this.isThere[i] = 0;
        if (this.presence[i]! < reliedUponAfter) this.presence[i] = 0;
      }
    }
    return same;
  }

  /** True when some signal whose noise never rests has rested too long. */
  private followNoise(frame: Frame): boolean {
    let stuck = false;
    const mayRest = frame.holds[this.noisyWhen] === 0;
    const limit = this.plan.type.detection.quality.stuckAfterSamples;
    for (let k = 0; k < this.noisy.length; k++) {
      const i = this.noisy[k]!;
      const value = frame.values[i]!;
      const same = value === this.runValue[i] && !mayRest;
      this.runValue[i] = value;
      this.runLength[i] = same ? this.runLength[i]! + 1 : 1;
      stuck ||= this.runLength[i]! >= limit;
    }
    return stuck;
  }

  private explain(sample: Sample, frame: Frame): void {
    const { signals, detection } = this.plan.type;
    const untrusted: number[] = [];
    let believable = 0;
    this.qualities = signals.map((signal, i) => {
      const declared = sample.declaredQuality[signal.name];
      const quality = this.judgeOne(sample.values[i]!, declared, i, detection.quality.stuckAfterSamples);
      if (quality === 'uncertain') this.isUncertain = true;
      if (quality === 'good' || quality === 'uncertain') {
        believable++;
        return quality;
      }
      // A stale value was true when it was taken: it may teach and be compared, but not decide.
      if (quality !== 'stale') frame.values[i] = Number.NaN;
      if (quality !== 'missing' || this.isReliedUpon(i)) untrusted.push(i);
      return quality;
    });
    this.untrusted = believable > 0 || untrusted.length > 0 ? untrusted : signals.map((_, i) => i);
  }

  private isReliedUpon(i: number): boolean {
    return this.required[i] === 1 || this.presence[i]! >= reliedUponAfter;
  }

  private judgeOne(value: number, declared: SignalQuality | undefined, i: number, stuckAfter: number): ValueQuality {
    if (Number.isNaN(value)) return 'missing';
    if (declared === 'bad') return 'bad';
    if (!(value >= this.low[i]! && value <= this.high[i]!)) return 'out_of_range';
    if (this.runLength[i]! >= stuckAfter) return 'stuck';
    if (this.isStale) return 'stale';
    return declared ?? 'good';
  }
}

function hasAny(record: Readonly<Record<string, unknown>>): boolean {
  for (const _ in record) return true;
  return false;
}

const nullIfNaN = (value: number): number | null => (Number.isNaN(value) ? null : value);
