import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import { openWire, type Wire } from '../wire.ts';

const TableName = 'orders';
let wire: Wire;
let client: DynamoDBClient;

beforeAll(async () => {
  wire = await openWire((cloud) => createDynamoDb(cloud));
  await wire.create('AWS::DynamoDB::Table', {
    TableName,
    KeySchema: [
      { AttributeName: 'machine', KeyType: 'HASH' },
      { AttributeName: 'number', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'machine', AttributeType: 'S' },
      { AttributeName: 'number', AttributeType: 'N' },
      { AttributeName: 'state', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byState',
        KeySchema: [
          { AttributeName: 'state', KeyType: 'HASH' },
          { AttributeName: 'number', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  });
  client = new DynamoDBClient(wire.clientConfig);
});
afterAll(async () => {
  client.destroy();
  await wire.stop();
});

const keyOf = (machine: string, number: number) => ({ machine: { S: machine }, number: { N: String(number) } });
const put = (machine: string, number: number, rest = {}) =>
  client.send(new PutItemCommand({ TableName, Item: { ...keyOf(machine, number), ...rest } }));
const get = async (machine: string, number: number) =>
  (await client.send(new GetItemCommand({ TableName, Key: keyOf(machine, number) }))).Item;
const update = (machine: string, number: number, input: Partial<UpdateItemCommandInput>) =>
  client.send(new UpdateItemCommand({ TableName, Key: keyOf(machine, number), ReturnValues: 'ALL_NEW', ...input }));

describe('a request of several items', () => {
  const keys = (count: number) => Array.from({ length: count }, (_, i) => keyOf('many', i));
  const getAll = (Keys: ReturnType<typeof keys>) =>
    client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }));
  const putAll = (count: number) =>
    client.send(
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: keys(count).map((Item) => ({ PutRequest: { Item } })) },
      }),
    );
  const transact = (Items: ReturnType<typeof keys>) =>
    client.send(new TransactWriteItemsCommand({ TransactItems: Items.map((Item) => ({ Put: { TableName, Item } })) }));

  it('has no more than AWS takes', async () => {
    await expect(getAll(keys(100))).resolves.toBeDefined();
    await expect(getAll(keys(101))).rejects.toThrow('Too many items requested for the BatchGetItem call');
    await expect(putAll(25)).resolves.toBeDefined();
    await expect(putAll(26)).rejects.toThrow('Too many items requested for the BatchWriteItem call');
    await expect(transact(keys(100))).resolves.toBeDefined();
    await expect(transact(keys(101))).rejects.toThrow('less than or equal to 100');
  });

  it('is done once under one token', async () => {
    const adding = (by: string) => ({
      Update: {
        TableName,
        Key: keyOf('once', 1),
        UpdateExpression: 'ADD n :by',
        ExpressionAttributeValues: { ':by': { N: by } },
      },
    });
    const send = (by: string) =>
      client.send(new TransactWriteItemsCommand({ TransactItems: [adding(by)], ClientRequestToken: 'token' }));
    await send('1');
    await send('1');
    expect((await get('once', 1))?.n).toEqual({ N: '1' });
    await expect(send('2')).rejects.toMatchObject({ name: 'IdempotentParameterMismatchException' });
  });

  it('names each item once', async () => {
    const twice = [1, 1].map((n) => ({ PutRequest: { Item: keyOf('many', n) } }));
    const writing = client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: twice } }));
    await expect(writing).rejects.toThrow('contains duplicates');
    await expect(getAll([keyOf('many', 1), keyOf('many', 1)])).rejects.toThrow('contains duplicates');
    await expect(transact([keyOf('many', 1), keyOf('many', 1)])).rejects.toThrow('multiple operations on one item');
  });
});

describe('items', () => {
  it('are written under a condition or not at all', async () => {
    await put('A', 1, { version: { N: '3' } });
    const newer = new PutItemCommand({
      TableName,
      Item: { ...keyOf('A', 1), version: { N: '4' } },
      ConditionExpression: 'attribute_not_exists(machine) OR version < :version',
      ExpressionAttributeValues: { ':version': { N: '4' } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    await client.send(newer);
    await expect(client.send(newer)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { version: { N: '4' } },
    });
  });

  it('are updated by every clause, from the values as they were', async () => {
    await put('B', 1, {
      a: { N: '1' },
      b: { N: '10' },
      gone: { S: 'x' },
      tags: { SS: ['x', 'y'] },
      list: { L: [{ S: 'one' }] },
      map: { M: {} },
    });
    const { Attributes } = await update('B', 1, {
      UpdateExpression:
        'SET a = b, b = a + :one, c = if_not_exists(c, :one), #l = list_append(#l, :more), #m.within_it = :one REMOVE gone ADD hits :one DELETE tags :x',
      ExpressionAttributeNames: { '#l': 'list', '#m': 'map' },
      ExpressionAttributeValues: { ':one': { N: '1' }, ':more': { L: [{ S: 'two' }] }, ':x': { SS: ['x'] } },
    });
    expect(Attributes).toEqual({
      ...keyOf('B', 1),
      ...{ a: { N: '10' }, b: { N: '2' }, c: { N: '1' }, hits: { N: '1' }, tags: { SS: ['y'] } },
      ...{ list: { L: [{ S: 'one' }, { S: 'two' }] }, map: { M: { within_it: { N: '1' } } } },
    });
  });

  it('count concurrent increments one by one', async () => {
    const add = () =>
      update('C', 1, { UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': { N: '1' } } });
    await Promise.all(Array.from({ length: 20 }, add));
    expect((await get('C', 1))?.n).toEqual({ N: '20' });
  });

  it('keep numbers of 38 digits, and add to them exactly', async () => {
    await put('N', 1, { n: { N: '9007199254740993' } });
    const input = { UpdateExpression: 'ADD n :two', ExpressionAttributeValues: { ':two': { N: '2.0' } } };
    expect((await update('N', 1, input)).Attributes?.n).toEqual({ N: '9007199254740995' });
    const isLess = { ConditionExpression: 'n < :n', ExpressionAttributeValues: { ':n': { N: '9007199254740994' } } };
    const check = { ...isLess, UpdateExpression: 'REMOVE a' };
    await expect(update('N', 1, check)).rejects.toThrow('The conditional request failed');
  });

  it('have keys that can be put in order, of the type that the table says', async () => {
    const Item = { machine: { S: 'N' }, number: { N: '9007199254740993' } };
    await expect(client.send(new PutItemCommand({ TableName, Item }))).rejects.toThrow(
      'key number: got 9007199254740993; the laptop orders keys as doubles',
    );
    await expect(put('N', 1, { state: { N: '1' } })).rejects.toThrow('key state of table orders: got type N');
    await expect(put('', 1)).rejects.toThrow('key machine of table orders: it is empty');
  });

  it('go and come in batches', async () => {
    const requests = [1, 2, 3].map((n) => ({ PutRequest: { Item: keyOf('D', n) } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
    await client.send(new DeleteItemCommand({ TableName, Key: keyOf('D', 2) }));
    const Keys = [1, 2, 3].map((n) => keyOf('D', n));
    const { Responses } = await client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }));
    expect(Responses?.[TableName]).toHaveLength(2);
  });

  it('change together in a transaction or not at all, each leg with its reason', async () => {
    await put('E', 1);
    const legs = [
      { Put: { TableName, Item: keyOf('E', 2) } },
      { ConditionCheck: { TableName, Key: keyOf('E', 1), ConditionExpression: 'attribute_not_exists(machine)' } },
    ];
    await expect(client.send(new TransactWriteItemsCommand({ TransactItems: legs }))).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }],
    });
    expect(await get('E', 2)).toBeUndefined();
  });
});

describe('queries', () => {
  beforeAll(async () => {
    for (let n = 1; n <= 12; n++) await put('Q', n, { state: { S: n % 3 === 0 ? 'open' : 'closed' } });
  });
  const query = async (input: object) => {
    const numbers: number[] = [];
    let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
    do {
      const page: QueryCommandOutput = await client.send(new QueryCommand({ TableName, ExclusiveStartKey, ...input }));
      numbers.push(...(page.Items ?? []).map((item) => Number(item.number!.N)));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return numbers;
  };
  const values = { ':q': { S: 'Q' }, ':from': { N: '2' }, ':to': { N: '11' } };
  const between = {
    KeyConditionExpression: 'machine = :q AND #n BETWEEN :from AND :to',
    ExpressionAttributeNames: { '#n': 'number' },
    ExpressionAttributeValues: values,
  };

  it('go by the range key as a number, either way, in pages', async () => {
    expect(await query(between)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(await query({ ...between, ScanIndexForward: false, Limit: 3 })).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
  });

  it('filter after the limit, and read an index', async () => {
    const filtered = {
      ...between,
      FilterExpression: '#s = :open',
      ExpressionAttributeNames: { '#n': 'number', '#s': 'state' },
      ExpressionAttributeValues: { ...values, ':open': { S: 'open' } },
    };
    expect(await query({ ...filtered, Limit: 2 })).toEqual([3, 6, 9]);
    const byState = {
      IndexName: 'byState',
      KeyConditionExpression: '#s = :open',
      ExpressionAttributeNames: { '#s': 'state' },
      ExpressionAttributeValues: { ':open': { S: 'open' } },
    };
    expect(await query(byState)).toEqual([3, 6, 9, 12]);
  });

  it('scan everything, projected', async () => {
    const { Items } = await client.send(
      new ScanCommand({
        TableName,
        FilterExpression: 'begins_with(machine, :q)',
        ProjectionExpression: 'machine',
        ExpressionAttributeValues: { ':q': { S: 'Q' } },
      }),
    );
    expect(Items).toHaveLength(12);
    expect(Items![0]).toEqual({ machine: { S: 'Q' } });
  });
});

describe('a list read page by page', () => {
  const nextOf = ({
    LastEvaluatedKey,
  }: Pick<QueryCommandOutput, 'LastEvaluatedKey'>): QueryCommandInput['ExclusiveStartKey'] => LastEvaluatedKey;
  const query = {
    TableName,
    KeyConditionExpression: 'machine = :p',
    ExpressionAttributeValues: { ':p': { S: 'P' } },
    Limit: 2,
  };
  const byState = {
    ...query,
    IndexName: 'byState',
    KeyConditionExpression: '#s = :p',
    ExpressionAttributeNames: { '#s': 'state' },
  };
  const numbersOf = ({ Items = [] }: Pick<QueryCommandOutput, 'Items'>) => Items.map((item) => Number(item.number!.N));
  const remove = (n: number) => client.send(new DeleteItemCommand({ TableName, Key: keyOf('P', n) }));

  beforeEach(async () => {
    for (const n of [1, 2, 9, 10, 11]) await put('P', n, { state: { S: 'P' } });
  });

  it.each([
    ['a query', query, 2, [9, 10]],
    ['a query backwards', { ...query, ScanIndexForward: false }, 10, [9, 2]],
    ['a query of an index', byState, 2, [9, 10]],
  ])('goes on behind where %s ended, though that item is gone', async (_what, input, lastNumber, then) => {
    const first = await client.send(new QueryCommand(input));
    expect(nextOf(first)).toMatchObject(keyOf('P', lastNumber));
    await remove(lastNumber);
    const second = await client.send(new QueryCommand({ ...input, ExclusiveStartKey: nextOf(first) }));
    expect(numbersOf(second)).toEqual(then);
  });

  it('goes on behind where a scan ended, though that item is gone', async () => {
    const all = numbersOf(await client.send(new ScanCommand({ TableName })));
    const first = await client.send(new ScanCommand({ TableName, Limit: all.length - 2 }));
    await client.send(new DeleteItemCommand({ TableName, Key: nextOf(first) }));
    const second = await client.send(new ScanCommand({ TableName, ExclusiveStartKey: nextOf(first) }));
    expect(numbersOf(second)).toEqual(all.slice(-2));
  });

  it('says which part of the key a beginning lacks', async () => {
    const start = { machine: { S: 'P' } };
    await expect(client.send(new QueryCommand({ ...query, ExclusiveStartKey: start }))).rejects.toThrow(
      /key number of table orders: got nothing/,
    );
  });
});

describe('what DynamoDB refuses is refused', () => {
  it.each([
    ['another attribute', 'machine = :q AND hits = :n'],
    ['either of two', 'machine = :q AND (#n = :n OR #n < :n)'],
    ['what it is not', 'machine = :q AND #n <> :n'],
  ])('a key condition of %s', async (_what, KeyConditionExpression) => {
    const names = KeyConditionExpression.includes('#n') ? { ExpressionAttributeNames: { '#n': 'number' } } : {};
    const values = { ':q': { S: 'Q' }, ':n': { N: '1' } };
    const asking = { TableName, KeyConditionExpression, ...names, ExpressionAttributeValues: values };
    await expect(client.send(new QueryCommand(asking))).rejects.toThrow('Query key condition not supported');
  });

  it('a key with more than the key', async () => {
    const Key = { ...keyOf('Z', 1), state: { S: 'open' } };
    const says = 'The provided key element does not match the schema';
    await expect(client.send(new GetItemCommand({ TableName, Key }))).rejects.toThrow(says);
    await expect(client.send(new DeleteItemCommand({ TableName, Key }))).rejects.toThrow(says);
  });

  it('an answer that a put does not give', async () => {
    const asking = new PutItemCommand({ TableName, Item: keyOf('Z', 1), ReturnValues: 'ALL_NEW' });
    await expect(client.send(asking)).rejects.toThrow('ReturnValues: got ALL_NEW');
  });

  const refused: readonly (readonly [string, Partial<UpdateItemCommandInput>, RegExp])[] = [
    [
      'a reserved word',
      { UpdateExpression: 'SET state = :s', ExpressionAttributeValues: { ':s': { S: 'x' } } },
      /"state".*reserved keyword/,
    ],
    ['an undefined value', { UpdateExpression: 'SET a = :b' }, /:b used in .* is not defined/],
    [
      'an unused value',
      { UpdateExpression: 'REMOVE a', ExpressionAttributeValues: { ':b': { S: 'x' } } },
      /unused in expressions: :b/,
    ],
    [
      'a syntax error',
      { UpdateExpression: 'SET a == :b', ExpressionAttributeValues: { ':b': { S: 'x' } } },
      /syntax error in "SET a == :b"/,
    ],
    [
      'a change of the key',
      {
        UpdateExpression: 'SET #n = :b',
        ExpressionAttributeNames: { '#n': 'number' },
        ExpressionAttributeValues: { ':b': { N: '2' } },
      },
      /number: it is part of the key/,
    ],
  ];
  it.each(refused)('%s', async (_what, input, says) => {
    await expect(update('Z', 1, input)).rejects.toThrow(says);
  });

  it('never with anything but a ValidationException, whatever the expression', async () => {
    const words = fc.constantFrom(
      'SET',
      'REMOVE',
      'a',
      '=',
      ':v',
      '+',
      '(',
      ')',
      ',',
      'if_not_exists',
      'AND',
      '[',
      '0',
      ']',
      '.',
      '#n',
      ' ',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(words, { minLength: 1, maxLength: 12 }), async (tokens) => {
        const input = {
          TableName,
          Key: keyOf('F', 1),
          UpdateExpression: tokens.join(' '),
          ExpressionAttributeValues: { ':v': { N: '1' } },
        };
        const outcome = await wire.cloud
          .call('dynamodb', 'UpdateItem', input, { kind: 'owner' })
          .catch((error: Error) => error);
        if (outcome instanceof Error) expect(outcome.name).toBe('ValidationException');
      }),
      { numRuns: 400 },
    );
  });
});
