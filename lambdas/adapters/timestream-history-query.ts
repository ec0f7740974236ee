import { samplesColumn } from '../../core/api/series-rollups.ts';
import { type HistoryRequest, lifeQuantiles } from '../ports/series-reader.ts';

/** A part of the range that a rollup has, whole intervals, and the table it is in. */
export interface RolledPart {
  readonly table: string;
  readonly known: ReadonlySet<string>;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface HistoryQuery {
  readonly request: HistoryRequest;
  /** Those of the request that the samples have. */
  readonly signals: readonly string[];
  readonly known: ReadonlySet<string>;
  readonly table: string;
  readonly rolled?: RolledPart;
}

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const inRange = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): string =>
  `time >= from_milliseconds(${Math.round(fromMs)}) AND time < from_milliseconds(${Math.round(toMs)})`;

/** A number of which the mean, and for a signal the extremes, are told, under names made of `as`. */
interface Told {
  readonly column: string;
  readonly mean: string;
  readonly extremes: readonly [least: string, greatest: string] | null;
}

/**
 * The history of one machine. Where a rollup has a part of the range, its rows stand beside the samples of the rest, each
 * as a sum with its count and its extremes, so that the mean of an interval of both is the mean of its samples.
 */
export function writeHistoryQuery(query: HistoryQuery): string {
  const { request } = query;
  const told = listTold(query);
  const interval = `bin(time, ${Math.round(request.resolutionS)}s)`;
  const parts = query.rolled === undefined ? [] : [selectRolled(query, query.rolled, told)];
  return `SELECT to_milliseconds(${interval}) AS at, sum(samples) AS samples, min(health) AS health${told.map(summarise).join('')}
    FROM (${[selectSamples(query, told), ...parts].join(' UNION ALL ')}) AS parts
    GROUP BY ${interval} ORDER BY 1 LIMIT ${Math.round(request.limit)}`;
}

function listTold({ signals, known }: HistoryQuery): Told[] {
  const means = (column: string, mean: string): Told[] => (known.has(column) ? [{ column, mean, extremes: null }] : []);
  return [
    ...signals.flatMap((name, i): Told[] => [
      { column: name, mean: `mean${i}`, extremes: [`min${i}`, `max${i}`] },
      ...means(`${name}_expected`, `expected${i}`),
    ]),
    ...lifeQuantiles.flatMap((quantile) => means(`rul_${quantile}_hours`, quantile)),
  ];
}

function summarise({ mean, extremes }: Told): string {
  const ends =
    extremes === null ? '' : `, min(${extremes[0]}) AS ${extremes[0]}, max(${extremes[1]}) AS ${extremes[1]}`;
  return `, sum(${mean}_sum) / nullif(sum(${mean}_count), 0) AS ${mean}${ends}`;
}

function selectSamples({ request, table, rolled }: HistoryQuery, told: readonly Told[]): string {
  const columns = told.map(({ column, mean, extremes }) => {
    const value = quoteName(column);
    const count = `CASE WHEN ${value} IS NULL THEN 0 ELSE 1 END`;
    const ends = extremes === null ? '' : `, ${value} AS ${extremes[0]}, ${value} AS ${extremes[1]}`;
    return `, ${value} AS ${mean}_sum, cast(${count} AS DOUBLE) AS ${mean}_count${ends}`;
  });
  const rest = rolled === undefined ? inRange(request) : outside(request, rolled);
  return `SELECT time, cast(1 AS DOUBLE) AS samples, health${columns.join('')}
    FROM ${table} WHERE machine_id = ${quoteText(request.machineId)} AND ${rest}`;
}

function outside(range: HistoryRequest, rolled: RolledPart): string {
  const before = inRange({ fromMs: range.fromMs, toMs: rolled.fromMs });
  const after = inRange({ fromMs: rolled.toMs, toMs: range.toMs });
  return rolled.fromMs <= range.fromMs ? after : `((${before}) OR (${after}))`;
}

function selectRolled({ request }: HistoryQuery, rolled: RolledPart, told: readonly Told[]): string {
  const of = (kind: string, column: string): string =>
    rolled.known.has(column)
      ? `CASE measure_name WHEN '${kind}' THEN ${quoteName(column)} END`
      : 'cast(NULL AS DOUBLE)';
  const columns = told.map(({ column, mean, extremes }) => {
    const ends =
      extremes === null ? '' : `, ${of('min', column)} AS ${extremes[0]}, ${of('max', column)} AS ${extremes[1]}`;
    return `, ${of('sum', column)} AS ${mean}_sum, ${of('count', column)} AS ${mean}_count${ends}`;
  });
  return `SELECT time, ${of('count', samplesColumn)} AS samples, ${of('min', 'health')} AS health${columns.join('')}
    FROM ${rolled.table} WHERE machine_id = ${quoteText(request.machineId)} AND ${inRange(rolled)}`;
}
