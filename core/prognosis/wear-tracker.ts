import { type Choice, chooseForecast, type Experience } from './choose.ts';
import type { DegradationConfig } from './config.ts';
import type { Forecast, ForecastEvidence } from './forecast.ts';
import { HealthIndex, type HealthIndexState } from './health-index.ts';
import { Lead, type LeadState } from './lead.ts';
import type { Outlook } from './life-ensemble.ts';
import type { FinishedLife } from './similarity.ts';
import type { Quantiles } from './spread.ts';
import { type Told, tell } from './steady.ts';
import { noLaterThanSteps, stepsOf } from './steps.ts';
import { conditionalLife, type WeibullLife } from './weibull.ts';

/** Plain JSON. */
export interface WearTrackerState {
  readonly startedAtMs: number | null;
  readonly ageHours: number;
  readonly index: HealthIndexState;
  readonly told: Told | null;
  /** Only of a signal that follows late. */
  readonly lead?: LeadState;
  /** What the index was learned from; absent in states from before it was kept. */
  readonly signal?: string;
}

/** A forecast before the machine adds what only it knows: cycles, quality. */
export type ComponentForecast = Omit<Forecast, 'remainingCycles' | 'withheldBecause'>;

/** P90 over P10 beyond which a forecast is none: from a shift to a fortnight nobody can plan (assumption). */
const widestRatio = 20;

const msPerHour = 3_600_000;

/** One way one component wears: its index over its own age, and what is told of it. */
export class WearTracker {
  readonly config: DegradationConfig;
  private readonly unit: string;
  private readonly life: WeibullLife | null;
  private readonly experience: Experience;
  private readonly index: HealthIndex;
  private startedAtMs: number | null;
  private ageHours: number;
  private told: Told | null;
  private readonly lead: Lead | null;

  constructor(
    config: DegradationConfig,
    parts: { unit: string; life: WeibullLife | null; experience: Experience },
    state?: WearTrackerState,
  ) {
    this.config = config;
    this.unit = parts.unit;
    this.life = parts.life;
    this.experience = parts.experience;
    this.startedAtMs = state?.startedAtMs ?? null;
    this.ageHours = state?.ageHours ?? 0;
    const saved = state !== undefined && isLearnedFrom(config, state) ? state : undefined;
    this.index = new HealthIndex(config, saved?.index);
    this.told = saved?.told ?? null;
    const { followsWithinS } = config;
    this.lead = followsWithinS === undefined ? null : new Lead(followsWithinS, saved?.lead);
  }

  update(value: number, atMs: number): void {
    // A clock that ran ahead when it began was set right: nothing has begun later than now.
    this.startedAtMs = Math.min(this.startedAtMs ?? atMs, atMs);
    this.ageHours = (atMs - this.startedAtMs) / msPerHour;
    this.index.update(this.lead === null ? value : this.lead.update(value, atMs), this.ageHours);
  }

  forecast(): ComponentForecast {
    const { component, failureMode } = this.config;
    const onsetHours = this.index.onsetHours;
    if (onsetHours === null) return this.forecastUnworn();
    const curve = this.index.curve();
    const failed = curve.at(-1)!.index >= 1;
    const base = { component, part: null, failureMode, evidence: this.evidence(onsetHours, curve.length) };
    if (failed) {
      const none = { p10: 0, p50: 0, p90: 0 };
      const why = `${this.config.signal}${this.toldAs()} has reached ${this.config.failureAt} ${this.unit}, where it counts as failed`;
      return { ...base, status: 'failed', remainingHours: none, method: null, why, confidence: 1, grewBecause: null };
    }
    const choice = this.choose({ failureMode, curve, onsetHours });
    const doubt = doubtOf(choice.quantiles);
    if (doubt !== null) {
      const none = { remainingHours: null, method: null, confidence: 0, grewBecause: null };
      return { ...base, ...none, status: 'withheld', why: doubt };
    }
    const { told, grewBecause } = tell(this.told, { ...choice, atHours: this.ageHours });
    this.told = { atHours: told.atHours, method: told.method, quantiles: told.quantiles };
    return {
      ...base,
      status: 'wearing',
      remainingHours: told.quantiles,
      method: choice.method,
      why: choice.why,
      confidence: confidenceOf(told.quantiles),
      grewBecause,
    };
  }

  /** The curve from onset to the end, for the library; null where no wear was seen. */
  finish(): FinishedLife | null {
    const onsetHours = this.index.onsetHours;
    return onsetHours === null ? null : { failureMode: this.config.failureMode, curve: this.index.curve(), onsetHours };
  }

  save(): WearTrackerState {
    const { startedAtMs, ageHours, told } = this;
    const state = { startedAtMs, ageHours, index: this.index.save(), told, signal: this.config.signal };
    return this.lead === null ? state : { ...state, lead: this.lead.save() };
  }

  /** The present curve and onset, for those who teach an ensemble. */
  outlook(): Outlook | null {
    const onsetHours = this.index.onsetHours;
    if (onsetHours === null) return null;
    return { failureMode: this.config.failureMode, curve: this.index.curve(), onsetHours };
  }

  /** What is known of its course alone must allow for steps; what lives have taught knows them. */
  private choose(outlook: Outlook): Choice {
    const choice = chooseForecast(outlook, this.experience);
    if (choice.method === 'tree_ensemble' || choice.method === 'similarity') return choice;
    const steps = stepsOf(this.index.measured());
    if (steps === null) return choice;
    const why = `${choice.why}; it came in a step, and another may end it`;
    return { ...choice, why, quantiles: noLaterThanSteps(choice.quantiles, steps) };
  }

  /** Two machines at different work are told alike: the number is not the one on the display. */
  private toldAs(): string {
    const { normalisedBy, countedFrom } = this.config;
    const less = countedFrom === 0 ? '' : ` less ${countedFrom} ${this.unit}`;
    return normalisedBy === undefined ? less : `${less} (as at ${normalisedBy.signal} ${normalisedBy.reference})`;
  }

  private forecastUnworn(): ComponentForecast {
    const { component } = this.config;
    const evidence = this.evidence(null, 0);
    const base = {
      component,
      part: null,
      failureMode: null,
      status: 'none_seen',
      evidence,
      grewBecause: null,
    } as const;
    if (this.life === null) {
      const why = 'no wear seen yet, and nothing is known of the life of such components';
      return { ...base, remainingHours: null, method: null, why, confidence: 0 };
    }
    const why = `no wear seen yet: the life of such components (Weibull, shape ${this.life.shape}, scale ${this.life.scaleHours} h), given that this one is ${this.ageHours.toFixed(1)} h old`;
    const remainingHours = conditionalLife(this.life, this.ageHours);
    return { ...base, remainingHours, method: 'weibull_prior', why, confidence: confidenceOf(remainingHours) };
  }

  private evidence(onsetHours: number | null, points: number): ForecastEvidence {
    return {
      signal: this.config.signal,
      unit: this.unit,
      healthIndex: this.index.current,
      ageHours: this.ageHours,
      hoursSinceOnset: onsetHours === null ? null : this.ageHours - onsetHours,
      points,
    };
  }
}

/** Why nothing is told though wear shows; null where the forecast stands. */
function doubtOf({ p10, p90 }: Quantiles): string | null {
  if (p90 <= widestRatio * p10) return null;
  const span = `${p10.toPrecision(2)} h or ${p90.toPrecision(2)} h`;
  return `wear shows, but not yet by which course it grows: the end may lie ${span} away`;
}

/** A machine type may tell wear by another signal than it did: a baseline of that one says nothing of this one. */
const isLearnedFrom = ({ signal, countedFrom }: DegradationConfig, saved: WearTrackerState): boolean =>
  saved.signal === undefined ? countedFrom === 0 : saved.signal === signal;

/** 1 for a point, near 0 for a spread from nothing to twice the middle. */
export const confidenceOf = ({ p10, p90 }: Quantiles): number => (p90 + p10 > 0 ? 1 - (p90 - p10) / (p90 + p10) : 1);
