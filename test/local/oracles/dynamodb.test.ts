/**
 * The same calls to the laptop's DynamoDB and to dynalite: answers and errors agree. Left out on purpose: texts of errors
 * (their names count), parameters older than expressions (refused here), empty `Attributes` (absent here), capacity
 * figures, transactions and TTL (dynalite has none), the order of a scan (DynamoDB promises none). Where dynalite itself
 * is wrong: empty strings have no type, equal lists and maps differ, and two attributes that are absent are equal.
 */
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import { until } from '../../until.ts';
import { openWire, type Wire } from '../wire.ts';

const require = createRequire(import.meta.url);
const dynalite = require('dynalite') as (options: { createTableMs: number }) => Server;

const TableName = 'orders';
const schema: Omit<CreateTableCommandInput, 'TableName'> = {
  KeySchema: [
    { AttributeName: 'machine', KeyType: 'HASH' },
    { AttributeName: 'number', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'machine', AttributeType: 'S' },
    { AttributeName: 'number', AttributeType: 'N' },
    { AttributeName: 'state', AttributeType: 'S' },
    { AttributeName: 'due', AttributeType: 'N' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byState',
      KeySchema: [
        { AttributeName: 'state', KeyType: 'HASH' },
        { AttributeName: 'due', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  BillingMode: 'PAY_PER_REQUEST',
};

let wire: Wire;
let oracle: Server;
let clients: readonly [ours: DynamoDBClient, theirs: DynamoDBClient];

beforeAll(async () => {
  wire = await openWire((cloud) => createDynamoDb(cloud));
  await wire.create('AWS::DynamoDB::Table', { TableName, ...schema });
  oracle = dynalite({ createTableMs: 0 });
  await new Promise<void>((done) => oracle.listen(0, '127.0.0.1', done));
  const endpoint = `http://127.0.0.1:${(oracle.address() as AddressInfo).port}`;
  clients = [new DynamoDBClient(wire.clientConfig), new DynamoDBClient({ ...wire.clientConfig, endpoint })];
  await clients[1].send(new CreateTableCommand({ TableName, ...schema }));
  await until(async () => {
    const { Table } = await clients[1].send(new DescribeTableCommand({ TableName }));
    expect(Table?.TableStatus).toBe('ACTIVE');
  });
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await wire.stop();
  await new Promise((done) => oracle.close(done));
});

type Item = Record<string, AttributeValue>;
type Send = (client: DynamoDBClient) => Promise<object>;

/** What a program can see of an answer. */
async function observe(client: DynamoDBClient, send: Send): Promise<unknown> {
  try {
    const { $metadata: _, ...answer } = (await send(client)) as { $metadata?: unknown; Attributes?: Item };
    const isEmpty = Object.keys(answer.Attributes ?? {}).length === 0;
    return JSON.parse(JSON.stringify({ ...answer, ...(isEmpty && { Attributes: undefined }) }));
  } catch (error) {
    return { refused: (error as Error).name };
  }
}

async function agree(what: string, send: Send): Promise<unknown> {
  const [ours, theirs] = await Promise.all(clients.map((client) => observe(client, send)));
  expect(ours, what).toEqual(theirs);
  return ours;
}

const texts = (...list: readonly string[]): AttributeValue => ({ L: list.map((S) => ({ S })) });
const value = fc.constantFrom<AttributeValue>(
  ...['open', 'done', 'öffen'].map((S) => ({ S })),
  ...['0', '-1', '10', '9', '2.50', '1e3', '-12e-4', '007'].map((N) => ({ N })),
  ...[true, false].map((BOOL) => ({ BOOL })),
  { NULL: true },
  { SS: ['a'] },
  { SS: ['a', 'b'] },
  ...[texts(), texts('x'), texts('x', 'y')],
  ...['deep', 'other'].map((S) => ({ M: { inner: { S } } })),
);
const key = fc.record({ machine: fc.constantFrom('A', 'B'), number: fc.constantFrom('1', '2', '10', '-3') });
const attributes = fc.record(
  {
    a: value,
    b: value,
    state: fc.constantFrom({ S: 'open' }, { S: 'done' }),
    due: fc.constantFrom({ N: '5' }, { N: '40' }),
  },
  { requiredKeys: [] },
);

/** `:c` is compared with, `:v` is written. */
const conditions = [
  'attribute_exists(machine)',
  'attribute_not_exists(machine)',
  'attribute_not_exists(#a)',
  '#a = :c',
  '#a <> :c',
  '#a < :c',
  '#a >= :c',
  '#a BETWEEN :c AND :c',
  '#a IN (:c, :c)',
  'attribute_type(#a, :string)',
  'begins_with(#a, :string)',
  'contains(#a, :string)',
  'size(#a) > :two',
  'NOT #a = :c',
  '(#a = :c OR b = :c) AND attribute_exists(b)',
  '#a.inner = :string',
  '#a[0] = :string',
] as const;
const updates = [
  'SET #a = :v',
  'SET #a = :v, b = #a',
  'SET b = if_not_exists(b, :v)',
  'SET b = if_not_exists(#a, :zero) + :two',
  'SET #a = #a - :two',
  'SET #a = list_append(if_not_exists(#a, :list), :list)',
  'SET #a[1] = :v',
  'SET #a.inner = :v',
  'REMOVE #a, b',
  'REMOVE #a[0]',
  'ADD #a :two',
  'ADD #a :set',
  'DELETE #a :set',
  'SET b = :v REMOVE #a',
] as const;
const keyConditions = [
  'machine = :m',
  'machine = :m AND #n = :two',
  'machine = :m AND #n < :two',
  'machine = :m AND #n BETWEEN :zero AND :two',
  '#n >= :zero AND machine = :m',
] as const;

const known: Readonly<Record<string, AttributeValue>> = {
  ':string': { S: 'S' },
  ':two': { N: '2' },
  ':zero': { N: '0' },
  ':list': { L: [{ S: 'x' }] },
  ':set': { SS: ['a', 'c'] },
};
const names: Readonly<Record<string, string>> = { '#a': 'a', '#n': 'number' };

/** Names and values that these expressions use, no others: those are refused. */
function placeholders(expressions: readonly (string | undefined)[], values: Readonly<Record<string, AttributeValue>>) {
  const used = new Set(expressions.flatMap((text) => text?.match(/[#:]\w+/g) ?? []));
  const pick = <T>(from: Readonly<Record<string, T>>): Record<string, T> | undefined => {
    const found = Object.entries(from).filter(([name]) => used.has(name));
    return found.length === 0 ? undefined : Object.fromEntries(found);
  };
  const [ExpressionAttributeNames, ExpressionAttributeValues] = [pick(names), pick({ ...known, ...values })];
  return {
    ...(ExpressionAttributeNames && { ExpressionAttributeNames }),
    ...(ExpressionAttributeValues && { ExpressionAttributeValues }),
  };
}

/** Others have no order; and dynalite takes two equal lists or maps for different ones. */
const compared = fc.constantFrom<AttributeValue>({ S: 'done' }, { S: 'x' }, { N: '9' }, { N: '2.50' });
const condition = fc.option(fc.constantFrom(...conditions), { nil: undefined });
const place = { key, value, compared, condition };
const step = fc.oneof(
  fc.record({ kind: fc.constant('put'), ...place, attributes, returns: fc.constantFrom('NONE', 'ALL_OLD') }),
  fc.record({
    kind: fc.constant('update'),
    ...place,
    update: fc.constantFrom(...updates),
    returns: fc.constantFrom('NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW'),
  }),
  fc.record({ kind: fc.constant('delete'), ...place, returns: fc.constantFrom('NONE', 'ALL_OLD') }),
  fc.record({ kind: fc.constant('get'), ...place, projected: fc.boolean() }),
  fc.record({
    kind: fc.constant('query'),
    ...place,
    keyCondition: fc.constantFrom(...keyConditions),
    limit: fc.constantFrom(1, 2, 50),
    forward: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('index'), ...place, forward: fc.boolean() }),
  fc.record({ kind: fc.constant('batch'), ...place, attributes }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const keyOf = (run: string, { machine, number }: { machine: string; number: string }): Item => ({
  machine: { S: `${run}-${machine}` },
  number: { N: number },
});

function toCall(run: string, step: Step): Send {
  const Key = keyOf(run, step.key);
  const conditional = (expressions: readonly (string | undefined)[]) => ({
    ...(step.condition && { ConditionExpression: step.condition }),
    ...placeholders([step.condition, ...expressions], { ':v': step.value, ':c': step.compared }),
  });
  switch (step.kind) {
    case 'put': {
      const input = { TableName, Item: { ...Key, ...step.attributes }, ...conditional([]) };
      return (client) => client.send(new PutItemCommand({ ...input, ReturnValues: step.returns as 'NONE' }));
    }
    case 'update': {
      const input = { TableName, Key, UpdateExpression: step.update, ...conditional([step.update]) };
      return (client) => client.send(new UpdateItemCommand({ ...input, ReturnValues: step.returns as 'NONE' }));
    }
    case 'delete': {
      const input = { TableName, Key, ...conditional([]) };
      return (client) => client.send(new DeleteItemCommand({ ...input, ReturnValues: step.returns as 'NONE' }));
    }
    case 'get': {
      const ProjectionExpression = step.projected ? '#a, b' : undefined;
      const projection = {
        ...(ProjectionExpression && { ProjectionExpression }),
        ...placeholders([ProjectionExpression], {}),
      };
      return (client) => client.send(new GetItemCommand({ TableName, Key, ...projection }));
    }
    case 'batch': {
      const RequestItems = { [TableName]: [{ PutRequest: { Item: { ...Key, ...step.attributes } } }] };
      return (client) => client.send(new BatchWriteItemCommand({ RequestItems }));
    }
    case 'index': {
      const input = {
        ...{ TableName, IndexName: 'byState', KeyConditionExpression: '#s = :open AND due > :zero' },
        FilterExpression: 'begins_with(machine, :run)',
        ExpressionAttributeNames: { '#s': 'state' },
        ExpressionAttributeValues: { ':open': { S: 'open' }, ':run': { S: `${run}-` }, ':zero': { N: '0' } },
      };
      // Items of the same due date come in no promised order.
      return async (client) => {
        const { Items = [], Count } = await client.send(new QueryCommand(input));
        return { Count, Items: Items.map((item) => JSON.stringify(Object.entries(item).sort())).sort() };
      };
    }
    default:
      return (client) => queryAll(client, Key, step);
  }
}

/** Every page, with where it ends. */
async function queryAll(client: DynamoDBClient, Key: Item, step: Extract<Step, { limit: number }>): Promise<object> {
  const pages: unknown[] = [];
  let ExclusiveStartKey: Item | undefined;
  do {
    const { Items, Count, ScannedCount, LastEvaluatedKey } = await client.send(
      new QueryCommand({
        ...{ TableName, KeyConditionExpression: step.keyCondition, Limit: step.limit, ScanIndexForward: step.forward },
        ...(step.condition && !/machine/.test(step.condition) && { FilterExpression: step.condition }),
        ...placeholders([step.keyCondition, /machine/.test(step.condition ?? '') ? undefined : step.condition], {
          ':c': step.compared,
          ':m': Key.machine!,
        }),
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    );
    pages.push({ Items, Count, ScannedCount, LastEvaluatedKey });
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return { pages };
}

it('agrees with dynalite over any sequence of writes, conditions, updates and queries', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 30 }), async (steps) => {
      run += 1;
      for (const step of steps) await agree(JSON.stringify(step), toCall(`r${run}`, step));
    }),
    { numRuns: 25 },
  );
});

it('agrees on a batch of reads and on the items of a scan', async () => {
  for (const number of ['1', '2']) {
    const Item = { ...keyOf('s', { machine: 'A', number }), a: { S: number } };
    await agree('put', (client) => client.send(new PutItemCommand({ TableName, Item })));
  }
  const Keys = ['1', '2', '10'].map((number) => keyOf('s', { machine: 'A', number }));
  const sorted = (items: readonly Item[] = []): string[] => items.map((item) => JSON.stringify(item.number)).sort();
  const read = await agree('batch get', async (client) => {
    const { Responses } = await client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }));
    return { items: sorted(Responses?.[TableName]) };
  });
  expect(read).toEqual({ items: ['{"N":"1"}', '{"N":"2"}'] });
  await agree('scan', async (client) => {
    const FilterExpression = 'machine = :m';
    const input = { TableName, FilterExpression, ExpressionAttributeValues: { ':m': { S: 's-A' } } };
    return { items: sorted((await client.send(new ScanCommand(input))).Items) };
  });
});

it('refuses by the same names', async () => {
  const Key = keyOf('e', { machine: 'A', number: '1' });
  const update =
    (input: object): Send =>
    (client) =>
      client.send(new UpdateItemCommand({ TableName, Key, UpdateExpression: 'SET a = :v', ...input }));
  const values = { ExpressionAttributeValues: { ':v': { S: 'x' } } };
  const refused: readonly (readonly [string, Send])[] = [
    ['no such table', (client) => client.send(new GetItemCommand({ TableName: 'nowhere', Key }))],
    ['half a key', (client) => client.send(new GetItemCommand({ TableName, Key: { machine: { S: 'x' } } }))],
    [
      'a key of another type',
      (client) => client.send(new GetItemCommand({ TableName, Key: { ...Key, number: { S: '1' } } })),
    ],
    ['a value that is missing', update({})],
    ['a value too many', update({ ExpressionAttributeValues: { ':v': { S: 'x' }, ':w': { S: 'y' } } })],
    ['a misspelt clause', update({ UpdateExpression: 'SETT a = :v', ...values })],
    ['an update of the key', update({ UpdateExpression: 'SET machine = :v', ...values })],
    ['a reserved word', update({ UpdateExpression: 'SET status = :v', ...values })],
    ['a condition that fails', update({ ConditionExpression: 'attribute_exists(a)', ...values })],
    [
      'an index that is not there',
      (client) =>
        client.send(new QueryCommand({ TableName, IndexName: 'x', KeyConditionExpression: 'a = :v', ...values })),
    ],
    [
      'a query without its hash key',
      (client) => client.send(new QueryCommand({ TableName, KeyConditionExpression: 'a = :v', ...values })),
    ],
  ];
  for (const [what, send] of refused) expect(await agree(what, send), what).toHaveProperty('refused');
});
