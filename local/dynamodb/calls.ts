/** The service's calls: of one table, of several in a batch, of several in a transaction. */
import type { Access, Cloud, Json, Operation } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { invalid } from './expression-parser.ts';
import { conditionCheck, deleteItem, getItem, putItem, query, scan, updateItem } from './operations.ts';
import type { DynamoTable } from './table.ts';
import { readTableName, type Tables } from './tables.ts';
import type { Item } from './values.ts';

type Run = (table: DynamoTable, input: Json) => Json;
type Ask = (action: string, tableName: unknown, indexName?: unknown) => Access;
type Calls = Readonly<Record<string, Operation>>;

export function dynamoDbCalls(cloud: Cloud, tables: Tables): Calls {
  const ask: Ask = (action, tableName, indexName) => {
    const index = indexName === undefined ? '' : `/index/${String(indexName)}`;
    const resource = formatArn(cloud, 'dynamodb', `table/${readTableName(String(tableName))}${index}`);
    return { action: `dynamodb:${action}`, resource };
  };
  return { ...singleCalls(tables, ask), ...batchCalls(tables, ask), TransactWriteItems: transactionCall(tables, ask) };
}

function singleCalls(tables: Tables, ask: Ask): Calls {
  const single = (action: string, run: Run): Operation => ({
    access: (input) => [ask(action, input.TableName, input.IndexName)],
    run: (input) => run(tables.find(input.TableName), input),
  });
  return {
    GetItem: single('GetItem', getItem),
    PutItem: single('PutItem', putItem),
    UpdateItem: single('UpdateItem', updateItem),
    DeleteItem: single('DeleteItem', deleteItem),
    Query: single('Query', query),
    Scan: single('Scan', scan),
    DescribeTable: single('DescribeTable', describeTable),
  };
}

const describeTable: Run = ({ definition }) => ({
  Table: { TableName: definition.name, TableArn: definition.arn, TableStatus: 'ACTIVE' },
});

function batchCalls(tables: Tables, ask: Ask): Calls {
  const batch = (action: string, run: (tables: Tables, input: Json) => Json): Operation => ({
    access: (input) => Object.keys(input.RequestItems as object).map((name) => ask(action, name)),
    run: (input) => run(tables, input),
  });
  return { BatchWriteItem: batch('BatchWriteItem', batchWrite), BatchGetItem: batch('BatchGetItem', batchGet) };
}

/** Per request (API reference, BatchWriteItem, BatchGetItem, TransactWriteItems). */
const mostWrites = 25;
const mostKeys = 100;
const mostLegs = 100;

const countIn = (requestItems: unknown, listOf: (request: Json) => unknown): number =>
  Object.values(requestItems as Record<string, Json>).reduce(
    (sum, request) => sum + (listOf(request) as Json[]).length,
    0,
  );

function refuseTwice(items: readonly (readonly [table: DynamoTable, item: Item])[], message: string): void {
  const keys = items.map(([table, item]) => `${table.definition.name} ${JSON.stringify(table.readKey(item))}`);
  if (new Set(keys).size < keys.length) throw invalid(message);
}

const batchWrite = (tables: Tables, input: Json): Json =>
  tables.atomically(() => {
    if (countIn(input.RequestItems, (requests) => requests) > mostWrites)
      throw invalid('Too many items requested for the BatchWriteItem call');
    for (const [tableName, requests] of Object.entries(input.RequestItems as Record<string, Json[]>)) {
      for (const { PutRequest, DeleteRequest } of requests as { PutRequest?: Json; DeleteRequest?: Json }[]) {
        if (PutRequest !== undefined) putItem(tables.find(tableName), PutRequest);
        if (DeleteRequest !== undefined) deleteItem(tables.find(tableName), DeleteRequest);
      }
    }
    return { UnprocessedItems: {} };
  });

function batchGet(tables: Tables, input: Json): Json {
  if (countIn(input.RequestItems, ({ Keys }) => Keys) > mostKeys)
    throw invalid('Too many items requested for the BatchGetItem call');
  const responses = Object.entries(input.RequestItems as Record<string, Json>).map(([tableName, request]) => {
    const { Keys, ...rest } = request as { Keys: Item[] };
    const table = tables.find(tableName);
    refuseTwice(
      Keys.map((key) => [table, key]),
      'Provided list of item keys contains duplicates',
    );
    const items = Keys.map((Key) => getItem(table, { ...rest, Key }).Item);
    return [tableName, items.filter((item) => item !== undefined)];
  });
  return { Responses: Object.fromEntries(responses), UnprocessedKeys: {} };
}

const transactionCall = (tables: Tables, ask: Ask): Operation => ({
  access: (input) =>
    listLegs(input).map(({ action, leg }) =>
      ask(action === 'ConditionCheck' ? 'ConditionCheckItem' : `${action}Item`, leg.TableName),
    ),
  run: (input) => tables.atomically(() => transact(input, tables)),
});

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

function transact(input: Json, tables: Tables): Json {
  const asked = listLegs(input);
  if (asked.length > mostLegs)
    throw invalid(`transactItems: got ${asked.length}; its length must be less than or equal to ${mostLegs}`);
  refuseTwice(
    asked.map(({ leg }) => [tables.find(leg.TableName), (leg.Item ?? leg.Key) as Item]),
    'Transaction request cannot include multiple operations on one item',
  );
  const reasons = asked.map(({ action, leg }) => {
    try {
      legs[action]!(tables.find(leg.TableName), leg);
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
