import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBResultReader,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import { createTurns } from '../turns.ts';
import { columnTypes, hashContent, type Measure, type MeasureType, type TimestreamRecord } from './record.ts';

/** One Timestream table as a wide DuckDB table: time, measure name, version, and a column per dimension and measure. */
export interface StoredTable {
  readonly database: string;
  readonly table: string;
  readonly columns: Map<string, Column>;
}

export interface Column {
  readonly kind: 'fixed' | 'dimension' | 'measure';
  readonly type: MeasureType;
}

const memoryLimit = '256MB';
const duckTypes: Readonly<Record<MeasureType, DuckDBType>> = {
  DOUBLE,
  BIGINT,
  BOOLEAN,
  VARCHAR,
  TIMESTAMP,
};
/** DuckDB takes at most this many rows in a chunk. */
const chunkRows = 2048;

export const versionColumn = '__version';
const fixedColumns: readonly (readonly [string, Column])[] = [
  ['time', { kind: 'fixed', type: 'TIMESTAMP' }],
  ['measure_name', { kind: 'fixed', type: 'VARCHAR' }],
  [versionColumn, { kind: 'fixed', type: 'BIGINT' }],
];

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const fullName = (table: StoredTable): string => `${quoteName(table.database)}.${quoteName(table.table)}`;

/** The file below: schema changes, appends and queries, and nothing of Timestream's rules. */
export class DuckStore {
  private readonly instance: DuckDBInstance;
  private readonly writer: DuckDBConnection;
  private readonly reader: DuckDBConnection;
  /** All tables write by one connection, which has one transaction at a time. */
  private readonly inTurn = createTurns(1);

  private constructor(instance: DuckDBInstance, writer: DuckDBConnection, reader: DuckDBConnection) {
    this.instance = instance;
    this.writer = writer;
    this.reader = reader;
  }

  /** Opens the file; outside of it DuckDB may touch nothing. */
  static async open(file: string): Promise<DuckStore> {
    mkdirSync(dirname(file), { recursive: true });
    const instance = await DuckDBInstance.create(file, { memory_limit: memoryLimit, threads: '2' }).catch(
      (error: Error) => {
        if (!error.message.includes('lock')) throw error;
        throw new Error(`${file} is in use by another run; end that one, or name another folder with --data`);
      },
    );
    const writer = await instance.connect();
    await writer.run('SET enable_external_access = false');
    // As Timestream divides: 7 / 2 is 3.
    await writer.run('SET GLOBAL integer_division = true');
    await writer.run(`CREATE OR REPLACE MACRO twin_ago(moment, span) AS moment - span`);
    await writer.run(`CREATE OR REPLACE MACRO bin(moment, span) AS time_bucket(span, moment, TIMESTAMP '1970-01-01')`);
    await writer.run('CREATE OR REPLACE MACRO from_milliseconds(ms) AS make_timestamp(ms * 1000)');
    return new DuckStore(instance, writer, await instance.connect());
  }

  async openTable(database: string, table: string): Promise<StoredTable> {
    const stored: StoredTable = { database, table, columns: new Map(fixedColumns) };
    await this.writer.run(`CREATE SCHEMA IF NOT EXISTS ${quoteName(database)}`);
    await this.writer.run(
      `CREATE TABLE IF NOT EXISTS ${fullName(stored)} (time TIMESTAMP, measure_name VARCHAR, ${versionColumn} BIGINT)`,
    );
    const known = await this.writer.runAndReadAll(
      `SELECT column_name, data_type, comment FROM duckdb_columns() WHERE schema_name = ${quoteText(database)} AND table_name = ${quoteText(table)}`,
    );
    for (const [name, type, kind] of known.getRows()) {
      if (kind === null || kind === undefined) continue;
      stored.columns.set(String(name), {
        kind: kind === 'dimension' ? 'dimension' : 'measure',
        type: String(type) as MeasureType,
      });
    }
    return stored;
  }

  /** All in one commit, for each waits for the disk. */
  addColumns(table: StoredTable, columns: ReadonlyMap<string, Column>): Promise<void> {
    return this.inTurn(async () => {
      const steps = [...columns].flatMap(([name, { kind, type }]) => [
        // "If not": an older file may hold a column without its comment, which is unknown at the next start.
        `ALTER TABLE ${fullName(table)} ADD COLUMN IF NOT EXISTS ${quoteName(name)} ${columnTypes[type]}`,
        `COMMENT ON COLUMN ${fullName(table)}.${quoteName(name)} IS ${quoteText(kind)}`,
      ]);
      try {
        await this.writer.run(['BEGIN TRANSACTION', ...steps, 'COMMIT'].join(';\n'));
      } catch (error) {
        await this.writer.run('ROLLBACK').catch((rolledBack: Error) => rolledBack);
        throw error;
      }
      for (const [name, column] of columns) table.columns.set(name, column);
    });
  }

  /** Appends by columns, after making room for newer versions; when it resolves, the rows outlive the process. */
  write(table: StoredTable, rows: readonly TimestreamRecord[], replaced: readonly TimestreamRecord[]): Promise<void> {
    return this.inTurn(async () => {
      await this.writer.run('BEGIN TRANSACTION');
      try {
        if (replaced.length > 0) await this.writer.run(deletionOf(table, replaced));
        await this.append(table, rows);
        // Here DuckDB waits for the disk, in a thread of its own; without the transaction closing the appender would, in ours.
        await this.writer.run('COMMIT');
      } catch (error) {
        // A commit that failed has rolled back already; what it failed with is what counts.
        await this.writer.run('ROLLBACK').catch((rolledBack: Error) => rolledBack);
        throw error;
      }
    });
  }

  private async append(table: StoredTable, records: readonly TimestreamRecord[]): Promise<void> {
    const appender = await this.writer.createAppender(table.table, table.database);
    const columns = [...table.columns];
    const types = columns.map(([, column]) => duckTypes[column.type]);
    for (let start = 0; start < records.length; start += chunkRows) {
      const rows = records.slice(start, start + chunkRows);
      const chunk = DuckDBDataChunk.create(types, rows.length);
      chunk.setColumns(toColumns(columns, rows));
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }

  /** The version and measures stored for a record's series and time; undefined where there is none. */
  async find(table: StoredTable, record: TimestreamRecord): Promise<{ version: number; content: number } | undefined> {
    const measures = record.measures.filter((m) => table.columns.has(m.column));
    const select = [versionColumn, ...measures.map((m) => quoteName(m.column))].join(', ');
    const found = await this.writer.runAndReadAll(
      `SELECT ${select} FROM ${fullName(table)} WHERE ${keyCondition(table, record)}`,
    );
    const [row] = found.getRows();
    if (row === undefined) return undefined;
    return {
      version: Number(row[0]),
      content: hashContent(measures.map((m, i) => [m.column, toWireText(row[i + 1]!, m)])),
    };
  }

  async dropBefore(table: StoredTable, timeMs: number): Promise<void> {
    await this.inTurn(() => this.writer.run(`DELETE FROM ${fullName(table)} WHERE time < ${timeLiteral(timeMs)}`));
  }

  /** The newest time of each series: what is newer needs no look-up. */
  async newestTimes(table: StoredTable): Promise<Map<string, number>> {
    const dimensions = [...table.columns]
      .filter(([, c]) => c.kind === 'dimension')
      .map(([name]) => name)
      .sort();
    const names = ['measure_name', ...dimensions.map(quoteName)].join(', ');
    const read = await this.writer.runAndReadAll(
      `SELECT epoch_ms(max(time)), ${names} FROM ${fullName(table)} GROUP BY ALL`,
    );
    return new Map(
      read.getRows().map(([newest, measureName, ...values]) => {
        const present = dimensions.flatMap((name, i) => (values[i] === null ? [] : [`${name}=${String(values[i])}`]));
        return [`${String(measureName)}\n${present.join('\n')}`, Number(newest)];
      }),
    );
  }

  query(sql: string): Promise<DuckDBResultReader> {
    return this.reader.runAndReadAll(sql);
  }

  interrupt(): void {
    this.reader.interrupt();
  }

  close(): void {
    this.reader.closeSync();
    this.writer.closeSync();
    this.instance.closeSync();
  }
}

export const timeLiteral = (timeMs: number): string => `make_timestamp(${Math.round(timeMs * 1000)})`;

/** In one statement, as a join: each alone would read the table again. */
function deletionOf(table: StoredTable, records: readonly TimestreamRecord[]): string {
  const dimensions = [...table.columns].flatMap(([name, { kind }]) => (kind === 'dimension' ? [name] : []));
  const keys = records.map(({ timeMs, measureName, dimensions: given }) => {
    const wanted = new Map(given.map(({ name, value }) => [name, quoteText(value)]));
    const values = dimensions.map((name) => wanted.get(name) ?? 'NULL');
    return `(${[timeLiteral(timeMs), quoteText(measureName), ...values].join(', ')})`;
  });
  const names = ['time', 'measure_name', ...dimensions];
  const isSame = names.map((name) => `stored.${quoteName(name)} IS NOT DISTINCT FROM gone.${quoteName(name)}`);
  return `DELETE FROM ${fullName(table)} AS stored USING (VALUES ${keys.join(', ')}) AS gone(${names.map(quoteName).join(', ')})
    WHERE ${isSame.join(' AND ')}`;
}

function keyCondition(table: StoredTable, record: TimestreamRecord): string {
  const wanted = new Map(record.dimensions.map((d) => [d.name, d.value]));
  const dimensions = [...table.columns].filter(([, c]) => c.kind === 'dimension');
  const conditions = dimensions.map(([name]) => {
    const value = wanted.get(name);
    return value === undefined ? `${quoteName(name)} IS NULL` : `${quoteName(name)} = ${quoteText(value)}`;
  });
  return [
    `time = ${timeLiteral(record.timeMs)}`,
    `measure_name = ${quoteText(record.measureName)}`,
    ...conditions,
  ].join(' AND ');
}

function toColumns(
  columns: readonly (readonly [string, Column])[],
  rows: readonly TimestreamRecord[],
): DuckDBValue[][] {
  const index = new Map(columns.map(([name], i) => [name, i]));
  const values: DuckDBValue[][] = columns.map(() => new Array<DuckDBValue>(rows.length).fill(null));
  rows.forEach((row, r) => {
    values[0]![r] = new DuckDBTimestampValue(BigInt(Math.round(row.timeMs * 1000)));
    values[1]![r] = row.measureName;
    values[2]![r] = BigInt(row.version);
    for (const d of row.dimensions) values[index.get(d.name)!]![r] = d.value;
    for (const m of row.measures) values[index.get(m.column)!]![r] = toDuckValue(m);
  });
  return values;
}

function toDuckValue({ type, value }: Measure): DuckDBValue {
  switch (type) {
    case 'DOUBLE':
      return Number(value);
    case 'BIGINT':
      return BigInt(value);
    case 'BOOLEAN':
      return value.toLowerCase() === 'true';
    case 'TIMESTAMP':
      return new DuckDBTimestampValue(BigInt(value) * 1000n);
    case 'VARCHAR':
      return value;
  }
}

/** The text a writer sent, back from the stored value: to compare a repeated record with the one that is there. */
function toWireText(value: DuckDBValue, measure: Measure): string {
  if (value === null) return 'null';
  if (measure.type === 'DOUBLE') return Number(measure.value) === value ? measure.value : String(value);
  if (value instanceof DuckDBTimestampValue) return String(value.micros / 1000n);
  return String(value);
}
