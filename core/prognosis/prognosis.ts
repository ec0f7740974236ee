import type { Observation, ValueQuality } from '../detection/observation.ts';
import type { MachineType } from '../machine-types/definition.ts';
import { type Experience, noExperience } from './choose.ts';
import type { DegradationConfig, ToolWearConfig } from './config.ts';
import { CycleMeter, type CycleMeterState } from './cycle-meter.ts';
import type { Forecast, MachineForecast } from './forecast.ts';
import type { Outlook } from './life-ensemble.ts';
import { findMaintenance } from './maintenance.ts';
import type { FinishedLife } from './similarity.ts';
import { scaled } from './spread.ts';
import { whyStale, withhold } from './stale.ts';
import { ToolTracker, type ToolTrackerState } from './tool-tracker.ts';
import { type ComponentForecast, WearTracker, type WearTrackerState } from './wear-tracker.ts';

/**
 * One machine's remaining life, component by component. It follows the twin: it takes each observation, gates by quality, and
 * tells a forecast when asked. It reads no clock; what it remembers is `save()`, plain versioned JSON.
 */
export interface Prognosis {
  observe(observation: Watched, context: Readonly<Record<string, string | number>>): void;
  /** `atMs` is the moment of asking: old data withhold the forecast. */
  forecast(atMs: number): MachineForecast;
  /**
   * After a tool change or a repair: the component starts anew; null means the whole machine. `part` names one tool of several.
   * The finished lives come back.
   */
  renew(component: string | null, part?: string | null): readonly FinishedLife[];
  /** The curves of what wears now: what a finished life teaches from. */
  outlooks(): readonly Outlook[];
  save(): PrognosisState;
}

/** What it needs of an observation. */
export type Watched = Pick<
  Observation,
  'machineId' | 'sampledAtMs' | 'values' | 'expected' | 'quality' | 'phase' | 'disposition'
>;

export const prognosisStateVersion = 1;

export interface PrognosisState {
  readonly schema: 'prognosis';
  readonly version: typeof prognosisStateVersion;
  readonly machineId: string;
  readonly machineType: string;
  readonly lastAtMs: number;
  readonly qualities: readonly ValueQuality[];
  readonly wears: readonly (WearTrackerState | null)[];
  readonly tools: readonly (readonly ToolTrackerState[] | null)[];
  readonly cycles: CycleMeterState | null;
}

/** More tools than any magazine holds; the one not used for longest makes room, as where each edge has a name of its own. */
const mostParts = 200;

export function createPrognosis(
  type: MachineType,
  options: { readonly saved?: PrognosisState; readonly experience?: Experience } = {},
): Prognosis {
  const { saved } = options;
  if (saved !== undefined && (saved.schema !== 'prognosis' || saved.version !== prognosisStateVersion)) {
    throw new RangeError(`prognosis state: got ${saved.schema} version ${saved.version}, allowed is prognosis 1`);
  }
  const fits = saved?.machineType === type.name && saved.wears.length === type.prognosis.wears.length;
  return new MachinePrognosis(type, options.experience ?? noExperience, fits ? saved : undefined);
}

interface Wear {
  readonly config: DegradationConfig | ToolWearConfig;
  readonly at: number;
  readonly whileAt: number;
  readonly referenceAt: number;
  readonly compensationAt: number;
  readonly minutesAt: number;
  tracker: WearTracker | null;
  readonly tools: Map<string, ToolTracker>;
}

class MachinePrognosis implements Prognosis {
  private readonly type: MachineType;
  private readonly experience: Experience;
  private readonly wears: readonly Wear[];
  private readonly cycles: CycleMeter | null;
  private readonly cycleAt: number;
  private machineId: string;
  private lastAtMs: number;
  private qualities: readonly ValueQuality[];

  constructor(type: MachineType, experience: Experience, saved: PrognosisState | undefined) {
    const config = type.prognosis;
    this.type = type;
    this.experience = experience;
    this.machineId = saved?.machineId ?? '';
    this.lastAtMs = saved?.lastAtMs ?? 0;
    this.qualities = saved?.qualities ?? [];
    this.wears = config.wears.map((wear, i) => this.openWear(wear, saved, i));
    this.cycleAt = config.cycleSignal === null ? -1 : this.indexOf(config.cycleSignal);
    this.cycles = this.cycleAt < 0 ? null : new CycleMeter(saved?.cycles ?? undefined);
  }

  observe(observation: Watched, context: Readonly<Record<string, string | number>>): void {
    if (observation.disposition !== 'used') return;
    this.machineId = observation.machineId;
    this.lastAtMs = observation.sampledAtMs;
    this.qualities = observation.quality;
    this.cycles?.update(trustedAt(observation, this.cycleAt), observation.sampledAtMs);
    for (const wear of this.wears) {
      if (!isTrusted(observation.quality[wear.at])) continue;
      if (wear.config.kind === 'degradation') this.followWear(wear, wear.config, observation);
      else this.followTool(wear, wear.config, observation, context);
    }
  }

  forecast(atMs: number): MachineForecast {
    const components = this.wears.flatMap((wear) => this.forecastsOf(wear, atMs));
    const nextMaintenance = findMaintenance(components, this.type);
    return { machineId: this.machineId, atMs, components, nextMaintenance };
  }

  renew(component: string | null, part: string | null = null): readonly FinishedLife[] {
    const finished: FinishedLife[] = [];
    for (const wear of this.wears) {
      if (component !== null && wear.config.component !== component) continue;
      const life = wear.tracker?.finish() ?? null;
      if (life !== null) finished.push(life);
      if (wear.config.kind === 'degradation') wear.tracker = this.newTracker(wear.config);
      else if (part === null) wear.tools.clear();
      else wear.tools.delete(part);
    }
    return finished;
  }

  outlooks(): readonly Outlook[] {
    return this.wears.flatMap((wear) => wear.tracker?.outlook() ?? []);
  }

  save(): PrognosisState {
    return {
      schema: 'prognosis',
      version: prognosisStateVersion,
      machineId: this.machineId,
      machineType: this.type.name,
      lastAtMs: this.lastAtMs,
      qualities: [...this.qualities],
      wears: this.wears.map((wear) => wear.tracker?.save() ?? null),
      tools: this.wears.map((wear) =>
        wear.config.kind === 'tool_wear' ? [...wear.tools.values()].map((tool) => tool.save()) : null,
      ),
      cycles: this.cycles?.save() ?? null,
    };
  }

  private openWear(config: Wear['config'], saved: PrognosisState | undefined, i: number): Wear {
    const isWear = config.kind === 'degradation';
    const minutesSignal = isWear ? null : config.minutesSignal;
    return {
      config,
      at: this.indexOf(config.signal),
      whileAt: isWear && config.while ? this.indexOf(config.while.signal) : -1,
      referenceAt: isWear && config.normalisedBy ? this.indexOf(config.normalisedBy.signal) : -1,
      compensationAt: isWear && config.compensatedBy ? this.indexOf(config.compensatedBy.signal) : -1,
      minutesAt: minutesSignal === null ? -1 : this.indexOf(minutesSignal),
      tracker: isWear ? this.newTracker(config, saved?.wears[i] ?? undefined) : null,
      tools: new Map(
        (saved?.tools[i] ?? []).map((tool) => [
          tool.part ?? '',
          this.newTool(config as ToolWearConfig, tool.part, tool),
        ]),
      ),
    };
  }

  private followWear(wear: Wear, config: DegradationConfig, observation: Watched): void {
    const { values, expected, phase, sampledAtMs } = observation;
    if (config.phases.length > 0 && !config.phases.includes(phase ?? '')) return;
    if (wear.whileAt >= 0 && !(trustedAt(observation, wear.whileAt) >= config.while!.atLeast)) return;
    const raw = values[wear.at]! - config.countedFrom - (config.of === 'residual' ? expected[wear.at]! : 0);
    const { compensatedBy } = config;
    const beside = trustedAt(observation, wear.compensationAt);
    const added = compensatedBy ? compensatedBy.perUnit * (beside - compensatedBy.reference) : 0;
    if (Number.isNaN(added)) return;
    const plain = (config.of === 'magnitude' ? Math.abs(raw) : raw) - added;
    if (Math.abs(plain) < config.ignoreBelow) return;
    const { normalisedBy: by } = config;
    const factor = by === undefined ? 1 : (by.reference / trustedAt(observation, wear.referenceAt)) ** by.power;
    // No speed, or no flow, to tell it by: a standstill shows no wear.
    if (!Number.isFinite(factor)) return;
    wear.tracker!.update(plain * factor, sampledAtMs);
  }

  private followTool(
    wear: Wear,
    config: ToolWearConfig,
    observation: Watched,
    context: Readonly<Record<string, string | number>>,
  ): void {
    const part = config.partField === null ? null : String(context[config.partField] ?? '');
    if (part === '') return;
    let tool = wear.tools.get(part ?? '');
    if (tool === undefined) {
      if (wear.tools.size >= mostParts) forgetLongestUnused(wear.tools);
      tool = this.newTool(config, part);
      wear.tools.set(part ?? '', tool);
    }
    const counter = trustedAt(observation, wear.minutesAt);
    tool.update(observation.values[wear.at]!, counter, observation.sampledAtMs, this.cycles?.count ?? null);
  }

  private forecastsOf(wear: Wear, atMs: number): Forecast[] {
    const reason = this.withholdReason(wear, atMs);
    const cyclesPerHour = this.cycles?.cyclesPerHour ?? null;
    const told: readonly (readonly [ComponentForecast, number | null])[] =
      wear.tracker === null
        ? [...wear.tools.values()].map((tool) => [this.onTheClock(tool), cyclesPerCuttingHour(tool)])
        : [[wear.tracker.forecast(), cyclesPerHour]];
    return told.map(([forecast, perHour]) =>
      reason === null ? this.complete(forecast, perHour) : withhold(forecast, reason),
    );
  }

  /** As if the machine made its cycles day and night: a pause that is not planned on makes nothing late. */
  private onTheClock(tool: ToolTracker): ComponentForecast {
    const busyHours = this.cycles?.busyHoursPerCycle ?? null;
    const { minutesPerCycle } = tool;
    if (busyHours === null || minutesPerCycle === null) return tool.forecast();
    return { ...tool.forecast(), clockHoursPerHour: Math.max(1, (busyHours * 60) / minutesPerCycle) };
  }

  private complete(forecast: ComponentForecast, perHour: number | null): Forecast {
    const { remainingHours } = forecast;
    const remainingCycles = perHour === null || remainingHours === null ? null : scaled(remainingHours, perHour);
    return { ...forecast, remainingCycles, withheldBecause: forecast.status === 'withheld' ? forecast.why : null };
  }

  private withholdReason(wear: Wear, atMs: number): string | null {
    if (this.lastAtMs === 0) return 'no sample of this machine yet';
    const stale = whyStale(atMs - this.lastAtMs);
    if (stale !== null) return stale;
    const quality = this.qualities[wear.at];
    return isTrusted(quality) ? null : `${wear.config.signal} is ${quality ?? 'missing'}`;
  }

  private newTracker(config: DegradationConfig, saved?: WearTrackerState): WearTracker {
    const life = this.type.components.find((c) => c.name === config.component)?.life ?? null;
    return new WearTracker(config, { unit: this.unitOf(config.signal), life, experience: this.experience }, saved);
  }

  private newTool(config: ToolWearConfig, part: string | null, saved?: ToolTrackerState): ToolTracker {
    return new ToolTracker(config, this.unitOf(config.signal), part, saved);
  }

  private indexOf(signal: string): number {
    const index = this.type.signals.findIndex((s) => s.name === signal);
    if (index >= 0) return index;
    const allowed = this.type.signals.map((s) => s.name).join(', ');
    throw new RangeError(`prognosis of ${this.type.name}: got signal "${signal}", allowed are ${allowed}`);
  }

  private unitOf(signal: string): string {
    return this.type.signals[this.indexOf(signal)]!.unit;
  }
}

function forgetLongestUnused(tools: Map<string, ToolTracker>): void {
  const [longest] = [...tools].sort(([, a], [, b]) => (a.usedAtMs ?? 0) - (b.usedAtMs ?? 0));
  if (longest !== undefined) tools.delete(longest[0]);
}

/** A tool's hours are hours of cutting: a cycle takes fewer of them than the machine's own. */
const cyclesPerCuttingHour = ({ minutesPerCycle }: ToolTracker): number | null =>
  minutesPerCycle === null ? null : 60 / minutesPerCycle;

/** NaN where it cannot be trusted, as where there is none. */
const trustedAt = ({ values, quality }: Watched, at: number): number =>
  isTrusted(quality[at]) ? values[at]! : Number.NaN;

const isTrusted = (quality: ValueQuality | undefined): boolean => quality === 'good' || quality === 'uncertain';
