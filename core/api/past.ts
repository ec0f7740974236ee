import type { Decision, Severity, ValueQuality } from '../detection/observation.ts';
import type { MachineType } from '../machine-types/definition.ts';
import type { MachineForecast } from '../prognosis/forecast.ts';
import type { Quantiles } from '../prognosis/spread.ts';
import { formatMoment } from './moment.ts';
import { type KeptState, present, type Registered } from './present.ts';
import type { Twin } from './schemas.ts';

/** What a history keeps of one sample and of what the twin concluded from it. */
export interface PastRow {
  readonly atMs: number;
  readonly sequence: number | null;
  readonly phase: string | null;
  readonly context: Readonly<Record<string, string | number>>;
  readonly severity: Severity;
  readonly decision: Decision;
  readonly healthPercent: number;
  readonly codes: readonly string[];
  readonly values: Readonly<Record<string, number | null>>;
  readonly expected: Readonly<Record<string, number | null>>;
  /** Of the signals whose quality was not good. */
  readonly doubtful: Readonly<Record<string, ValueQuality>>;
  /** As it was last told before: of the component that ended first. */
  readonly life: { readonly component: string; readonly hours: Quantiles } | null;
}

/** What no history keeps: a past twin leaves it out and says so. */
const unknown = [
  'health of each component',
  'evidence and causes of the findings',
  'the advice in words, its check, confidence and what would have changed it',
  'remaining life of other components than the first, and what was due',
];

/**
 * A machine as it was: from the newest row not later than the moment asked for. Fresh or stale is judged at that moment,
 * by the machine's own clock, because the time of arrival is not in the history.
 */
export function presentPast(
  machine: Registered,
  row: PastRow | undefined,
  { type, atMs, staleAfterMs }: { readonly type: MachineType; readonly atMs: number; readonly staleAfterMs: number },
): Twin {
  const kept = row === undefined ? undefined : rebuild(row, type);
  const twin = present(machine, kept, { type, clock: { nowMs: atMs, staleAfterMs } });
  const rebuilt = { fromSampleAt: row === undefined ? null : formatMoment(row.atMs), unknown: [...unknown] };
  return { ...twin, rebuilt };
}

function rebuild(row: PastRow, type: MachineType): KeptState {
  return {
    sampledAtMs: row.atMs,
    receivedAtMs: row.atMs,
    sequence: row.sequence,
    phase: row.phase,
    context: row.context,
    severity: row.severity,
    health: { machine: row.healthPercent, components: {} },
    advice: {
      decision: row.decision,
      action: 'Nothing: this is how it was',
      requiredCheck: 'The present state, before anything is done',
      rationale: 'Rebuilt from the history, which keeps the decision and not its words',
      confidence: 0,
      wouldChange: [],
    },
    findings: row.codes.map((code) => describePastFinding(code, row.severity)),
    causes: [],
    values: Object.fromEntries(type.signals.flatMap((signal) => describePastValue(signal, row))),
    forecast: describePastLife(row),
  };
}

const describePastFinding = (code: string, severity: Severity): KeptState['findings'][number] => ({
  code,
  component: null,
  severity,
  detector: { name: 'history', version: 1 },
  evidence: [],
});

function describePastValue(
  { name, unit }: MachineType['signals'][number],
  { values, expected, doubtful }: PastRow,
): [string, KeptState['values'][string]][] {
  const value = values[name] ?? null;
  const quality = doubtful[name] ?? 'good';
  if (value === null && quality === 'good') return [];
  return [[name, { value, expected: expected[name] ?? null, unit, quality }]];
}

function describePastLife({ life, atMs }: PastRow): MachineForecast | null {
  if (life === null) return null;
  const told = {
    component: life.component,
    part: null,
    failureMode: null,
    status: 'wearing' as const,
    remainingHours: life.hours,
    remainingCycles: null,
    method: null,
    why: 'As it was told then',
    confidence: 0,
    evidence: null,
    grewBecause: null,
    withheldBecause: null,
  };
  return { machineId: '', atMs, components: [told], nextMaintenance: null };
}
