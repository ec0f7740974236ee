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
import type { AnomalyMark } from '../../core/api/anomalies.ts';
import type { PastRow } from '../../core/api/past.ts';
import { type RollupName, rollupFor, samplesColumn } from '../../core/api/series-rollups.ts';
import { type Severity, severities } from '../../core/detection/observation.ts';
import {
  type AnomalyRequest,
  type HistoryColumns,
  type HistoryRequest,
  longestLookBackMs,
  type PastRequest,
  type SeriesReader,
  type SignalColumns,
  StoreBusy,
} from '../ports/series-reader.ts';
import { readPastRow } from './past-row.ts';
import { inRange, quoteName, quoteText, type RolledPart, writeHistoryQuery } from './timestream-history-query.ts';

/** A table's columns come with the first samples that have them; a new one is seen after this long. */
const columnsKnownForMs = 30_000;
/** What is told of one anomaly at least is one mark an interval. */
const markEvery = '10s';

export interface TimestreamPlace {
  readonly database: string;
  readonly table: string;
  readonly rollups: Readonly<Record<RollupName, string>>;
}

type Row = Readonly<Record<string, string | undefined>>;

/**
 * Asks Timestream. Texts that come from outside stand in a query as quoted literals only, names as quoted names that
 * are columns of the table; numbers are written by JavaScript from numbers. Nothing else enters a query.
 */
export class TimestreamSeriesReader implements SeriesReader {
  private readonly client: TimestreamQueryClient;
  private readonly table: string;
  private readonly nowMs: () => number;
  private readonly rollups: Readonly<Record<RollupName, string>>;
  private readonly columns = new Map<string, { readonly names: ReadonlySet<string>; readonly untilMs: number }>();

  constructor(client: TimestreamQueryClient, place: TimestreamPlace, nowMs: () => number) {
    this.client = client;
    const fullName = (table: string): string => `${quoteName(place.database)}.${quoteName(table)}`;
    const { minute, hour, day } = place.rollups;
    this.table = fullName(place.table);
    this.rollups = { minute: fullName(minute), hour: fullName(hour), day: fullName(day) };
    this.nowMs = nowMs;
  }

  async history(request: HistoryRequest): Promise<HistoryColumns> {
    const known = await this.knownColumns(this.table);
    if (!known.has('health')) return emptyHistory(request.signals);
    const signals = request.signals.filter((name) => known.has(name));
    const rolled = await this.findRolled(request, signals);
    const rows = await this.ask(
      writeHistoryQuery({ request, signals, known, table: this.table, ...(rolled === undefined ? {} : { rolled }) }),
    );
    return {
      timesMs: rows.map((row) => Number(row.at)),
      samples: rows.map((row) => Number(row.samples)),
      healthPercent: rows.map((row) => numberOf(row.health)),
      remainingHours: lifeOf(rows),
      signals: Object.fromEntries(request.signals.map((name) => [name, columnsOf(rows, signals.indexOf(name))])),
    };
  }

  /** Which part of the range a rollup answers; undefined where the samples have to. */
  private async findRolled(request: HistoryRequest, signals: readonly string[]): Promise<RolledPart | undefined> {
    const rollup = rollupFor(request.resolutionS);
    if (rollup === undefined) return undefined;
    const table = this.rollups[rollup.name];
    const known = await this.knownColumns(table);
    // A machine type of the plant's own is not rolled up.
    if (!known.has(samplesColumn) || !signals.every((name) => known.has(name))) return undefined;
    const intervalMs = rollup.seconds * 1000;
    const toMs = Math.floor(request.toMs / intervalMs) * intervalMs;
    const [row] = await this.ask(
      `SELECT to_milliseconds(min(time)) AS first, to_milliseconds(max(time)) AS last FROM ${table}
       WHERE machine_id = ${quoteText(request.machineId)} AND measure_name = 'count' AND ${inRange({ ...request, toMs })}`,
    );
    if (row?.first === undefined) return undefined;
    return { table, known, fromMs: Number(row.first), toMs: Number(row.last) + intervalMs };
  }

  async anomalyMarks(request: AnomalyRequest): Promise<readonly AnomalyMark[]> {
    if (!(await this.knownColumns(this.table)).has('codes')) return [];
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
    const known = await this.knownColumns(this.table);
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
  private async knownColumns(table: string): Promise<ReadonlySet<string>> {
    const known = this.columns.get(table);
    if (known !== undefined && known.untilMs > this.nowMs()) return known.names;
    const { ColumnInfo = [] } = await this.anyRow(table);
    const names = new Set(ColumnInfo.map((column) => column.Name ?? ''));
    this.columns.set(table, { names, untilMs: this.nowMs() + columnsKnownForMs });
    return names;
  }

  /** Of these days, where there is one: without a time Timestream reads the years that a table keeps. */
  private async anyRow(table: string): Promise<QueryCommandOutput> {
    const lately = await this.send(`SELECT * FROM ${table} WHERE time > ago(3d) LIMIT 1`);
    return (lately.Rows ?? []).length > 0 ? lately : this.send(`SELECT * FROM ${table} LIMIT 1`);
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

const rankOfSeverity = `CASE severity ${severities.map((name: Severity, rank) => `WHEN ${quoteText(name)} THEN ${rank}`).join(' ')} ELSE 0 END`;

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
