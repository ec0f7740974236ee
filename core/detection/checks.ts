import type { Check } from './config.ts';
import type { Detector, DetectorState, Limit } from './detector.ts';
import { anyDetectorKinds } from './detectors/catalogue.ts';
import { DriftCheck, SpreadCheck } from './drift.ts';
import { BoundsCheck, PhaseLimitsCheck } from './limit-checks.ts';
import { PaceCheck } from './pace.ts';
import type { PaceState } from './pace-state.ts';
import type { Frame, Plan } from './plan.ts';
import type { CheckState, RunningCheck } from './running-check.ts';

export function createChecks(plan: Plan, saved?: readonly CheckState[]): RunningCheck[] {
  return plan.type.detection.checks.flatMap((check, i) => createCheck(check, plan, saved?.[i] ?? null));
}

function createCheck(check: Check, plan: Plan, saved: CheckState): RunningCheck {
  const when = plan.findCondition(check.when);
  const numbers = Array.isArray(saved) ? (saved as readonly (number | null)[]) : undefined;
  if (check.kind === 'detector') return new DetectorCheck(check, plan, saved as DetectorState | null);
  if (check.kind === 'pace') return new PaceCheck(check, when, plan, (saved as PaceState | null) ?? undefined);
  const of = [plan.indexOf.get(check.of)!];
  if (check.kind === 'drift') return new DriftCheck(check, of, when, numbers);
  if (check.kind === 'spread') return new SpreadCheck(check, of, when, numbers);
  if (check.kind === 'phase-limits') return new PhaseLimitsCheck(check, of, when, plan);
  return new BoundsCheck(check, of, when, numbers);
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
  shares: readonly number[] | null = null;
  private readonly config: DetectorConfig;
  private readonly input: { atMs: number; values: number[] };
  private detector: Detector;
  private hasRun: boolean;

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
    this.hasRun = saved !== null;
    this.isWarmingUp = saved === null || saved.warmingUp === true;
  }

  run(frame: Frame): void {
    // What is still in training must not take a fault for the machine's usual way.
    if (frame.isFrozen && this.hasRun && this.isWarmingUp) return;
    this.hasRun = true;
    const source = this.config.on === 'value' ? frame.values : frame.residuals;
    for (let i = 0; i < this.of.length; i++) this.input.values[i] = source[this.of[i]!]!;
    this.input.atMs = frame.atMs;
    const output = this.detector.update(this.input);
    this.isWarmingUp = output.warmingUp;
    this.alarm = output.alarm;
    this.score = output.score;
    this.shares = output.contributions;
    if (this.of.length === 1 && frame.residuals[this.of[0]!]! < 0) this.score = -this.score;
  }

  limit(_frame: Frame, q: number): Limit | null {
    if (this.config.on !== 'value') return null;
    const { detector, of, config } = this.config;
    return anyDetectorKinds[detector]!.limitOf?.(of[this.of.indexOf(q)]!, config) ?? null;
  }

  pause(): void {
    this.alarm = false;
    this.score = 0;
    this.shares = null;
  }

  reset(): void {
    this.pause();
    this.isWarmingUp = true;
    this.hasRun = false;
    this.detector = this.createDetector(null);
  }

  save(): CheckState {
    if (!this.hasRun) return null;
    const state = this.detector.save();
    return this.isWarmingUp ? { ...state, warmingUp: true } : state;
  }

  private createDetector(saved: DetectorState | null): Detector {
    const kind = anyDetectorKinds[this.config.detector]!;
    const options = { channels: this.config.of, config: this.config.config };
    return kind.create(saved === null ? options : { ...options, saved });
  }
}
