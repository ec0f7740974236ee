import { describeCode } from '../detection/findings.ts';
import type { Advice, Finding, Observation, ValueQuality } from '../detection/observation.ts';
import type { Condition } from '../learning/machine-condition.ts';
import type { MachineType } from '../machine-types/definition.ts';
import type { MachineForecast } from '../prognosis/forecast.ts';
import { asOfNow } from '../prognosis/stale.ts';
import type { Criticality } from './criticality.ts';
import type { KeptDue } from './due.ts';
import { bySoonest, presentDue } from './life.ts';
import { formatMoment } from './moment.ts';
import type { MachineSummary, Twin } from './schemas.ts';
import { titleOfSignal } from './titles.ts';

/**
 * What is told of a machine's kept state at a given moment. A state that is too old is no longer what is: its values
 * turn stale and its advice to `do_not_proceed`, whatever it was.
 */
export interface Registered {
  readonly machineId: string;
  readonly machineType: string;
  readonly name: string;
  readonly site: string;
  readonly line: string;
  /** Absent or null where the registry names no price of its own. */
  readonly downtimeEurPerHour?: number | null;
  /** Absent where nobody said. */
  readonly criticality?: Criticality;
  /** A day, like 2024-05-01. */
  readonly commissionedOn?: string | null;
}

export interface KeptSummary {
  readonly sampledAtMs: number;
  readonly receivedAtMs: number;
  readonly severity: Observation['severity'];
  readonly decision: Advice['decision'];
  readonly healthPercent: number;
  /** Absent where nothing is due. */
  readonly due?: KeptDue | null;
}

export interface KeptState
  extends Pick<Observation, 'phase' | 'sequence' | 'severity' | 'health' | 'advice' | 'findings' | 'causes'> {
  readonly sampledAtMs: number;
  readonly receivedAtMs: number;
  readonly values: Readonly<Record<string, KeptValue>>;
  /** Absent in states from before there were forecasts. */
  readonly forecast?: MachineForecast | null;
  /** Absent in states from before there were state models. */
  readonly condition?: Condition | null;
  /** Absent in states from before it was kept. */
  readonly context?: Readonly<Record<string, string | number>>;
}

interface KeptValue {
  readonly value: number | null;
  readonly expected: number | null;
  readonly unit: string;
  readonly quality: ValueQuality;
  /** How much older than its sample the last believable value is; absent where it is the sample's own. */
  readonly olderByMs?: number;
}

export interface Clock {
  readonly nowMs: number;
  readonly staleAfterMs: number;
}

export function summarise(known: Registered, kept: KeptSummary | undefined, clock: Clock): MachineSummary {
  const { downtimeEurPerHour: _price, commissionedOn: _day, criticality = 'medium', ...rest } = known;
  const machine = { ...rest, criticality };
  if (kept === undefined) {
    const nothing = { sampledAt: null, ageMs: null, severity: null, healthPercent: null };
    return { ...machine, freshness: 'never', ...nothing, decision: 'do_not_proceed' };
  }
  const ageMs = ageOf(kept, clock);
  const freshness = ageMs > clock.staleAfterMs ? 'stale' : 'live';
  return {
    ...machine,
    freshness,
    sampledAt: formatMoment(kept.sampledAtMs),
    ageMs,
    severity: kept.severity,
    decision: freshness === 'live' ? kept.decision : 'do_not_proceed',
    healthPercent: kept.healthPercent,
  };
}

/** What is left, as told by the machine's last word; withheld once that is too old. */
export const forecastOf = (kept: KeptState | undefined, nowMs: number): MachineForecast | null =>
  kept === undefined ? null : asOfNow(kept.forecast ?? null, nowMs - kept.receivedAtMs);

/** By arrival: a machine's own clock may be wrong. */
const ageOf = ({ receivedAtMs }: { readonly receivedAtMs: number }, { nowMs }: Clock): number =>
  Math.max(0, Math.round(nowMs - receivedAtMs));

export function present(
  machine: Registered,
  kept: KeptState | undefined,
  { type, clock }: { readonly type: MachineType | undefined; readonly clock: Clock },
): Twin {
  const summary = summarise(machine, kept === undefined ? undefined : briefOf(kept), clock);
  const isLive = summary.freshness === 'live';
  const forecast = forecastOf(kept, clock.nowMs);
  const titleOf = titlesOf(type);
  return {
    ...summary,
    asOf: formatMoment(clock.nowMs),
    commissionedOn: machine.commissionedOn ?? null,
    rebuilt: null,
    phase: kept?.phase ?? null,
    context: { ...kept?.context },
    sequence: kept?.sequence ?? null,
    advice:
      isLive && kept !== undefined ? { ...kept.advice, wouldChange: [...kept.advice.wouldChange] } : silent(summary),
    components: Object.entries(kept?.health.components ?? {}).map(([component, healthPercent]) => ({
      component,
      title: titleOf.component(component),
      healthPercent,
    })),
    remainingLife: describeLives(forecast, titleOf.component),
    condition: isLive ? describeCondition(kept?.condition ?? null) : null,
    nextMaintenance: presentDue(forecast, type),
    findings: (kept?.findings ?? []).map((finding) => describeFinding(finding, type)),
    causes: (kept?.causes ?? []).map((cause) => ({ ...cause, title: titleOf.failureMode(cause.failureMode) })),
    values: Object.entries(kept?.values ?? {}).map(([signal, { olderByMs = 0, ...value }]) => ({
      signal,
      ...titleOf.signal(signal),
      ...value,
      ageMs: (summary.ageMs ?? 0) + olderByMs,
      quality: isLive || value.quality !== 'good' ? value.quality : 'stale',
    })),
  };
}

const briefOf = (kept: KeptState): KeptSummary => ({
  ...kept,
  decision: kept.advice.decision,
  healthPercent: kept.health.machine,
});

function describeLives(forecast: MachineForecast | null, titleOf: (component: string) => string) {
  return [...(forecast?.components ?? [])]
    .sort(bySoonest)
    .map(({ component, part, status, remainingHours, method, why, confidence }) => ({
      component,
      title: titleOf(component),
      part,
      status,
      hours: remainingHours === null ? null : { ...remainingHours },
      method,
      why,
      confidence,
    }));
}

const describeFinding = (finding: Finding, type: MachineType | undefined): Twin['findings'][number] => ({
  ...finding,
  title: type === undefined ? finding.code : describeCode(type.detection, finding.code).title,
  evidence: finding.evidence.map((evidence) => ({ ...evidence })),
});

function silent({ freshness }: MachineSummary): Twin['advice'] {
  return {
    decision: 'do_not_proceed',
    action: 'Look after the machine where it stands, and restore its connection',
    requiredCheck: 'Machine, gateway and network, then a sample with all values good',
    rationale:
      freshness === 'never'
        ? 'The machine is registered and has not sent a sample yet'
        : 'Nothing has arrived for too long: what is shown is how it was, not how it is',
    confidence: 0.98,
    wouldChange: ['Fresh samples arrive again'],
  };
}

function titlesOf(type: MachineType | undefined) {
  const named = <T extends { readonly name: string }>(list: readonly T[] | undefined, name: string): T | undefined =>
    list?.find((entry) => entry.name === name);
  return {
    component: (name: string): string => named(type?.components, name)?.title ?? name,
    failureMode: (name: string): string => named(type?.failureModes, name)?.title ?? name,
    signal: (name: string): { title: string; component: string | null } => {
      const signal = named(type?.signals, name);
      return { title: titleOfSignal(signal ?? { name, unit: '' }), component: signal?.component ?? null };
    },
  };
}

const describeCondition = (condition: Condition | null): Twin['condition'] =>
  condition && {
    state: condition.state,
    probabilities: { ...condition.probabilities },
    modelVersion: condition.modelVersion,
    drift: condition.drift.map(({ feature, index, limit }) => ({ feature, index, limit })),
  };
