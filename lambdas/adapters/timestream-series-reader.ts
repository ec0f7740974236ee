import {
  type ColumnInfo,
  ConflictException,
  type Datum,
  InternalServerException,
  QueryCommand,
  type QueryCommandOutput,
  ThrottlingException,
  type TimestreamQueryClient,
} from '@aws-sdk/client-timestream-query';
import type { AnomalyMark } from '../../core/api/history.ts';
import type { PastRow } from '../../core/api/past.ts';
import { type Severity, severities } from '../../core/detection/observation.ts';
import {
  type AnomalyRequest,
  type HistoryColumns,
  type HistoryRequest,
  lifeQuantiles,
  longestLookBackMs,
  type PastRequest,
  type SeriesReader,
  type SignalColumns,
  StoreBusy,
} from '../ports/series-reader.ts';
import { readPastRow } from './past-row.ts';

/** A table's columns come with the first samples that have them; a new one is seen after this long. */
const columnsKnownForMs = 30_000;
/** What is told of one anomaly at least is one mark an interval. */
const markEvery = '10s';

type Row = Readonly<Record<string, string | undefined>>;

/**
 * Asks Timestream. Texts that come from outside stand in a query as quoted literals only, names as quoted names that
 * are columns of the table; numbers are written by JavaScript from numbers. Nothing else enters a query.
 */
export class TimestreamSeriesReader implements SeriesReader {
  private readonly client: TimestreamQueryClient;
  private readonly table: string;
  private readonly nowMs: () => number;
  private columns: { readonly names: ReadonlySet<string>; readonly untilMs: number } | null = null;

  constructor(
    client: TimestreamQueryClient,
    place: { readonly database: string; readonly table: string },
    nowMs: () => number,
  ) {
    this.client = client;
    this.table = `${quoteName(place.database)}.${quoteName(place.table)}`;
    this.nowMs = nowMs;
  }

  async history(request: HistoryRequest): Promise<HistoryColumns> {
    const known = await this.knownColumns();
    if (!known.has('health')) return emptyHistory(request.signals);
    const signals = request.signals.filter((name) => known.has(name));
    const interval = `bin(time, ${Math.round(request.resolutionS)}s)`;
    const selected = [...signals.flatMap((name, i) => selectSignal(name, i, known)), ...selectLife(known)];
    const rows = await this.ask(
      `SELECT to_milliseconds(${interval}) AS at, count(*) AS samples, min(health) AS health${selected.map((s) => `, ${s}`).join('')}
       FROM ${this.table}
       WHERE machine_id = ${quoteText(request.machineId)} AND ${inRange(request)}
       GROUP BY ${interval} ORDER BY 1 LIMIT ${Math.round(request.limit)}`,
    );
    return {
      timesMs: rows.map((row) => Number(row.at)),
      samples: rows.map((row) => Number(row.samples)),
      healthPercent: rows.map((row) => numberOf(row.health)),
      remainingHours: lifeOf(rows),
      signals: Object.fromEntries(request.signals.map((name) => [name, columnsOf(rows, signals.indexOf(name))])),
    };
  }

  async anomalyMarks(request: AnomalyRequest): Promise<readonly AnomalyMark[]> {
    if (!(await this.knownColumns()).has('codes')) return [];
    const ofMachine = request.machineId === null ? '' : `machine_id = ${quoteText(request.machineId)} AND `;
    const rows = await this.ask(
      `SELECT machine_id, codes, to_milliseconds(min(time)) AS first, to_milliseconds(max(time)) AS last,
         count(*) AS samples, min(health) AS health, max(${rankOfSeverity}) AS severity
       FROM ${this.table}
       WHERE ${ofMachine}${inRange(request)} AND codes IS NOT NULL
       GROUP BY machine_id, codes, bin(time, ${markEvery}) ORDER BY 4 DESC LIMIT ${Math.round(request.limit)}`,
    );
    return rows.map((row) => ({
      machineId: row.machine_id ?? '',
      codes: (row.codes ?? '').split(','),
      severity: severities[Number(row.severity)] ?? 'normal',
      firstMs: Number(row.first),
      lastMs: Number(row.last),
      samples: Number(row.samples),
      lowestHealthPercent: numberOf(row.health),
    }));
  }

  async rowAt({ machineId, type, atMs }: PastRequest): Promise<PastRow | undefined> {
    const known = await this.knownColumns();
    if (!known.has('health')) return undefined;
    const newest = async (selected: string, present: string): Promise<Row> => {
      const [row] = await this.ask(
        `SELECT ${selected} FROM ${this.table}
         WHERE machine_id = ${quoteText(machineId)} AND ${inRange({ fromMs: atMs - longestLookBackMs, toMs: atMs + 1 })}
           AND ${present} IS NOT NULL
         ORDER BY time DESC LIMIT 1`,
      );
      return row ?? {};
    };
    const row = await newest('*, to_milliseconds(time) AS row_at_ms', 'health');
    if (row.row_at_ms === undefined) return undefined;
    const life = known.has('rul_p50_hours') ? await newest(lifeColumns, 'rul_p50_hours') : {};
    return readPastRow(row, { atMs: Number(row.row_at_ms), signals: type.signals, life });
  }

  /** A column exists once a sample had it; asking for another is an error of the whole query. */
  private async knownColumns(): Promise<ReadonlySet<string>> {
    if (this.columns !== null && this.columns.untilMs > this.nowMs()) return this.columns.names;
    const { ColumnInfo = [] } = await this.send(`SELECT * FROM ${this.table} ORDER BY time DESC LIMIT 1`);
    const names = new Set(ColumnInfo.map((column) => column.Name ?? ''));
    this.columns = { names, untilMs: this.nowMs() + columnsKnownForMs };
    return names;
  }

  private async ask(query: string): Promise<Row[]> {
    const rows: Row[] = [];
    let token: string | undefined;
    do {
      const page = await this.send(query, token);
      rows.push(...readRows(page.ColumnInfo ?? [], page));
      token = page.NextToken;
    } while (token !== undefined);
    return rows;
  }

  private async send(QueryString: string, NextToken?: string): Promise<QueryCommandOutput> {
    try {
      return await this.client.send(
        new QueryCommand({ QueryString, ...(NextToken === undefined ? {} : { NextToken }) }),
      );
    } catch (error) {
      const isBusy =
        error instanceof ThrottlingException ||
        error instanceof InternalServerException ||
        error instanceof ConflictException;
      throw isBusy ? new StoreBusy(error.message) : error;
    }
  }
}

const lifeColumns = 'rul_p10_hours, rul_p50_hours, rul_p90_hours, rul_component';

const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const rankOfSeverity = `CASE severity ${severities.map((name: Severity, rank) => `WHEN ${quoteText(name)} THEN ${rank}`).join(' ')} ELSE 0 END`;

const inRange = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): string =>
  `time >= from_milliseconds(${Math.round(fromMs)}) AND time < from_milliseconds(${Math.round(toMs)})`;

function selectSignal(name: string, i: number, known: ReadonlySet<string>): string[] {
  const column = quoteName(name);
  const expected = `${name}_expected`;
  return [
    `avg(${column}) AS mean${i}`,
    `min(${column}) AS min${i}`,
    `max(${column}) AS max${i}`,
    ...(known.has(expected) ? [`avg(${quoteName(expected)}) AS expected${i}`] : []),
  ];
}

const selectLife = (known: ReadonlySet<string>): string[] =>
  lifeQuantiles
    .filter((quantile) => known.has(`rul_${quantile}_hours`))
    .map((quantile) => `avg(${quoteName(`rul_${quantile}_hours`)}) AS ${quantile}`);

const lifeOf = (rows: readonly Row[]): HistoryColumns['remainingHours'] => ({
  p10: rows.map((row) => numberOf(row.p10)),
  p50: rows.map((row) => numberOf(row.p50)),
  p90: rows.map((row) => numberOf(row.p90)),
});

/** Before the first sample the table has no columns to ask for. */
const emptyHistory = (signals: readonly string[]): HistoryColumns => ({
  timesMs: [],
  samples: [],
  healthPercent: [],
  remainingHours: lifeOf([]),
  signals: Object.fromEntries(signals.map((name) => [name, columnsOf([], -1)])),
});

const columnsOf = (rows: readonly Row[], i: number): SignalColumns => ({
  mean: rows.map((row) => numberOf(row[`mean${i}`])),
  min: rows.map((row) => numberOf(row[`min${i}`])),
  max: rows.map((row) => numberOf(row[`max${i}`])),
  expected: rows.map((row) => numberOf(row[`expected${i}`])),
});

const numberOf = (text: string | undefined): number | null => (text === undefined ? null : Number(text));

function readRows(columns: readonly ColumnInfo[], { Rows = [] }: QueryCommandOutput): Row[] {
  const names = columns.map((column) => column.Name ?? '');
  return Rows.map(({ Data = [] }) =>
    Object.fromEntries(Data.map((datum: Datum, i) => [names[i] ?? '', datum.ScalarValue])),
  );
}
