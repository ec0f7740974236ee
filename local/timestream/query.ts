import { type DuckDBResultReader, DuckDBTimestampValue, DuckDBTypeId, type DuckDBValue } from '@duckdb/node-api';
import { type Json, ServiceError } from '../engine.ts';
import type { DuckStore } from './store.ts';

/** A page holds a megabyte (Timestream API reference, Query). */
const pageBytes = 1_048_576;

interface Result {
  /** As it was asked: who may ask it may have its further pages. */
  readonly query: string;
  readonly columns: readonly Json[];
  readonly rows: readonly Json[];
}

/** A translated query's answers, page after page. */
export class Queries {
  private readonly store: DuckStore;
  private readonly rest = new Map<string, Result>();
  private asked = 0;

  constructor(store: DuckStore) {
    this.store = store;
  }

  /** The first page. */
  async ask(query: string, sql: string, maxRows: number | undefined): Promise<Json> {
    const read = await this.store.query(sql).catch((error: Error) => {
      throw new ServiceError('ValidationException', error.message.split('\n')[0] ?? 'the query failed');
    });
    const columns = describeColumns(read);
    const isInexact = columns.map((column) => (column.Type as Json).ScalarType === 'DOUBLE');
    const rows = read.getRows().map((row) => ({ Data: row.map((value, i) => toDatum(value, isInexact[i] === true)) }));
    return this.page({ query, columns, rows }, maxRows);
  }

  /** The page after the one that gave the token. */
  next(query: string, token: string, maxRows: number | undefined): Json {
    const result = this.rest.get(token);
    if (result?.query !== query) throw new ServiceError('ValidationException', 'NextToken is of no such query');
    this.rest.delete(token);
    return this.page(result, maxRows);
  }

  private page({ query, columns, rows }: Result, maxRows = rowsOfPage(rows)): Json {
    const queryId = `query-${++this.asked}`;
    const rest = rows.slice(maxRows);
    if (rest.length > 0) this.rest.set(queryId, { query, columns, rows: rest });
    return {
      QueryId: queryId,
      ...(rest.length > 0 && { NextToken: queryId }),
      Rows: rows.slice(0, maxRows),
      ColumnInfo: columns,
      QueryStatus: { ProgressPercentage: 100, CumulativeBytesScanned: 0, CumulativeBytesMetered: 0 },
    };
  }
}

/** By the first row: those of a query are much alike. */
function rowsOfPage([first]: readonly Json[]): number {
  return first === undefined ? 1 : Math.max(1, Math.floor(pageBytes / JSON.stringify(first).length));
}

const scalarTypes: Readonly<Partial<Record<DuckDBTypeId, string>>> = {
  [DuckDBTypeId.BOOLEAN]: 'BOOLEAN',
  [DuckDBTypeId.INTEGER]: 'INTEGER',
  [DuckDBTypeId.BIGINT]: 'BIGINT',
  [DuckDBTypeId.HUGEINT]: 'BIGINT',
  [DuckDBTypeId.UBIGINT]: 'BIGINT',
  [DuckDBTypeId.DOUBLE]: 'DOUBLE',
  [DuckDBTypeId.FLOAT]: 'DOUBLE',
  [DuckDBTypeId.DECIMAL]: 'DOUBLE',
  [DuckDBTypeId.VARCHAR]: 'VARCHAR',
  [DuckDBTypeId.TIMESTAMP]: 'TIMESTAMP',
  [DuckDBTypeId.DATE]: 'DATE',
  [DuckDBTypeId.INTERVAL]: 'INTERVAL_DAY_TO_SECOND',
  [DuckDBTypeId.SQLNULL]: 'UNKNOWN',
};

function describeColumns(read: DuckDBResultReader): Json[] {
  return read.columnNames().map((Name, i) => {
    const type = read.columnType(i);
    const ScalarType = scalarTypes[type.typeId];
    if (ScalarType === undefined)
      throw new ServiceError('ValidationException', `column ${Name}: type ${type.toString()} is not modelled`);
    return { Name, Type: { ScalarType } };
  });
}

/** A whole DOUBLE is written with its point, as there. */
function toDatum(value: DuckDBValue, isDouble: boolean): Json {
  if (value === null) return { NullValue: true };
  if (value instanceof DuckDBTimestampValue) return { ScalarValue: formatTimestamp(value.micros) };
  if (isDouble && Number.isInteger(Number(value))) return { ScalarValue: `${value}.0` };
  return { ScalarValue: String(value) };
}

/** `2026-01-31 08:00:00.000000000`: no zone, nine places. */
function formatTimestamp(micros: bigint): string {
  const milliseconds = new Date(Number(micros / 1000n)).toISOString().slice(0, 23).replace('T', ' ');
  return `${milliseconds}${String(micros % 1000n).padStart(3, '0')}000`;
}
