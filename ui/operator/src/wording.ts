import type { MachineSummary } from '../../../core/api/schemas.ts';
import type { Decision, Severity, ValueQuality } from '../../../core/detection/observation.ts';

/** How things are said to a person: words first, with a sign that needs no colour. */
export const decisionWords: Readonly<Record<Decision, string>> = {
  proceed: 'Proceed',
  watch: 'Keep watching',
  human_review: 'A person must look',
  schedule_intervention: 'Schedule maintenance',
  do_not_proceed: 'Do not proceed',
};

export const qualityWords: Readonly<Record<ValueQuality, string>> = {
  good: 'good',
  uncertain: 'uncertain',
  missing: 'missing',
  stuck: 'stuck',
  out_of_range: 'out of range',
  stale: 'stale',
  bad: 'bad',
};

/** What one look at a machine must tell. */
export type State = 'critical' | 'stale' | 'warning' | 'watch' | 'normal' | 'never';

/** The most urgent first. A silent machine comes before a warning: nobody knows what it does. */
export const statesByUrgency: readonly State[] = ['critical', 'stale', 'warning', 'watch', 'normal', 'never'];

export const stateSigns: Readonly<Record<State, string>> = {
  critical: '✖',
  stale: '?',
  warning: '▲',
  watch: '◆',
  normal: '●',
  never: '○',
};

export const stateWords: Readonly<Record<State, string>> = {
  critical: 'Critical',
  stale: 'Stale',
  warning: 'Warning',
  watch: 'Watch',
  normal: 'Normal',
  never: 'No data yet',
};

export function stateOf({ freshness, severity }: Pick<MachineSummary, 'freshness' | 'severity'>): State {
  if (freshness !== 'live') return freshness;
  return (severity ?? 'normal') satisfies Severity;
}

/** The page cannot reach the server: nothing it shows is live any more. */
export function asCutOff<T extends Pick<MachineSummary, 'freshness' | 'decision' | 'ageMs'>>(machine: T): T {
  if (machine.freshness === 'never') return machine;
  return { ...machine, freshness: 'stale', decision: 'do_not_proceed', ageMs: null };
}

export function formatNumber(value: number | null): string {
  if (value === null) return '–';
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

export const formatValue = (value: number | null, unit: string): string =>
  value === null ? 'no value' : unit === '' ? formatNumber(value) : `${formatNumber(value)} ${unit}`;

/** Coarse: an age is read, not measured. */
export function formatAge(ageMs: number | null): string {
  if (ageMs === null) return 'never';
  return `${formatSpan(ageMs)} ago`;
}

const yearMs = 365.25 * 86_400_000;

/** How long a machine has been in service, from the day that the registry names. */
export function formatService(day: string, asOf: string): string {
  const spanMs = Math.max(0, Date.parse(asOf) - Date.parse(day));
  return spanMs < 2 * yearMs ? formatSpan(spanMs) : `${(spanMs / yearMs).toFixed(1)} years`;
}

export function formatSpan(spanMs: number): string {
  const s = spanMs / 1000;
  if (s < 60) return `${Math.floor(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  return s < 172_800 ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / 86_400)} days`;
}

const wholeEur = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR', maximumFractionDigits: 0 });
export const formatEur = (eur: number): string => wholeEur.format(eur);

export const formatPercent = (share: number): string => `${Math.round(share * 100)} %`;

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});
const dated = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});

/** In the viewer's zone, which is named; with the day when it is another. */
export function formatTime(at: string | number, nowMs = Date.now()): string {
  const date = new Date(at);
  return (date.toDateString() === new Date(nowMs).toDateString() ? clock : dated).format(date);
}

/** As a field of type datetime-local has it: in the viewer's zone, without naming it. */
export function toFieldTime(atMs: number): string {
  const offsetMs = new Date(atMs).getTimezoneOffset() * 60_000;
  return new Date(atMs - offsetMs).toISOString().slice(0, 16);
}

/** Certificates, logs, mails and incidents go by the id: it stands beside a name that is another. */
export const nameInFull = ({ name, machineId }: { readonly name: string; readonly machineId: string }): string =>
  name === machineId ? name : `${name} (${machineId})`;
