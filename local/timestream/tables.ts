import { type Json, parseBody, refuseOthers, ServiceError } from '../engine.ts';
import { Queries } from './query.ts';
import { maxRecordsPerWrite, readRecord, type TimestreamRecord } from './record.ts';
import { translateQuery } from './sql.ts';
import type { DuckStore } from './store.ts';
import { type RejectedRecord, type Retention, TimestreamTable } from './table.ts';

export const writeMembers = ['DatabaseName', 'TableName', 'Records', 'CommonAttributes'];

export interface TableName {
  readonly database: string;
  readonly table: string;
}

/** What became of a write: for the caller, and by machine for the ledger. */
export interface Written {
  readonly records: number;
  readonly rejected: readonly RejectedRecord[];
  readonly newRows: ReadonlyMap<string, number>;
  readonly repeatedRows: ReadonlyMap<string, number>;
}

/** Timestream's operations on one file: from a request's bytes to rows, and from rows to an answer's text. */
export class TimestreamTables {
  private readonly store: DuckStore;
  private readonly queries: Queries;
  private readonly tables = new Map<string, TimestreamTable>();

  constructor(store: DuckStore) {
    this.store = store;
    this.queries = new Queries(store);
  }

  async open(name: TableName, retention: Retention): Promise<void> {
    this.tables.set(`${name.database}/${name.table}`, await TimestreamTable.open(this.store, name, retention));
  }

  /** The table is the one that the caller was admitted to; a request that names another one is refused. */
  async write(body: Uint8Array, admitted: TableName, nowMs: number): Promise<Written> {
    const input = parseBody(body);
    refuseOthers('timestream:WriteRecords', input, writeMembers);
    const { DatabaseName, TableName, Records, CommonAttributes } = input;
    if (DatabaseName !== admitted.database || TableName !== admitted.table)
      throw new ServiceError('ValidationException', `the request names two tables, ${TableName} and ${admitted.table}`);
    const table = this.find(`${admitted.database}/${admitted.table}`);
    const raw = Array.isArray(Records) ? (Records as Json[]) : [];
    if (raw.length === 0 || raw.length > maxRecordsPerWrite) {
      throw new ServiceError(
        'ValidationException',
        `Records has ${raw.length} entries, allowed are 1 to ${maxRecordsPerWrite}`,
      );
    }
    const records = raw.map((record) => readRecord(record, (CommonAttributes ?? {}) as Json));
    const { rejected, newRows } = await table.write(records, nowMs);
    return {
      records: records.length,
      rejected,
      newRows: countByMachine(newRows),
      repeatedRows: countByMachine(findRepeated(records, newRows, rejected)),
    };
  }

  async query({ QueryString, NextToken, MaxRows }: Json, nowMs: number): Promise<string> {
    const maxRows = MaxRows === undefined ? undefined : Number(MaxRows);
    const query = String(QueryString);
    if (typeof NextToken === 'string') return JSON.stringify(this.queries.next(query, NextToken, maxRows));
    const { sql, tables, dottedNames } = translateQuery(query, nowMs);
    for (const name of tables) this.find(name);
    const hidden = [...this.tables.keys()].find(
      (name) => dottedNames.includes(name.toLowerCase()) && !tables.includes(name),
    );
    if (hidden !== undefined)
      throw new ServiceError(
        'ValidationException',
        `table ${hidden.replace('/', '.')}: a table stands after FROM or JOIN, nowhere else`,
      );
    return JSON.stringify(await this.queries.ask(query, sql, maxRows));
  }

  /** The columns that a table `database/table` has by now. */
  columnsOf(name: string): ReadonlySet<string> {
    return new Set(this.find(name).stored.columns.keys());
  }

  async dropExpired(nowMs: number): Promise<void> {
    for (const table of this.tables.values()) await table.dropExpired(nowMs);
  }

  /** Ends the queries under way. */
  interrupt(): void {
    this.store.interrupt();
  }

  close(): void {
    this.store.close();
  }

  private find(name: string): TimestreamTable {
    const table = this.tables.get(name);
    if (table === undefined)
      throw new ServiceError('ResourceNotFoundException', `The table ${name.replace('/', '.')} does not exist.`, 404);
    return table;
  }
}

/** What is neither new nor refused for good is there already. */
function findRepeated(
  records: readonly TimestreamRecord[],
  newRows: readonly TimestreamRecord[],
  rejected: readonly RejectedRecord[],
): readonly TimestreamRecord[] {
  if (newRows.length === records.length) return [];
  const gone = new Set(newRows);
  for (const { RecordIndex, ExistingVersion } of rejected)
    if (ExistingVersion === undefined) gone.add(records[RecordIndex]!);
  return records.filter((record) => !gone.has(record));
}

function countByMachine(rows: readonly TimestreamRecord[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const machineId = row.dimensions.find((d) => d.name === 'machine_id')?.value;
    if (machineId !== undefined) counts.set(machineId, (counts.get(machineId) ?? 0) + 1);
  }
  return counts;
}
