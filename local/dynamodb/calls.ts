/** The service's calls: of one table, of several in a batch, of several in a transaction. */
import { createHash } from 'node:crypto';
import type { Access, Cloud, Json, Operation } from '../engine.ts';
import { formatArn, refuseOthers, ServiceError } from '../engine.ts';
import { listing } from '../listing.ts';
import { describeDefinition } from './definition.ts';
import { invalid } from './invalid.ts';
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
  return {
    ...singleCalls(tables, ask),
    ...batchCalls(tables, ask),
    ListTables: listing({
      action: 'dynamodb:ListTables',
      paging: { size: 'Limit', after: 'ExclusiveStartTableName', next: 'LastEvaluatedTableName' },
      into: 'TableNames',
      find: () => tables.names().map((name) => [name, name]),
    }),
    TransactWriteItems: transactionCall(tables, ask, createOnce(cloud.nowMs)),
  };
}

const conditioned = [
  'TableName',
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnValuesOnConditionCheckFailure',
];
const ofItem = { item: [...conditioned, 'Item'], key: [...conditioned, 'Key'] };
const read = ['TableName', 'ConsistentRead', 'ProjectionExpression', 'ExpressionAttributeNames'];
const page = [
  ...read,
  ...['IndexName', 'Select', 'Limit', 'ExclusiveStartKey', 'FilterExpression', 'ExpressionAttributeValues'],
];

function singleCalls(tables: Tables, ask: Ask): Calls {
  const single = (action: string, members: readonly string[], run: Run): Operation => ({
    members,
    access: (input) => [ask(action, input.TableName, input.IndexName)],
    run: (input) => run(tables.find(input.TableName), input),
  });
  return {
    GetItem: single('GetItem', [...read, 'Key'], getItem),
    PutItem: single('PutItem', [...ofItem.item, 'ReturnValues'], putItem),
    UpdateItem: single('UpdateItem', [...ofItem.key, 'UpdateExpression', 'ReturnValues'], updateItem),
    DeleteItem: single('DeleteItem', [...ofItem.key, 'ReturnValues'], deleteItem),
    Query: single('Query', [...page, 'KeyConditionExpression', 'ScanIndexForward'], query),
    Scan: single('Scan', page, scan),
    DescribeTable: single('DescribeTable', ['TableName'], describeTable),
  };
}

const describeTable: Run = (table) => ({
  Table: { ...describeDefinition(table.definition), ItemCount: table.count() },
});

function batchCalls(tables: Tables, ask: Ask): Calls {
  const batch = (action: string, run: (tables: Tables, input: Json) => Json): Operation => ({
    members: ['RequestItems'],
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
    const writes = Object.entries(input.RequestItems as Record<string, WriteRequest[]>).flatMap(([name, requests]) =>
      requests.map((request) => ({ table: tables.find(name), ...request })),
    );
    refuseTwice(
      writes.map(({ table, PutRequest, DeleteRequest }) => [table, (PutRequest?.Item ?? DeleteRequest?.Key) as Item]),
      'Provided list of item keys contains duplicates',
    );
    for (const { table, PutRequest, DeleteRequest } of writes) {
      if (PutRequest != null) putItem(table, PutRequest);
      if (DeleteRequest != null) deleteItem(table, DeleteRequest);
    }
    return { UnprocessedItems: {} };
  });

interface WriteRequest {
  readonly PutRequest?: Json;
  readonly DeleteRequest?: Json;
}

function batchGet(tables: Tables, input: Json): Json {
  if (countIn(input.RequestItems, ({ Keys }) => Keys) > mostKeys)
    throw invalid('Too many items requested for the BatchGetItem call');
  const responses = Object.entries(input.RequestItems as Record<string, Json>).map(([tableName, request]) => {
    refuseOthers('dynamodb:BatchGetItem', request, [...read, 'Keys']);
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

/** A transaction that comes again under its token has been done (API reference, TransactWriteItems, ClientRequestToken). */
const tokenLifeMs = 10 * 60_000;

function createOnce(nowMs: () => number): (input: Json, run: () => Json) => Json {
  const done = new Map<unknown, { readonly digest: string; readonly atMs: number }>();
  const dropOld = (): void => {
    const sinceMs = nowMs() - tokenLifeMs;
    for (const [token, { atMs }] of done) {
      if (atMs > sinceMs) return;
      done.delete(token);
    }
  };
  return ({ ClientRequestToken: token, TransactItems }, run) => {
    if (token == null) return run();
    dropOld();
    // The SDK makes a token for each transaction, of up to 4 MB: what it did is kept as a digest.
    const digest = createHash('sha256').update(JSON.stringify(TransactItems)).digest('base64');
    const known = done.get(token);
    if (known !== undefined && known.digest !== digest)
      throw new ServiceError('IdempotentParameterMismatchException', 'this token was used with another transaction');
    if (known !== undefined) return {};
    const answer = run();
    done.set(token, { digest, atMs: nowMs() });
    return answer;
  };
}

const transactionCall = (tables: Tables, ask: Ask, once: ReturnType<typeof createOnce>): Operation => ({
  members: ['TransactItems', 'ClientRequestToken'],
  access: (input) =>
    listLegs(input).map(({ action, leg }) =>
      ask(action === 'ConditionCheck' ? 'ConditionCheckItem' : `${action}Item`, leg.TableName),
    ),
  run: (input) => once(input, () => tables.atomically(() => transact(input, tables))),
});

const legs: Readonly<Record<string, readonly [run: Run, members: readonly string[]]>> = {
  Put: [putItem, ofItem.item],
  Update: [updateItem, [...ofItem.key, 'UpdateExpression']],
  Delete: [deleteItem, ofItem.key],
  ConditionCheck: [conditionCheck, ofItem.key],
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
      const [run, members] = legs[action]!;
      refuseOthers(`dynamodb:TransactWriteItems, ${action}`, leg, members);
      run(tables.find(leg.TableName), leg);
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
