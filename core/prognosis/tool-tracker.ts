import type { ToolWearConfig } from './config.ts';
import { type Told, tell } from './steady.ts';
import { type TaylorSettings, taylorDefaults, taylorLife, type WearReading } from './taylor.ts';
import { type ComponentForecast, confidenceOf } from './wear-tracker.ts';

/** Plain JSON. */
export interface ToolTrackerState {
  readonly part: string | null;
  readonly cutMinutes: number;
  readonly lastAtMs: number | null;
  readonly lastCounter: number | null;
  readonly wear: number;
  readonly spacingMinutes: number;
  readonly readings: readonly WearReading[];
  readonly told: Told | null;
  /** Both absent in states from before they were kept. */
  readonly metCycle?: number | null;
  readonly pace?: Pace | null;
  /** Why it began anew, until that is told; absent otherwise. */
  readonly restartedBecause?: string;
}

/** The cycles of the machine against the minutes this edge has cut, each taken where a cycle began. */
interface Pace {
  readonly firstCycle: number;
  readonly firstMinutes: number;
  readonly lastCycle: number;
  readonly lastMinutes: number;
}

const mostReadings = 48;
/** Readings closer than this say the same; the spacing doubles when there are too many. */
const firstSpacingMinutes = 0.25;
/** The machine's wear value falls by this share of its end of life only when another edge was put in. */
const newEdgeDrop = 0.25;
/** Longer without this tool at work, and its time at work is not counted on. */
const longestStepHours = 1 / 60;
const leastReadings = 3;

/** One edge: its wear over the minutes it has cut. Another edge in the same pocket starts anew. */
export class ToolTracker {
  private readonly config: ToolWearConfig;
  private readonly unit: string;
  private readonly part: string | null;
  private cutMinutes = 0;
  private lastAtMs: number | null = null;
  private lastCounter: number | null = null;
  private wear = 0;
  private spacingMinutes = firstSpacingMinutes;
  private readings: WearReading[] = [];
  private told: Told | null = null;
  private restartedBecause: string | null = null;
  private metCycle: number | null = null;
  private pace: Pace | null = null;

  constructor(config: ToolWearConfig, unit: string, part: string | null, saved?: ToolTrackerState) {
    this.config = config;
    this.unit = unit;
    this.part = part;
    if (saved === undefined) return;
    this.cutMinutes = saved.cutMinutes;
    this.lastAtMs = saved.lastAtMs;
    this.lastCounter = saved.lastCounter;
    this.wear = saved.wear;
    this.spacingMinutes = saved.spacingMinutes;
    this.readings = saved.readings.map((reading) => ({ ...reading }));
    this.told = saved.told;
    this.metCycle = saved.metCycle ?? null;
    this.pace = saved.pace ?? null;
    this.restartedBecause = saved.restartedBecause ?? null;
  }

  /** When it was last at work; null where it never was. */
  get usedAtMs(): number | null {
    return this.lastAtMs;
  }

  /** Minutes that this edge cuts in a cycle of the machine; null until it has met a whole one. */
  get minutesPerCycle(): number | null {
    if (this.pace === null) return null;
    const { firstCycle, firstMinutes, lastCycle, lastMinutes } = this.pace;
    return lastMinutes > firstMinutes ? (lastMinutes - firstMinutes) / (lastCycle - firstCycle) : null;
  }

  /**
   * `counter`: the minutes this edge has cut, where the machine counts them; NaN where not. `cycle`: the how-manyth the
   * machine is at; null where it counts none.
   */
  update(value: number, counter: number, atMs: number, cycle: number | null = null): void {
    if (Number.isNaN(value)) return;
    const wear = value / this.config.failureAt;
    this.noticeNewEdge(wear, counter);
    this.noticeCycle(cycle);
    this.advance(counter, atMs);
    this.wear = wear;
    const last = this.readings.at(-1);
    if (last !== undefined && this.cutMinutes - last.cutMinutes < this.spacingMinutes) return;
    if (this.readings.length >= mostReadings) {
      this.readings = this.readings.filter((_, i) => i % 2 === 1);
      this.spacingMinutes *= 2;
    }
    this.readings.push({ cutMinutes: this.cutMinutes, wear });
  }

  renew(): void {
    this.cutMinutes = 0;
    this.lastCounter = null;
    this.wear = 0;
    this.spacingMinutes = firstSpacingMinutes;
    this.readings = [];
    this.told = null;
    this.pace = null;
  }

  forecast(): ComponentForecast {
    const { component, failureMode, signal, failureAt } = this.config;
    const evidence = {
      signal,
      unit: this.unit,
      healthIndex: this.wear,
      ageHours: this.cutMinutes / 60,
      hoursSinceOnset: null,
      points: this.readings.length,
    };
    const base = { component, part: this.part, failureMode, evidence };
    if (this.wear >= 1) {
      const why = `${signal} has reached ${failureAt} ${this.unit}, the end of this edge's life`;
      const none = { p10: 0, p50: 0, p90: 0 };
      return { ...base, status: 'failed', remainingHours: none, method: null, why, confidence: 1, grewBecause: null };
    }
    if (this.readings.length < leastReadings || this.cutMinutes <= 0) {
      const why = `${this.readings.length} readings of this edge so far, ${leastReadings} are needed`;
      return {
        ...base,
        status: 'none_seen',
        remainingHours: null,
        method: null,
        why,
        confidence: 0,
        grewBecause: null,
      };
    }
    return { ...base, ...this.foresee() };
  }

  save(): ToolTrackerState {
    const { part, cutMinutes, lastAtMs, lastCounter, wear, spacingMinutes, told, metCycle, pace } = this;
    const readings = this.readings.map((reading) => ({ ...reading }));
    const state = { part, cutMinutes, lastAtMs, lastCounter, wear, spacingMinutes, readings, told, metCycle, pace };
    return this.restartedBecause === null ? state : { ...state, restartedBecause: this.restartedBecause };
  }

  private foresee() {
    const settings: TaylorSettings = { ...taylorDefaults, ...this.config };
    const now = { cutMinutes: this.cutMinutes, wear: this.wear };
    const minutes = taylorLife([...this.readings, now], settings);
    // Told in minutes of cutting: how busy the machine is must not make a tool's life grow.
    const { told, grewBecause } = tell(this.told, { atHours: this.cutMinutes, method: 'taylor', quantiles: minutes });
    this.told = { atHours: told.atHours, method: told.method, quantiles: told.quantiles };
    const cause = grewBecause ?? this.restartedBecause;
    this.restartedBecause = null;
    return {
      status: 'wearing',
      remainingHours: {
        p10: told.quantiles.p10 / 60,
        p50: told.quantiles.p50 / 60,
        p90: told.quantiles.p90 / 60,
      },
      method: 'taylor',
      why: `the three-phase wear curve, fitted to ${this.readings.length} readings over ${this.cutMinutes.toFixed(1)} min of cutting; hours are hours of cutting`,
      confidence: confidenceOf(told.quantiles),
      grewBecause: cause,
    } as const;
  }

  private noticeNewEdge(wear: number, counter: number): void {
    const counterFell = this.lastCounter !== null && counter < this.lastCounter;
    if (!counterFell && wear > this.wear - newEdgeDrop) return;
    this.renew();
    this.restartedBecause = counterFell
      ? 'the count of cut minutes started again: a new edge'
      : 'wear fell: a new edge';
  }

  private noticeCycle(cycle: number | null): void {
    const isNext = cycle !== null && this.metCycle !== null && cycle > this.metCycle;
    this.metCycle = cycle;
    if (!isNext) return;
    const now = { lastCycle: cycle, lastMinutes: this.cutMinutes };
    this.pace = { firstCycle: cycle, firstMinutes: this.cutMinutes, ...this.pace, ...now };
  }

  private advance(counter: number, atMs: number): void {
    const stepHours = this.lastAtMs === null ? 0 : Math.max(0, atMs - this.lastAtMs) / 3_600_000;
    this.lastAtMs = atMs;
    if (Number.isNaN(counter)) {
      if (stepHours <= longestStepHours) this.cutMinutes += stepHours * 60;
      return;
    }
    this.lastCounter = counter;
    this.cutMinutes = Math.max(this.cutMinutes, counter);
  }
}
