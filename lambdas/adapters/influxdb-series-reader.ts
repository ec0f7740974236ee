import type { AnomalyMark } from '../../core/api/anomalies.ts';
import type { TimeRange } from '../../core/api/history.ts';
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
import { inParallel } from './in-parallel.ts';
import type { InfluxDbCaller } from './influxdb-caller.ts';
import type { InfluxDbPlace } from './influxdb-place.ts';
import { entriesOf, quoteName, quoteText, readSeries, type Series, type SeriesEntry } from './influxql.ts';
import { toTagText } from './line-protocol.ts';
import { readPastRow } from './past-row.ts';

/**
 * Core opens at most 432 files a query, ten minutes of a table each: 72 hours (InfluxDB 3 Core documentation,
 * `query-file-limit`). A longer range is asked in pieces below that.
 */
const longestQueryMs = 48 * 3_600_000;
const queriesInFlight = 4;
const rowsPerPage = 10_000;
/** What is told of one anomaly at least is one mark an interval. */
const markMs = 10_000;

/** Asks InfluxDB in InfluxQL, which every version answers. */
export class InfluxDbSeriesReader implements SeriesReader {
  private readonly caller: InfluxDbCaller;
  private readonly place: Pick<InfluxDbPlace, 'queryUrl'>;

  constructor(caller: InfluxDbCaller, place: Pick<InfluxDbPlace, 'queryUrl'>) {
    this.caller = caller;
    this.place = place;
  }

  async history(request: HistoryRequest): Promise<HistoryColumns> {
    const stepMs = Math.round(request.resolutionS) * 1000;
    const pieceMs = Math.max(1, Math.floor(longestQueryMs / stepMs)) * stepMs;
    const pieces = await inParallel(piecesOf(request, pieceMs), queriesInFlight, (piece) =>
      this.ask(historyQuery(request, piece)),
    );
    const rows = pieces.flat().flatMap(entriesOf).slice(0, request.limit);
    return {
      timesMs: rows.map((row) => Number(row.time)),
      samples: rows.map((row) => Number(row.samples)),
      healthPercent: columnOf(rows, 'health'),
      remainingHours: { p10: columnOf(rows, 'p10'), p50: columnOf(rows, 'p50'), p90: columnOf(rows, 'p90') },
      signals: Object.fromEntries(request.signals.map((name, i) => [name, columnsOf(rows, i)])),
    };
  }

  /** Codes are no tag to group by, so the rows that have some are gathered here, newest first. */
  async anomalyMarks(request: AnomalyRequest): Promise<readonly AnomalyMark[]> {
    const marks = new Map<string, AnomalyMark>();
    for (const piece of piecesOf(request, longestQueryMs).reverse()) {
      await this.gatherMarks(request, piece, marks);
      if (marks.size >= request.limit) break;
    }
    return [...marks.values()].sort((a, b) => b.lastMs - a.lastMs).slice(0, request.limit);
  }

  async rowAt({ machineId, type, atMs }: PastRequest): Promise<PastRow | undefined> {
    const range = inRange({ fromMs: atMs - longestLookBackMs, toMs: atMs + 1 });
    const newest = async (selected: string, present: string): Promise<SeriesEntry | undefined> => {
      const tables = await this.ask(
        `SELECT ${selected} FROM ${quoteName(toTagText(type.name))}
         WHERE ${ofMachine(machineId)} AND ${range} AND ${present} >= 0 ORDER BY time DESC LIMIT 1`,
      );
      return tables.flatMap(entriesOf)[0];
    };
    const row = await newest('*', '"health"');
    if (row === undefined) return undefined;
    const life = (await newest(lifeColumns, '"rul_p50_hours"')) ?? {};
    return readPastRow(row, { atMs: Number(row.time), signals: type.signals, life });
  }

  private async gatherMarks(request: AnomalyRequest, piece: TimeRange, marks: Map<string, AnomalyMark>): Promise<void> {
    for (let offset = 0; ; offset += rowsPerPage) {
      const tables = await this.ask(`${marksQuery(request, piece)} LIMIT ${rowsPerPage} OFFSET ${offset}`);
      for (const row of tables.flatMap(entriesOf)) addToMark(row, marks);
      const unfinished = tables.filter(({ values }) => values.length === rowsPerPage);
      if (unfinished.length === 0) return;
      // Every table is read back to here at least: marks after it are whole.
      const readBackToMs = Math.max(...unfinished.map((table) => Number(entriesOf(table).at(-1)?.time)));
      const whole = [...marks.values()].filter(({ firstMs }) => firstMs >= readBackToMs + markMs);
      if (whole.length >= request.limit) return;
    }
  }

  private async ask(query: string): Promise<readonly Series[]> {
    const body = new URLSearchParams({ q: query }).toString();
    const answer = await this.caller.post(this.place.queryUrl, body, 'application/x-www-form-urlencoded');
    if (answer === 'busy') throw new StoreBusy('InfluxDB is away or busy');
    return readSeries(answer.status, await answer.text());
  }
}

const lifeColumns = '"rul_p10_hours", "rul_p50_hours", "rul_p90_hours", "rul_component"';

function piecesOf({ fromMs, toMs }: TimeRange, pieceMs: number): TimeRange[] {
  const count = Math.ceil((toMs - fromMs) / pieceMs);
  return Array.from({ length: count }, (_, i) => ({
    fromMs: fromMs + i * pieceMs,
    toMs: Math.min(toMs, fromMs + (i + 1) * pieceMs),
  }));
}

const inRange = ({ fromMs, toMs }: TimeRange): string =>
  `time >= ${Math.round(fromMs)}ms AND time < ${Math.round(toMs)}ms`;

const ofMachine = (machineId: string): string => `"machine_id" = ${quoteText(toTagText(machineId))}`;

function historyQuery({ machineId, machineType, signals, resolutionS, limit }: HistoryRequest, piece: TimeRange) {
  const selected = signals.flatMap((name, i) => {
    const column = quoteName(name);
    const expected = `mean(${quoteName(`${name}_expected`)}) AS expected${i}`;
    return [`mean(${column}) AS mean${i}`, `min(${column}) AS min${i}`, `max(${column}) AS max${i}`, expected];
  });
  const life = lifeQuantiles.map((quantile) => `mean("rul_${quantile}_hours") AS ${quantile}`);
  // Each row has a disposition, so it counts samples.
  return `SELECT ${['count("disposition") AS samples', 'min("health") AS health', ...selected, ...life].join(', ')}
    FROM ${quoteName(toTagText(machineType))} WHERE ${ofMachine(machineId)} AND ${inRange(piece)}
    GROUP BY time(${Math.round(resolutionS)}s) FILL(none) LIMIT ${Math.round(limit)}`;
}

function marksQuery({ machineId }: AnomalyRequest, piece: TimeRange): string {
  const machine = machineId === null ? '' : `${ofMachine(machineId)} AND `;
  return `SELECT "machine_id", "codes", "severity", "health" FROM /.+/
    WHERE ${machine}${inRange(piece)} AND "codes" != '' ORDER BY time DESC`;
}

function addToMark(row: SeriesEntry, marks: Map<string, AnomalyMark>): void {
  const timeMs = Number(row.time);
  const key = `${row.machine_id}\n${row.codes}\n${Math.floor(timeMs / markMs)}`;
  const mark = marks.get(key);
  const severity = severities.find((name) => name === row.severity) ?? 'normal';
  marks.set(key, {
    machineId: String(row.machine_id),
    codes: String(row.codes).split(','),
    severity: mark === undefined ? severity : worse(mark.severity, severity),
    firstMs: Math.min(timeMs, mark?.firstMs ?? timeMs),
    lastMs: Math.max(timeMs, mark?.lastMs ?? timeMs),
    samples: 1 + (mark?.samples ?? 0),
    lowestHealthPercent: lower(numberOf(row.health), mark?.lowestHealthPercent ?? null),
  });
}

const worse = (a: Severity, b: Severity): Severity => (severities.indexOf(a) < severities.indexOf(b) ? b : a);
const lower = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);

const numberOf = (value: SeriesEntry[string]): number | null => (typeof value === 'number' ? value : null);
const columnOf = (rows: readonly SeriesEntry[], name: string): (number | null)[] =>
  rows.map((row) => numberOf(row[name]));

const columnsOf = (rows: readonly SeriesEntry[], i: number): SignalColumns => ({
  mean: columnOf(rows, `mean${i}`),
  min: columnOf(rows, `min${i}`),
  max: columnOf(rows, `max${i}`),
  expected: columnOf(rows, `expected${i}`),
});
