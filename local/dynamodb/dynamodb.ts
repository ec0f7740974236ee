/** DynamoDB on SQLite: items, conditions, updates, queries over the table and its indexes, batches, transactions, TTL. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Access, Cloud, Engine, Json, Operation, ResourceRequest } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { conditionCheck, deleteItem, getItem, putItem, query, scan, updateItem } from './operations.ts';
import { DynamoTable, type KeySchema } from './table.ts';

const ttlSweepMs = 60_000;

type Run = (table: DynamoTable, input: Json) => Json;

export function createDynamoDb(cloud: Cloud): Engine {
  const folder = join(cloud.dataFolder, 'dynamodb');
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'tables.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  const tables = new Map<string, DynamoTable>();
  let sweep: NodeJS.Timeout | undefined;

  const find = (name: unknown): DynamoTable => {
    const table = tables.get(readTableName(String(name)));
    if (table === undefined)
      throw new ServiceError('ResourceNotFoundException', `Requested resource not found: table ${String(name)}`);
    return table;
  };
  const access = (action: string, tableName: unknown, indexName?: unknown): Access => {
    const index = indexName === undefined ? '' : `/index/${String(indexName)}`;
    return {
      action: `dynamodb:${action}`,
      resource: formatArn(cloud, 'dynamodb', `table/${readTableName(String(tableName))}${index}`),
    };
  };
  const single = (action: string, run: Run): Operation => ({
    access: (input) => [access(action, input.TableName, input.IndexName)],
    run: (input) => run(find(input.TableName), input),
  });
  const atomically = <T>(run: () => T): T => {
    database.exec('BEGIN');
    try {
      const result = run();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };
  const batchWrite = (input: Json): Json =>
    atomically(() => {
      for (const [tableName, requests] of Object.entries(input.RequestItems as Record<string, Json[]>)) {
        for (const { PutRequest, DeleteRequest } of requests as { PutRequest?: Json; DeleteRequest?: Json }[]) {
          if (PutRequest !== undefined) putItem(find(tableName), PutRequest);
          if (DeleteRequest !== undefined) deleteItem(find(tableName), DeleteRequest);
        }
      }
      return { UnprocessedItems: {} };
    });
  const batchGet = (input: Json): Json => {
    const responses = Object.entries(input.RequestItems as Record<string, Json>).map(([tableName, request]) => {
      const { Keys, ...rest } = request as { Keys: Json[] };
      const items = Keys.map((Key) => getItem(find(tableName), { ...rest, Key }).Item).filter(
        (item) => item !== undefined,
      );
      return [tableName, items];
    });
    return { Responses: Object.fromEntries(responses), UnprocessedKeys: {} };
  };

  return {
    name: 'dynamodb',
    resources: {
      'AWS::DynamoDB::Table': {
        properties: tableProperties,
        create: (request) => {
          const table = new DynamoTable(database, readDefinition(cloud, request));
          tables.set(table.definition.name, table);
          return { ref: table.definition.name, attributes: { Arn: table.definition.arn } };
        },
      },
    },
    operations: {
      GetItem: single('GetItem', getItem),
      PutItem: single('PutItem', putItem),
      UpdateItem: single('UpdateItem', updateItem),
      DeleteItem: single('DeleteItem', deleteItem),
      Query: single('Query', query),
      Scan: single('Scan', scan),
      BatchWriteItem: {
        access: (input) => Object.keys(input.RequestItems as object).map((name) => access('BatchWriteItem', name)),
        run: batchWrite,
      },
      BatchGetItem: {
        access: (input) => Object.keys(input.RequestItems as object).map((name) => access('BatchGetItem', name)),
        run: batchGet,
      },
      TransactWriteItems: {
        access: (input) =>
          listLegs(input).map(({ action, leg }) =>
            access(action === 'ConditionCheck' ? 'ConditionCheckItem' : `${action}Item`, leg.TableName),
          ),
        run: (input) => atomically(() => transact(input, find)),
      },
      DescribeTable: single('DescribeTable', describeTable),
    },
    start: async () => {
      sweep = setInterval(() => {
        for (const table of tables.values()) table.expire(cloud.nowMs() / 1000);
      }, ttlSweepMs);
    },
    stop: async () => {
      clearInterval(sweep);
      database.close();
    },
  };
}

const legs: Readonly<Record<string, Run>> = {
  Put: putItem,
  Update: updateItem,
  Delete: deleteItem,
  ConditionCheck: conditionCheck,
};

function listLegs(input: Json): { action: string; leg: Json }[] {
  return (input.TransactItems as Json[]).map((item) => {
    const [[action, leg] = ['', {}]] = Object.entries(item);
    return { action, leg: leg as Json };
  });
}

function transact(input: Json, find: (name: unknown) => DynamoTable): Json {
  const reasons = listLegs(input).map(({ action, leg }) => {
    try {
      legs[action]!(find(leg.TableName), leg);
      return { Code: 'None' };
    } catch (error) {
      if (!(error instanceof ServiceError) || error.name !== 'ConditionalCheckFailedException') throw error;
      return { Code: 'ConditionalCheckFailed', Message: error.message, ...error.details };
    }
  });
  if (reasons.every(({ Code }) => Code === 'None')) return {};
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  throw new ServiceError('TransactionCanceledException', message, 400, { CancellationReasons: reasons });
}

const describeTable: Run = ({ definition }) => ({
  Table: { TableName: definition.name, TableArn: definition.arn, TableStatus: 'ACTIVE' },
});

const keyPaths = (place: string): string[] => [`${place}.AttributeName`, `${place}.KeyType`];

/** Billing, backups and encryption by keys that AWS manages have no counterpart on a laptop and change nothing a program sees. */
const tableProperties = [
  'TableName',
  ...keyPaths('KeySchema'),
  'AttributeDefinitions.AttributeName',
  'AttributeDefinitions.AttributeType',
  'GlobalSecondaryIndexes.IndexName',
  ...keyPaths('GlobalSecondaryIndexes.KeySchema'),
  'GlobalSecondaryIndexes.Projection.*',
  'TimeToLiveSpecification.AttributeName',
  'TimeToLiveSpecification.Enabled',
  'BillingMode',
  'SSESpecification.SSEEnabled',
  'PointInTimeRecoverySpecification.*',
  'DeletionProtectionEnabled',
  'Tags.*',
];

function readDefinition(cloud: Cloud, { properties, physicalName }: ResourceRequest) {
  const name = String(properties.TableName ?? physicalName);
  const attributes = properties.AttributeDefinitions as { AttributeName: string; AttributeType: string }[];
  const indexes = (properties.GlobalSecondaryIndexes ?? []) as {
    IndexName: string;
    KeySchema: KeyElement[];
    Projection: Json;
  }[];
  const partial = indexes.find((index) => index.Projection.ProjectionType !== 'ALL');
  if (partial !== undefined) throw new Error(`index ${partial.IndexName}: modelled is ProjectionType ALL alone`);
  const ttl = properties.TimeToLiveSpecification as { AttributeName: string; Enabled: boolean } | undefined;
  return {
    name,
    arn: formatArn(cloud, 'dynamodb', `table/${name}`),
    key: readKeySchema(properties.KeySchema as KeyElement[]),
    attributeTypes: Object.fromEntries(attributes.map((a) => [a.AttributeName, a.AttributeType])),
    indexes: Object.fromEntries(indexes.map((index) => [index.IndexName, readKeySchema(index.KeySchema)])),
    ttlAttribute: ttl?.Enabled === true ? ttl.AttributeName : null,
  };
}

interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: string;
}

function readKeySchema(elements: readonly KeyElement[]): KeySchema {
  const nameOf = (type: string): string | null => elements.find((e) => e.KeyType === type)?.AttributeName ?? null;
  return { hash: nameOf('HASH')!, range: nameOf('RANGE') };
}

const readTableName = (nameOrArn: string): string => nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
