import type { Check } from './config.ts';
import type { Limit } from './detector.ts';
import type { Frame, Plan } from './plan.ts';
import type { CheckState, RunningCheck } from './running-check.ts';

/** Beyond a bound by this share of it doubles the score: a scale for urgency only, the alarm itself is exact. */
const shareThatDoubles = 0.25;

const beyond = (distance: number, bound: number): number =>
  1 + distance / Math.max(Math.abs(bound) * shareThatDoubles, 1e-9);

/** Signed: below is negative; 0 within. */
function scoreAgainst(value: number, min: number, max: number): number {
  if (value < min) return -beyond(min - value, min);
  return value > max ? beyond(value - max, max) : 0;
}

/** What checks against fixed limits have in common: they speak from the first sample and remember next to nothing. */
abstract class LimitCheck implements RunningCheck {
  abstract readonly detectorName: string;
  readonly detectorVersion = 1;
  readonly code: string;
  readonly of: readonly number[];
  readonly when: number;
  readonly seen = null;
  readonly isWarmingUp = false;
  alarm = false;
  score = 0;

  constructor(code: string, of: readonly number[], when: number) {
    this.code = code;
    this.of = of;
    this.when = when;
  }

  abstract run(frame: Frame): void;

  abstract limit(frame: Frame): Limit | null;

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

type BoundsConfig = Extract<Check, { kind: 'bounds' }>;

export class BoundsCheck extends LimitCheck {
  readonly detectorName = 'limits';
  private readonly config: BoundsConfig;
  private readonly min: number;
  private readonly max: number;
  private held = 0;

  constructor(config: BoundsConfig, of: readonly number[], when: number, saved?: readonly (number | null)[]) {
    super(config.code, of, when);
    this.config = config;
    this.min = config.min ?? Number.NEGATIVE_INFINITY;
    this.max = config.max ?? Number.POSITIVE_INFINITY;
    this.held = saved?.[0] ?? 0;
  }

  run(frame: Frame): void {
    const value = (this.config.on === 'value' ? frame.values : frame.residuals)[this.of[0]!]!;
    const below = this.config.below ?? Number.POSITIVE_INFINITY;
    this.score = scoreAgainst(value, this.min, this.max);
    if (this.score === 0 && value >= below) this.score = beyond(value - below, below);
    this.held = this.score === 0 ? 0 : Math.min(this.held + 1, this.config.holdSamples);
    this.alarm = this.score !== 0 && this.held >= this.config.holdSamples;
    if (!this.alarm) this.score *= 0.5;
  }

  limit(frame: Frame): Limit {
    const base = this.config.on === 'value' ? 0 : frame.expected[this.of[0]!]!;
    return limitsOf(base + this.min, base + Math.min(this.max, this.config.below ?? Number.POSITIVE_INFINITY));
  }

  override reset(): void {
    this.pause();
    this.held = 0;
  }

  override save(): CheckState {
    return this.config.holdSamples > 1 ? [this.held] : null;
  }
}

type PhaseLimitsConfig = Extract<Check, { kind: 'phase-limits' }>;

interface Band {
  readonly min: number;
  readonly max: number;
}

export class PhaseLimitsCheck extends LimitCheck {
  readonly detectorName = 'phase-limits';
  private readonly bands: ReadonlyMap<string, Band>;

  constructor(config: PhaseLimitsConfig, of: readonly number[], when: number, plan: Plan) {
    super(config.code, of, when);
    this.bands = bandsOf(plan, config.of);
  }

  run(frame: Frame): void {
    const band = this.bandAt(frame);
    this.score = band === undefined ? 0 : scoreAgainst(frame.values[this.of[0]!]!, band.min, band.max);
    this.alarm = this.score !== 0;
  }

  limit(frame: Frame): Limit | null {
    const band = this.bandAt(frame);
    return band === undefined ? null : limitsOf(band.min, band.max);
  }

  private bandAt({ phase }: Frame): Band | undefined {
    return phase === null ? undefined : this.bands.get(phase);
  }
}

function bandsOf(plan: Plan, signal: string): ReadonlyMap<string, Band> {
  const bands = plan.type.phases.flatMap((phase): [string, Band][] => {
    const limits = phase.limits[signal];
    if (limits === undefined) return [];
    return [[phase.name, { min: limits.min ?? Number.NEGATIVE_INFINITY, max: limits.max ?? Number.POSITIVE_INFINITY }]];
  });
  return new Map(bands);
}

function limitsOf(min: number, max: number): Limit {
  if (!Number.isFinite(min)) return Number.isFinite(max) ? { max } : {};
  return Number.isFinite(max) ? { min, max } : { min };
}
