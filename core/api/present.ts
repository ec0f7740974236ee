import { describeCode } from '../detection/findings.ts';
import type { Advice, Finding, Observation, ValueQuality } from '../detection/observation.ts';
import type { MachineType } from '../machine-types/definition.ts';
import type { MachineForecast } from '../prognosis/forecast.ts';
import { formatMoment } from './moment.ts';
import type { Fleet, MachineSummary, Twin } from './schemas.ts';
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
}

export interface KeptSummary {
  readonly sampledAtMs: number;
  readonly receivedAtMs: number;
  readonly severity: Observation['severity'];
  readonly decision: Advice['decision'];
  readonly healthPercent: number;
}

export interface KeptState
  extends Pick<Observation, 'phase' | 'sequence' | 'severity' | 'health' | 'advice' | 'findings' | 'causes'> {
  readonly sampledAtMs: number;
  readonly receivedAtMs: number;
  readonly values: Readonly<Record<string, KeptValue>>;
  /** Absent in states from before there were forecasts. */
  readonly forecast?: MachineForecast | null;
  /** Absent in states from before it was kept. */
  readonly context?: Readonly<Record<string, string | number>>;
}

interface KeptValue {
  readonly value: number | null;
  readonly expected: number | null;
  readonly unit: string;
  readonly quality: ValueQuality;
}

export interface Clock {
  readonly nowMs: number;
  readonly staleAfterMs: number;
}

export function summarise(machine: Registered, kept: KeptSummary | undefined, clock: Clock): MachineSummary {
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
  const titleOf = titlesOf(type);
  return {
    ...summary,
    asOf: formatMoment(clock.nowMs),
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
    remainingLife: describeLife(kept?.forecast ?? null, titleOf.component),
    nextMaintenance: describeMaintenance(kept?.forecast ?? null, type),
    findings: (kept?.findings ?? []).map((finding) => describeFinding(finding, type)),
    causes: (kept?.causes ?? []).map((cause) => ({ ...cause, title: titleOf.failureMode(cause.failureMode) })),
    values: Object.entries(kept?.values ?? {}).map(([signal, value]) => ({
      signal,
      ...titleOf.signal(signal),
      ...value,
      ageMs: summary.ageMs ?? 0,
      quality: isLive || value.quality !== 'good' ? value.quality : 'stale',
    })),
  };
}

const briefOf = (kept: KeptState): KeptSummary => ({
  ...kept,
  decision: kept.advice.decision,
  healthPercent: kept.health.machine,
});

function describeLife(forecast: MachineForecast | null, titleOf: (component: string) => string): Twin['remainingLife'] {
  const lives = (forecast?.components ?? []).map(
    ({ component, part, status, remainingHours, method, why, confidence }) => ({
      component,
      title: titleOf(component),
      part,
      status,
      hours: remainingHours === null ? null : { ...remainingHours },
      method,
      why,
      confidence,
    }),
  );
  const soon = ({ hours }: Twin['remainingLife'][number]): number => hours?.p50 ?? Number.POSITIVE_INFINITY;
  return lives.sort((a, b) => (soon(a) < soon(b) ? -1 : soon(a) > soon(b) ? 1 : 0));
}

function describeMaintenance(forecast: MachineForecast | null, type: MachineType | undefined): Twin['nextMaintenance'] {
  const due = forecast?.nextMaintenance ?? null;
  if (due === null) return null;
  const { component, action, orderWithinHours, doneWithinHours } = due;
  const title = type?.actions.find(({ name }) => name === action)?.title ?? action;
  return { title, component, orderWithinHours, doneWithinHours };
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

/** Sites and lines in the order of their names. */
export function rollUp(machines: readonly MachineSummary[], nowMs: number): Fleet {
  const lines = [...groupByLine(machines).values()].map((members) => {
    const live = members.filter((machine) => machine.freshness === 'live');
    const count = (freshness: MachineSummary['freshness']): number =>
      members.filter((machine) => machine.freshness === freshness).length;
    const bySeverity = { normal: 0, watch: 0, warning: 0, critical: 0 };
    for (const { severity } of live) if (severity !== null) bySeverity[severity]++;
    const health = live.reduce((sum, { healthPercent }) => sum + (healthPercent ?? 0), 0) / live.length;
    return {
      site: members[0]!.site,
      line: members[0]!.line,
      machines: members.length,
      live: live.length,
      stale: count('stale'),
      never: count('never'),
      bySeverity,
      meanHealthPercent: live.length === 0 ? null : Math.round(health * 10) / 10,
    };
  });
  lines.sort((a, b) => (a.site === b.site ? a.line.localeCompare(b.line) : a.site.localeCompare(b.site)));
  return { asOf: formatMoment(nowMs), lines };
}

function groupByLine(machines: readonly MachineSummary[]): Map<string, MachineSummary[]> {
  const groups = new Map<string, MachineSummary[]>();
  for (const machine of machines) {
    const key = JSON.stringify([machine.site, machine.line]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [machine]);
    else group.push(machine);
  }
  return groups;
}
