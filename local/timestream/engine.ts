import { join } from 'node:path';
import {
  type Cloud,
  type Engine,
  formatArn,
  type Json,
  type Operation,
  parseBody,
  type ResourceModel,
  readElsewhere,
  refuseOthers,
  ServiceError,
} from '../engine.ts';
import { startThread, type Thread } from '../thread.ts';
import { createScheduledQueries, type ScheduledQueries } from './scheduled-query.ts';
import { translateQuery } from './sql.ts';
import type { RejectedRecord, Retention } from './table.ts';
import { type TableName, writeMembers } from './tables.ts';
import type { StoreFunctions } from './thread.ts';

const hourMs = 3_600_000;
const retentionSweepMs = 10 * 60_000;

export interface TimestreamOptions {
  /** Where the SDK is sent after DescribeEndpoints: the host alone. */
  readonly endpointAddress: () => string;
}

/** A token makes a query that is asked twice run once; what it answers is the same. */
const queryMembers = ['QueryString', 'NextToken', 'MaxRows', 'ClientToken'];

type Store = Thread<StoreFunctions>;

/**
 * Timestream for LiveAnalytics: writes with its limits and rejections, queries by translation, on one DuckDB file. Here
 * is decided who may; the file, and all that is in a request but its table's name, is another thread's.
 */
export async function createTimestreamEngine(cloud: Cloud, options: TimestreamOptions): Promise<Engine> {
  const store = await openStore(join(cloud.dataFolder, 'timestream', 'timestream.duckdb'));
  const scheduled = createScheduledQueries(cloud, {
    arnOf: (name) => formatArn(cloud, 'timestream', `scheduled-query/${name}`),
    columnsOf: (name) => store.call('columnsOf', [name]),
  });
  let sweep: NodeJS.Timeout | undefined;
  return {
    name: 'timestream',
    operations: {
      DescribeEndpoints: {
        members: [],
        access: () => [{ action: 'timestream:DescribeEndpoints', resource: '*' }],
        run: () => ({ Endpoints: [{ Address: options.endpointAddress(), CachePeriodInMinutes: 1440 }] }),
      },
      WriteRecords: writeOperation(cloud, store, scheduled),
      ...scheduled.operations,
      Query: queryOperation(cloud, store),
    },
    resources: {
      'AWS::Timestream::Database': databaseModel(cloud),
      'AWS::Timestream::Table': tableModel(cloud, store),
      'AWS::Timestream::ScheduledQuery': scheduled.model,
    },
    start: async () => {
      const drop = (): Promise<void> =>
        store
          .call('dropExpired', [cloud.nowMs()])
          .catch((error: Error) => cloud.tell('timestream', `retention: ${error.message}`));
      sweep = setInterval(drop, retentionSweepMs);
      sweep.unref();
      scheduled.start();
    },
    stop: async () => {
      clearInterval(sweep);
      await scheduled.stop();
      // Who asked is no longer there, and a long query would hold up the end.
      await store.stop({ first: 'interrupt', last: 'close' });
    },
  };
}

async function openStore(file: string): Promise<Store> {
  const store = startThread<StoreFunctions>(new URL('./thread.ts', import.meta.url));
  try {
    await store.call('open', [file]);
    return store;
  } catch (error) {
    await store.stop();
    throw error;
  }
}

const tableArn = (cloud: Cloud, { database, table }: TableName): string =>
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

function tableModel(cloud: Cloud, store: Store): ResourceModel {
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
      await store.call('openTable', [{ database, table }, readRetention(properties)]);
      return { ref: `${database}|${table}`, attributes: { Arn: tableArn(cloud, { database, table }), Name: table } };
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

function writeOperation(cloud: Cloud, store: Store, scheduled: Pick<ScheduledQueries, 'isTarget'>): Operation {
  return readElsewhere(writeMembers, {
    access: (body) => [{ action: 'timestream:WriteRecords', resource: tableArn(cloud, readTableName(body)) }],
    run: async (body) => {
      const name = readTableName(body);
      const bytes = ownBytes(body);
      const { records, rejected, newRows, repeatedRows } = await store.call(
        'write',
        [bytes, name, cloud.nowMs()],
        [bytes.buffer],
      );
      if (!scheduled.isTarget(name.database, name.table)) {
        for (const [machineId, rows] of newRows) cloud.ledger.stored(name.table, machineId, rows);
        for (const [machineId, rows] of repeatedRows) cloud.ledger.repeated(machineId, rows);
      }
      if (rejected.length > 0) throw refuseSome(rejected);
      return JSON.stringify({ RecordsIngested: { Total: records, MemoryStore: records, MagneticStore: 0 } });
    },
  });
}

/** Bytes that may change hands: a large request's have a buffer of their own, a small one's lie in one with others. */
const ownBytes = (body: Uint8Array): Uint8Array<ArrayBuffer> =>
  body.byteLength === body.buffer.byteLength && body.buffer instanceof ArrayBuffer
    ? new Uint8Array(body.buffer)
    : new Uint8Array(body);

const refuseSome = (rejected: readonly RejectedRecord[]): ServiceError =>
  new ServiceError(
    'RejectedRecordsException',
    'One or more records have been rejected. See RejectedRecords for details.',
    419,
    { RejectedRecords: rejected },
  );

/** How a write begins that names its table first. */
const headPattern = /^\{"DatabaseName":"([\w.-]+)","TableName":"([\w.-]+)"/;
/** Names have up to 256 characters each (Timestream API reference, CreateTable). */
const headBytes = 600;

/** Without reading the records where it can be had: `TimestreamTables.write` compares it with what it reads. */
function readTableName(body: Uint8Array): TableName {
  const head = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, headBytes)).toString('latin1');
  const [, database, table] = headPattern.exec(head) ?? [];
  if (database !== undefined && table !== undefined) return { database, table };
  const { DatabaseName, TableName } = parseBody(body);
  return { database: String(DatabaseName), table: String(TableName) };
}

function queryOperation(cloud: Cloud, store: Store): Operation {
  return readElsewhere(queryMembers, {
    access: (body) => {
      refuseOthers('timestream:Query', parseBody(body), queryMembers);
      // A further page names its query again, and needs what the first one needed.
      const select = translateQuery(String(parseBody(body).QueryString), 0)
        .tables.map((name) => name.split('/'))
        .map(([database = '', table = '']) => tableArn(cloud, { database, table }));
      return select.length === 0
        ? [{ action: 'timestream:SelectValues', resource: '*' }]
        : select.map((resource) => ({ action: 'timestream:Select', resource }));
    },
    run: (body) => store.call('query', [parseBody(body), cloud.nowMs()]),
  });
}
