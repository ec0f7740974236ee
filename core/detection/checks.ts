import type { Check } from './config.ts';
import type { Detector, DetectorState } from './detector.ts';
import { anyDetectorKinds } from './detectors/catalogue.ts';
import { DriftCheck, SpreadCheck } from './drift.ts';
import type { Frame, Plan } from './plan.ts';
import type { CheckState, RunningCheck } from './running-check.ts';

export function createChecks(plan: Plan, saved?: readonly CheckState[]): RunningCheck[] {
  return plan.type.detection.checks.flatMap((check, i) => createCheck(check, plan, saved?.[i] ?? null));
}

function createCheck(check: Check, plan: Plan, saved: CheckState): RunningCheck {
  const when = plan.findCondition(check.when);
  const numbers = Array.isArray(saved) ? (saved as readonly (number | null)[]) : undefined;
  if (check.kind === 'detector') return new DetectorCheck(check, plan, saved as DetectorState | null);
  const of = [plan.indexOf.get(check.of)!];
  if (check.kind === 'drift') return new DriftCheck(check, of, when, numbers);
  if (check.kind === 'spread') return new SpreadCheck(check, of, when, numbers);
  if (check.kind === 'phase-limits') return new PhaseLimitsCheck(check.code, of, when, phaseLimits(plan, check.of));
  return new BoundsCheck(check, of, when, numbers);
}

type BoundsConfig = Extract<Check, { kind: 'bounds' }>;

/** Beyond a bound by this share of it doubles the score: a scale for urgency only, the alarm itself is exact. */
const shareThatDoubles = 0.25;

const beyond = (distance: number, bound: number): number =>
  1 + distance / Math.max(Math.abs(bound) * shareThatDoubles, 1e-9);

class BoundsCheck implements RunningCheck {
  readonly detectorName = 'limits';
  readonly detectorVersion = 1;
  readonly code: string;
  readonly of: readonly number[];
  readonly when: number;
  readonly seen = null;
  isWarmingUp = false;
  alarm = false;
  score = 0;
  private readonly config: BoundsConfig;
  private readonly min: number;
  private readonly max: number;
  private held = 0;

  constructor(config: BoundsConfig, of: readonly number[], when: number, saved?: readonly (number | null)[]) {
    this.config = config;
    this.code = config.code;
    this.of = of;
    this.when = when;
    this.min = config.min ?? Number.NEGATIVE_INFINITY;
    this.max = config.max ?? Number.POSITIVE_INFINITY;
    this.held = saved?.[0] ?? 0;
  }

  run(frame: Frame): void {
    const value = (this.config.on === 'value' ? frame.values : frame.residuals)[this.of[0]!]!;
    const below = this.config.below ?? Number.POSITIVE_INFINITY;
    this.score = 0;
    if (value < this.min) this.score = -beyond(this.min - value, this.min);
    else if (value > this.max) this.score = beyond(value - this.max, this.max);
    else if (value >= below) this.score = beyond(value - below, below);
    this.held = this.score === 0 ? 0 : Math.min(this.held + 1, this.config.holdSamples);
    this.alarm = this.score !== 0 && this.held >= this.config.holdSamples;
    if (!this.alarm) this.score *= 0.5;
  }

  limit(frame: Frame): { min?: number; max?: number } {
    const base = this.config.on === 'value' ? 0 : frame.expected[this.of[0]!]!;
    return limitsOf(base + this.min, base + Math.min(this.max, this.config.below ?? Number.POSITIVE_INFINITY));
  }

  pause(): void {
    this.alarm = false;
    this.score = 0;
  }

  reset(): void {
    this.pause();
    this.held = 0;
  }

  save(): CheckState {
    return this.config.holdSamples > 1 ? [this.held] : null;
  }
}

interface Band {
  readonly min: number;
  readonly max: number;
}

function phaseLimits(plan: Plan, signal: string): ReadonlyMap<string, Band> {
  const bands = plan.type.phases.flatMap((phase): [string, Band][] => {
    const limits = phase.limits[signal];
    if (limits === undefined) return [];
    return [[phase.name, { min: limits.min ?? Number.NEGATIVE_INFINITY, max: limits.max ?? Number.POSITIVE_INFINITY }]];
  });
  return new Map(bands);
}

class PhaseLimitsCheck implements RunningCheck {
  readonly detectorName = 'phase-limits';
  readonly detectorVersion = 1;
  readonly code: string;
  readonly of: readonly number[];
  readonly when: number;
  readonly seen = null;
  isWarmingUp = false;
  alarm = false;
  score = 0;
  private readonly bands: ReadonlyMap<string, Band>;

  constructor(code: string, of: readonly number[], when: number, bands: ReadonlyMap<string, Band>) {
    this.code = code;
    this.of = of;
    this.when = when;
    this.bands = bands;
  }

  run(frame: Frame): void {
    const band = frame.phase === null ? undefined : this.bands.get(frame.phase);
    const value = frame.values[this.of[0]!]!;
    this.score = 0;
    if (band !== undefined) {
      if (value < band.min) this.score = -beyond(band.min - value, band.min);
      else if (value > band.max) this.score = beyond(value - band.max, band.max);
    }
    this.alarm = this.score !== 0;
  }

  limit(frame: Frame): { min?: number; max?: number } | null {
    const band = frame.phase === null ? undefined : this.bands.get(frame.phase);
    return band === undefined ? null : limitsOf(band.min, band.max);
  }

  pause(): void {
    this.alarm = false;
    this.score = 0;
  }

  reset(): void {
    this.pause();
  }

  save(): CheckState {
    return null;
  }
}

type DetectorConfig = Extract<Check, { kind: 'detector' }>;

/** Adapts a detector of the port: vectors of numbers in, its loudest channel names the side. */
class DetectorCheck implements RunningCheck {
  readonly code: string;
  readonly detectorName: string;
  readonly detectorVersion: number;
  readonly of: readonly number[];
  readonly when: number;
  readonly seen = null;
  isWarmingUp = true;
  alarm = false;
  score = 0;
  private readonly config: DetectorConfig;
  private readonly input: { atMs: number; values: number[] };
  private detector: Detector;

  constructor(config: DetectorConfig, plan: Plan, saved: DetectorState | null) {
    const kind = anyDetectorKinds[config.detector]!;
    this.code = config.code;
    this.config = config;
    this.detectorName = kind.name;
    this.detectorVersion = kind.version;
    this.of = config.of.map((name) => plan.indexOf.get(name)!);
    this.when = plan.findCondition(config.when);
    this.input = { atMs: 0, values: new Array<number>(this.of.length).fill(Number.NaN) };
    this.detector = this.createDetector(saved);
  }

  run(frame: Frame): void {
    const source = this.config.on === 'value' ? frame.values : frame.residuals;
    for (let i = 0; i < this.of.length; i++) this.input.values[i] = source[this.of[i]!]!;
    this.input.atMs = frame.atMs;
    const output = this.detector.update(this.input);
    this.isWarmingUp = output.warmingUp;
    this.alarm = output.alarm;
    this.score = output.score;
    if (this.of.length === 1 && frame.residuals[this.of[0]!]! < 0) this.score = -this.score;
  }

  limit(): null {
    return null;
  }

  pause(): void {
    this.alarm = false;
    this.score = 0;
  }

  reset(): void {
    this.pause();
    this.detector = this.createDetector(null);
  }

  save(): CheckState {
    return this.detector.save();
  }

  private createDetector(saved: DetectorState | null): Detector {
    const kind = anyDetectorKinds[this.config.detector]!;
    const options = { channels: this.config.of, config: this.config.config };
    return kind.create(saved === null ? options : { ...options, saved });
  }
}

export function limitsOf(min: number, max: number): { min?: number; max?: number } {
  if (!Number.isFinite(min)) return Number.isFinite(max) ? { max } : {};
  return Number.isFinite(max) ? { min, max } : { min };
}
