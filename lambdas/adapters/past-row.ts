import type { PastRow } from '../../core/api/past.ts';
import { decisions, severities } from '../../core/detection/observation.ts';
import type { MachineType } from '../../core/machine-types/definition.ts';
import { readQuality } from './quality-text.ts';

/** A row of the time-series store by the names of series-layout.ts. */
export type StoredRow = Readonly<Record<string, string | number | null | undefined>>;

const contextPrefix = 'context_';

/** What was written by series-layout.ts, read again; a row without conclusions tells no state. */
export function readPastRow(
  row: StoredRow,
  {
    atMs,
    signals,
    life,
  }: { readonly atMs: number; readonly signals: MachineType['signals']; readonly life: StoredRow },
): PastRow | undefined {
  const health = numberOf(row.health);
  const severity = severities.find((one) => one === row.severity);
  const decision = decisions.find((one) => one === row.decision);
  if (health === null || severity === undefined || decision === undefined) return undefined;
  const columns = (suffix: string): Record<string, number | null> =>
    Object.fromEntries(signals.map(({ name }) => [name, numberOf(row[`${name}${suffix}`])]));
  return {
    atMs,
    sequence: numberOf(row.sequence),
    phase: textOf(row.phase) || null,
    context: readContext(row),
    severity,
    decision,
    healthPercent: health,
    codes: listOf(row.codes),
    values: columns(''),
    expected: columns('_expected'),
    doubtful: readQuality(textOf(row.quality), signals),
    life: readLife(life),
  };
}

function readContext(row: StoredRow): PastRow['context'] {
  const entries = Object.entries(row).filter(([name, value]) => name.startsWith(contextPrefix) && textOf(value) !== '');
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(contextPrefix.length), textOf(value)]));
}

function readLife(row: StoredRow): PastRow['life'] {
  const [p10, p50, p90] = [row.rul_p10_hours, row.rul_p50_hours, row.rul_p90_hours].map(numberOf);
  if (p10 == null || p50 == null || p90 == null) return null;
  return { component: textOf(row.rul_component), hours: { p10, p50, p90 } };
}

const textOf = (value: StoredRow[string]): string => (value == null ? '' : String(value));
const listOf = (value: StoredRow[string]): string[] => textOf(value).split(',').filter(Boolean);
const numberOf = (value: StoredRow[string]): number | null => (value == null || value === '' ? null : Number(value));
