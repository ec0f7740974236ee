import type { Quantiles } from '../../core/prognosis/spread.ts';
import type { SeriesRow } from '../ports/series-writer.ts';
import { writeQuality } from './quality-text.ts';

/** How a row stands in a time-series store: the names that dashboards and APIs ask for, whichever store it is. */
export interface SeriesField {
  readonly name: string;
  readonly kind: 'double' | 'bigint' | 'varchar';
  readonly value: number | string;
}

export function tagsOf({ sample, machine }: SeriesRow): readonly (readonly [name: string, value: string])[] {
  const tags: [string, string][] = [
    ['machine_id', sample.machineId],
    ['machine_type', sample.machineType],
  ];
  if (machine.site !== '') tags.push(['site', machine.site]);
  if (machine.line !== '') tags.push(['line', machine.line]);
  return tags;
}

/**
 * Each signal under its name, its expectation under `<name>_expected`, and the conclusions. A straggler or a
 * duplicate has signals only: nothing was concluded from it. Context is text, because one column has one type.
 */
export function fieldsOf({ type, sample, observation, forecast, isForecastNew }: SeriesRow): SeriesField[] {
  const fields: SeriesField[] = [];
  const isUsed = observation.disposition === 'used';
  type.signals.forEach(({ name }, i) => {
    addDouble(fields, name, sample.values[i]);
    if (isUsed) addDouble(fields, `${name}_expected`, observation.expected[i]);
  });
  if (sample.sequence !== null) fields.push({ name: 'sequence', kind: 'bigint', value: sample.sequence });
  if (sample.phase) fields.push({ name: 'phase', kind: 'varchar', value: sample.phase });
  for (const [name, value] of Object.entries(sample.context)) {
    if (value !== '') fields.push({ name: `context_${name}`, kind: 'varchar', value: String(value) });
  }
  fields.push({ name: 'disposition', kind: 'varchar', value: observation.disposition });
  if (isUsed) addConclusions(fields, { type, observation });
  if (isForecastNew) {
    addRemainingLife(fields, forecast);
    if (isUsed) fields.push({ name: 'component_health', kind: 'varchar', value: writeComponents(observation.health) });
  }
  return fields;
}

/** Once a minute, the worst first. As one text: a plant's own types name components that no dashboard knows. */
const writeComponents = ({ components }: SeriesRow['observation']['health']): string =>
  Object.entries(components)
    .toSorted(([, a], [, b]) => a - b)
    .map(([name, health]) => `${name} ${Math.round(health)} %`)
    .join(', ') || 'none';

const conclusionDoubles = ['health', 'rul_p10_hours', 'rul_p50_hours', 'rul_p90_hours'];
const conclusionTexts = [
  'severity',
  'decision',
  'codes',
  'quality',
  'disposition',
  'rul_component',
  'component_health',
];

/**
 * Every column that machines of these types may bring, context and phase aside, with a value that says nothing: a store
 * that knows its columns from rows only can be taught them before the first fault comes.
 */
export function listColumns(types: readonly SeriesRow['type'][]): SeriesField[] {
  const signals = new Set(types.flatMap((type) => type.signals.map(({ name }) => name)));
  const doubles = [...conclusionDoubles, ...[...signals].flatMap((name) => [name, `${name}_expected`])];
  return [
    ...doubles.map((name) => ({ name, kind: 'double' as const, value: 0 })),
    ...conclusionTexts.map((name) => ({ name, kind: 'varchar' as const, value: 'none' })),
  ];
}

function addConclusions(fields: SeriesField[], { type, observation }: Pick<SeriesRow, 'type' | 'observation'>): void {
  addDouble(fields, 'health', observation.health.machine);
  fields.push({ name: 'severity', kind: 'varchar', value: observation.severity });
  fields.push({ name: 'decision', kind: 'varchar', value: observation.advice.decision });
  const codes = observation.findings.map((finding) => finding.code).join(',');
  if (codes !== '') fields.push({ name: 'codes', kind: 'varchar', value: codes });
  const doubtful = writeQuality(type.signals, observation.quality);
  if (doubtful !== '') fields.push({ name: 'quality', kind: 'varchar', value: doubtful });
}

/** Of the component that ends first, once a minute. */
function addRemainingLife(fields: SeriesField[], forecast: SeriesRow['forecast']): void {
  let first: { readonly component: string; readonly hours: Quantiles } | null = null;
  for (const { component, remainingHours: hours } of forecast?.components ?? []) {
    if (hours !== null && (first === null || hours.p50 < first.hours.p50)) first = { component, hours };
  }
  if (first === null) return;
  addDouble(fields, 'rul_p10_hours', first.hours.p10);
  addDouble(fields, 'rul_p50_hours', first.hours.p50);
  addDouble(fields, 'rul_p90_hours', first.hours.p90);
  fields.push({ name: 'rul_component', kind: 'varchar', value: first.component });
}

function addDouble(fields: SeriesField[], name: string, value: number | undefined): void {
  if (value !== undefined && Number.isFinite(value)) fields.push({ name, kind: 'double', value });
}
