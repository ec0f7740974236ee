/** The service's calls: of one table, of several in a batch, of several in a transaction. */
import type { Access, Cloud, Json, Operation } from '../engine.ts';
import { formatArn, ServiceError } from '../engine.ts';
import { conditionCheck, deleteItem, getItem, putItem, query, scan, updateItem } from './operations.ts';
import type { DynamoTable } from './table.ts';
import { readTableName, type Tables } from './tables.ts';

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

const batchWrite = (tables: Tables, input: Json): Json =>
  tables.atomically(() => {
    for (const [tableName, requests] of Object.entries(input.RequestItems as Record<string, Json[]>)) {
      for (const { PutRequest, DeleteRequest } of requests as { PutRequest?: Json; DeleteRequest?: Json }[]) {
        if (PutRequest !== undefined) putItem(tables.find(tableName), PutRequest);
        if (DeleteRequest !== undefined) deleteItem(tables.find(tableName), DeleteRequest);
      }
    }
    return { UnprocessedItems: {} };
  });

function batchGet(tables: Tables, input: Json): Json {
  const responses = Object.entries(input.RequestItems as Record<string, Json>).map(([tableName, request]) => {
    const { Keys, ...rest } = request as { Keys: Json[] };
    const items = Keys.map((Key) => getItem(tables.find(tableName), { ...rest, Key }).Item);
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
  const reasons = listLegs(input).map(({ action, leg }) => {
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
