import { dropoutCode } from '../../core/advice/advise.ts';
import { describeCode } from '../../core/detection/findings.ts';
import type { EpisodeTransition } from '../../core/detection/observation.ts';
import { linksOfCase } from '../../core/incidents/case-links.ts';
import type { MachineType } from '../../core/machine-types/definition.ts';
import type { TwinEvent } from '../ports/event-publisher.ts';
import type { RegisteredMachine } from '../ports/registry.ts';
import type { LifecycleEvent } from './lifecycle.ts';
import type { Told } from './machine-twins.ts';
import { describeValues, type Observed } from './present.ts';
import { describeCrossing, noteUrgency } from './tell-urgency.ts';

/** Health is told when it moved by this many points of 100: finer steps are noise to a person. */
export const healthStep = 5;

export interface TellOptions {
  readonly twinEveryMs: number;
}

export interface Telling {
  readonly present: boolean;
  readonly events: readonly TwinEvent[];
}

const nothing: Telling = { present: false, events: [] };

/** Decides what the world is told of an observation, and notes it as told. */
export function tell(observed: Observed, told: Told, options: TellOptions): Telling {
  const { observation } = observed;
  if (observation.disposition !== 'used') return nothing;
  const present =
    observation.severity !== told.severity ||
    observation.transitions.length > 0 ||
    observed.isForecastNew ||
    observed.isStateNew ||
    isPresentDue(observation.sampledAtMs, told, options) ||
    observation.sampledAtMs < told.presentAtMs;
  const hasMoved = told.health !== null && Math.abs(observation.health.machine - told.health) >= healthStep;
  const isHealthNews = hasMoved || observed.isStateNew;
  if (isHealthNews || told.health === null) told.health = observation.health.machine;
  if (present) told.presentAtMs = observation.sampledAtMs;
  told.sampledAtMs = observation.sampledAtMs;
  told.severity = observation.severity;
  const isLifeNews = observed.isForecastNew && noteLife(observed, told);
  const crossings = observed.isForecastNew ? noteUrgency(observed, told) : [];
  const modelNews = describeModelNews(observed, told);
  const isQuiet = observation.transitions.length === 0 && !isHealthNews && !isLifeNews && crossings.length === 0;
  if (isQuiet && modelNews.length === 0) {
    return present ? { present, events: [] } : nothing;
  }
  const events = observation.transitions.map((transition) => describeAnomaly(observed, transition));
  for (const transition of observation.transitions) {
    if (isAboutData(transition)) events.push(describeDataQuality(observed, transition));
  }
  if (isHealthNews) events.push(describeHealth(observed));
  if (isLifeNews) events.push(describeLife(observed));
  events.push(...crossings.map((crossing) => describeCrossing(observed, crossing)));
  events.push(...modelNews);
  return { present, events };
}

/** As near to every `twinEveryMs` as the machine's samples come: of two it is the one that is less out. */
function isPresentDue(sampledAtMs: number, told: Told, { twinEveryMs }: TellOptions): boolean {
  const stepMs = sampledAtMs - (told.sampledAtMs ?? sampledAtMs);
  return sampledAtMs - told.presentAtMs + stepMs / 2 >= twinEveryMs;
}

/** A complete case file: who reads it needs to look up nothing. */
function describeAnomaly(observed: Observed, transition: EpisodeTransition): TwinEvent {
  const { observation, machine, type } = observed;
  return {
    detailType: 'anomaly',
    eventId: `${transition.episodeId}/${transition.kind}/${observation.sampledAtMs}`,
    machineId: machine.machineId,
    atMs: observation.sampledAtMs,
    detail: {
      transition: nameIt(transition, type),
      machine,
      phase: observation.phase,
      context: observed.context,
      sequence: observation.sequence,
      findings: observation.findings,
      causes: observation.causes,
      severity: observation.severity,
      health: observation.health,
      advice: observation.advice,
      forecast: observed.forecast,
      condition: observed.condition,
      values: describeValues(observed),
      replay: replayWindow(transition, observation.sampledAtMs),
      links: linksOfCase(machine.machineId, transition),
    },
  };
}

/** Who reads of an episode calls it as the machine's type does. */
const nameIt = (transition: EpisodeTransition, { detection }: MachineType) => ({
  ...transition,
  title: describeCode(detection, transition.code).title,
});

/** What was before it began says as much as what came after. */
const replayBeforeMs = 120_000;
const replayAfterMs = 60_000;

/** The span of the telemetry to look at again, in the store or from the archive. */
const replayWindow = ({ openedAtMs }: EpisodeTransition, atMs: number) => ({
  fromMs: openedAtMs - replayBeforeMs,
  toMs: atMs + replayAfterMs,
});

/** Not the machine is in doubt but what it says of itself. */
const isAboutData = ({ code }: EpisodeTransition): boolean => code === dropoutCode || code === 'clock_skew';

function describeDataQuality(observed: Observed, transition: EpisodeTransition): TwinEvent {
  const { observation, machine } = observed;
  const values = Object.entries(describeValues(observed));
  const doubtful = values.filter(([, { quality }]) => quality !== 'good');
  return {
    detailType: 'data_quality',
    eventId: `${transition.episodeId}/${transition.kind}/${observation.sampledAtMs}/data`,
    machineId: machine.machineId,
    atMs: observation.sampledAtMs,
    detail: { machine, transition, signals: Object.fromEntries(doubtful), advice: observation.advice },
  };
}

function describeHealth({ observation, machine, condition }: Observed): TwinEvent {
  return {
    detailType: 'health',
    eventId: `${machine.machineId}/health/${observation.sampledAtMs}`,
    machineId: machine.machineId,
    atMs: observation.sampledAtMs,
    detail: {
      machine,
      health: observation.health,
      severity: observation.severity,
      advice: observation.advice,
      condition,
    },
  };
}

/** News of the model, not of the machine: another one in force, or one that no longer fits. */
function describeModelNews(observed: Observed, told: Told): TwinEvent[] {
  const { modelChange } = observed;
  const news = modelChange === null ? [] : [nameModelNews(observed, 'model_changed', { ...modelChange })];
  const condition = observed.condition;
  const drift = (condition?.drift ?? []).map(({ feature }) => feature).join(',');
  if (condition === null || drift === (told.drift ?? '')) return news;
  told.drift = drift;
  const { modelVersion } = condition;
  const features = condition.drift;
  return [...news, nameModelNews(observed, 'model_drift', { modelVersion, fits: features.length === 0, features })];
}

function nameModelNews(
  { machine, observation }: Observed,
  detailType: 'model_changed' | 'model_drift',
  detail: Readonly<Record<string, unknown>>,
): TwinEvent {
  const { machineId } = machine;
  const atMs = observation.sampledAtMs;
  return { detailType, eventId: `${machineId}/${detailType}/${atMs}`, machineId, atMs, detail: { machine, ...detail } };
}

/** A remaining life is told when a component's state changes, or its median in the second digit. */
function noteLife({ forecast }: Observed, told: Told): boolean {
  const life = (forecast?.components ?? [])
    .map(({ component, part, status, remainingHours }) =>
      [component, part, status, remainingHours?.p50.toPrecision(2)].join('/'),
    )
    .join(',');
  if (life === told.life) return false;
  told.life = life;
  return true;
}

function describeLife({ observation, machine, forecast }: Observed): TwinEvent {
  return {
    detailType: 'rul',
    eventId: `${machine.machineId}/rul/${observation.sampledAtMs}`,
    machineId: machine.machineId,
    atMs: observation.sampledAtMs,
    detail: { machine, forecast },
  };
}

export interface LifecycleTold {
  readonly lifecycle: LifecycleEvent;
  readonly machine: RegisteredMachine;
  /** As which it was watched. */
  readonly type: MachineType;
  readonly atMs: number;
  readonly sequence: string;
  /** Episodes that end because what had the fault is gone. */
  readonly transitions: readonly EpisodeTransition[];
}

export function describeLifecycle(ended: LifecycleTold): TwinEvent[] {
  const { lifecycle, machine, atMs, sequence } = ended;
  const { machineId } = machine;
  const detail = { machine, ...tellLifecycle(lifecycle) };
  const eventId = `${machineId}/lifecycle/${sequence}`;
  return [{ detailType: 'lifecycle', eventId, machineId, atMs, detail }, ...describeEnds(ended)];
}

export function describeEnds({ lifecycle, machine, type, atMs, sequence, transitions }: LifecycleTold): TwinEvent[] {
  const { machineId } = machine;
  return transitions.map((transition) => ({
    detailType: 'anomaly',
    eventId: `${transition.episodeId}/${transition.kind}/${sequence}`,
    machineId,
    atMs,
    detail: { transition: nameIt(transition, type), machine, lifecycle: tellLifecycle(lifecycle) },
  }));
}

const tellLifecycle = ({ event, component, part, report }: LifecycleEvent) => ({ event, component, part, report });
