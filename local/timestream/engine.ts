import { join } from 'node:path';
import { type DuckDBResultReader, DuckDBTimestampValue, DuckDBTypeId, type DuckDBValue } from '@duckdb/node-api';
import {
  type Cloud,
  type Engine,
  formatArn,
  type Json,
  type Operation,
  type ResourceModel,
  ServiceError,
} from '../engine.ts';
import { maxRecordsPerWrite, readRecord, type TimestreamRecord } from './record.ts';
import { createScheduledQueries, type ScheduledQueries } from './scheduled-query.ts';
import { translateQuery } from './sql.ts';
import { DuckStore } from './store.ts';
import { type RejectedRecord, type Retention, TimestreamTable } from './table.ts';

const hourMs = 3_600_000;
const retentionSweepMs = 10 * 60_000;
/** A page holds a megabyte (Timestream API reference, Query). */
const pageBytes = 1_048_576;

export interface TimestreamOptions {
  /** Where the SDK is sent after DescribeEndpoints: the host alone. */
  readonly endpointAddress: () => string;
}

/** Timestream for LiveAnalytics: writes with its limits and rejections, queries by translation, on one DuckDB file. */
export async function createTimestreamEngine(cloud: Cloud, options: TimestreamOptions): Promise<Engine> {
  const store = await DuckStore.open(join(cloud.dataFolder, 'timestream', 'timestream.duckdb'));
  const tables = new Map<string, TimestreamTable>();
  const scheduled = createScheduledQueries(cloud, {
    arnOf: (name) => formatArn(cloud, 'timestream', `scheduled-query/${name}`),
    columnsOf: (name) => new Set(findTable(tables, name).stored.columns.keys()),
  });
  let sweep: NodeJS.Timeout | undefined;
  return {
    name: 'timestream',
    operations: {
      DescribeEndpoints: {
        access: () => [{ action: 'timestream:DescribeEndpoints', resource: '*' }],
        run: () => ({ Endpoints: [{ Address: options.endpointAddress(), CachePeriodInMinutes: 1440 }] }),
      },
      WriteRecords: writeOperation(cloud, tables, scheduled),
      ...scheduled.operations,
      Query: queryOperation(cloud, store, tables),
    },
    resources: {
      'AWS::Timestream::Database': databaseModel(cloud),
      'AWS::Timestream::Table': tableModel(cloud, store, tables),
      'AWS::Timestream::ScheduledQuery': scheduled.model,
    },
    start: async () => {
      const drop = (): void => {
        for (const table of tables.values()) {
          table
            .dropExpired(cloud.nowMs())
            .catch((error: Error) => cloud.tell('timestream', `retention: ${error.message}`));
        }
      };
      sweep = setInterval(drop, retentionSweepMs);
      sweep.unref();
      scheduled.start();
    },
    stop: async () => {
      clearInterval(sweep);
      await scheduled.stop();
      store.close();
    },
  };
}

const tableArn = (cloud: Cloud, database: string, table: string): string =>
  formatArn(cloud, 'timestream', `database/${database}/table/${table}`);

function databaseModel(cloud: Cloud): ResourceModel {
  return {
    properties: ['DatabaseName', 'KmsKeyId', 'Tags.*'],
    create: ({ properties, physicalName }) => {
      const name = typeof properties.DatabaseName === 'string' ? properties.DatabaseName : physicalName;
      return { ref: name, attributes: { Arn: formatArn(cloud, 'timestream', `database/${name}`) } };
    },
  };
}

function tableModel(cloud: Cloud, store: DuckStore, tables: Map<string, TimestreamTable>): ResourceModel {
  return {
    properties: [
      'DatabaseName',
      'TableName',
      'RetentionProperties.MemoryStoreRetentionPeriodInHours',
      'RetentionProperties.MagneticStoreRetentionPeriodInDays',
      'MagneticStoreWriteProperties.EnableMagneticStoreWrites',
      'MagneticStoreWriteProperties.MagneticStoreRejectedDataLocation.*',
      'Schema.CompositePartitionKey.*',
      'Tags.*',
    ],
    create: async ({ properties, physicalName }) => {
      const database = String(properties.DatabaseName);
      const table = typeof properties.TableName === 'string' ? properties.TableName : physicalName;
      tables.set(
        `${database}/${table}`,
        await TimestreamTable.open(store, { database, table }, readRetention(properties)),
      );
      return { ref: `${database}|${table}`, attributes: { Arn: tableArn(cloud, database, table), Name: table } };
    },
  };
}

function readRetention(properties: Json): Retention {
  const periods = (properties.RetentionProperties ?? {}) as Json;
  const writes = (properties.MagneticStoreWriteProperties ?? {}) as Json;
  return {
    memoryStoreMs: Number(periods.MemoryStoreRetentionPeriodInHours ?? 6) * hourMs,
    magneticStoreMs: Number(periods.MagneticStoreRetentionPeriodInDays ?? 73_000) * 24 * hourMs,
    magneticWrites: String(writes.EnableMagneticStoreWrites) === 'true',
  };
}

function writeOperation(
  cloud: Cloud,
  tables: Map<string, TimestreamTable>,
  scheduled: Pick<ScheduledQueries, 'isTarget'>,
): Operation {
  return {
    access: (input) => [
      {
        action: 'timestream:WriteRecords',
        resource: tableArn(cloud, String(input.DatabaseName), String(input.TableName)),
      },
    ],
    run: async (input) => {
      const table = findTable(tables, `${String(input.DatabaseName)}/${String(input.TableName)}`);
      const raw = Array.isArray(input.Records) ? (input.Records as Json[]) : [];
      if (raw.length === 0 || raw.length > maxRecordsPerWrite) {
        throw new ServiceError(
          'ValidationException',
          `Records has ${raw.length} entries, allowed are 1 to ${maxRecordsPerWrite}`,
        );
      }
      const records = raw.map((record) => readRecord(record, (input.CommonAttributes ?? {}) as Json));
      const { rejected, newRows } = await table.write(records, cloud.nowMs());
      if (!scheduled.isTarget(table.stored.database, table.stored.table)) {
        for (const [machineId, rows] of countByMachine(newRows))
          cloud.ledger.stored(table.stored.table, machineId, rows);
        for (const [machineId, rows] of countByMachine(findRepeated(records, newRows, rejected)))
          cloud.ledger.repeated(machineId, rows);
      }
      if (rejected.length === 0)
        return { RecordsIngested: { Total: records.length, MemoryStore: records.length, MagneticStore: 0 } };
      const message = 'One or more records have been rejected. See RejectedRecords for details.';
      throw new ServiceError('RejectedRecordsException', message, 419, { RejectedRecords: rejected });
    },
  };
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

function countByMachine(
  rows: readonly { readonly dimensions: readonly { name: string; value: string }[] }[],
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const machineId = row.dimensions.find((d) => d.name === 'machine_id')?.value;
    if (machineId !== undefined) counts.set(machineId, (counts.get(machineId) ?? 0) + 1);
  }
  return counts;
}

function findTable(tables: Map<string, TimestreamTable>, name: string): TimestreamTable {
  const table = tables.get(name);
  if (table === undefined)
    throw new ServiceError('ResourceNotFoundException', `The table ${name.replace('/', '.')} does not exist.`, 404);
  return table;
}

function queryOperation(cloud: Cloud, store: DuckStore, tables: Map<string, TimestreamTable>): Operation {
  const pages = new Map<string, { readonly columns: Json[]; readonly rows: Json[] }>();
  let queries = 0;
  const run = async (sql: string): Promise<{ columns: Json[]; rows: Json[] }> => {
    const query = translateQuery(sql, cloud.nowMs());
    for (const name of query.tables) findTable(tables, name);
    const read = await store.query(query.sql).catch((error: Error) => {
      throw new ServiceError('ValidationException', error.message.split('\n')[0] ?? 'the query failed');
    });
    const columns = describeColumns(read);
    const isInexact = columns.map((column) => (column.Type as Json).ScalarType === 'DOUBLE');
    return {
      columns,
      rows: read.getRows().map((row) => ({ Data: row.map((value, i) => toDatum(value, isInexact[i] === true)) })),
    };
  };
  return {
    access: (input) => {
      // A further page names its query again, and needs what the first one needed.
      const select = translateQuery(String(input.QueryString), 0)
        .tables.map((name) => name.split('/'))
        .map(([database = '', table = '']) => tableArn(cloud, database, table));
      return select.length === 0
        ? [{ action: 'timestream:SelectValues', resource: '*' }]
        : select.map((resource) => ({ action: 'timestream:Select', resource }));
    },
    run: async (input) => {
      const token = typeof input.NextToken === 'string' ? input.NextToken : null;
      const result = token === null ? await run(String(input.QueryString)) : pages.get(token);
      if (result === undefined) throw new ServiceError('ValidationException', 'NextToken is not known');
      if (token !== null) pages.delete(token);
      const pageRows = Number(input.MaxRows ?? rowsOfPage(result.rows));
      const queryId = `query-${++queries}`;
      const rest = result.rows.slice(pageRows);
      if (rest.length > 0) pages.set(queryId, { columns: result.columns, rows: rest });
      return {
        QueryId: queryId,
        ...(rest.length > 0 && { NextToken: queryId }),
        Rows: result.rows.slice(0, pageRows),
        ColumnInfo: result.columns,
        QueryStatus: { ProgressPercentage: 100, CumulativeBytesScanned: 0, CumulativeBytesMetered: 0 },
      };
    },
  };
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
