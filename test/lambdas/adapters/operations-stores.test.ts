import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { emptyBoard } from '../../../core/incidents/site-board.ts';
import { DynamoDbIncidentStore } from '../../../lambdas/adapters/dynamodb-incident-store.ts';
import { DynamoDbSilenceStore } from '../../../lambdas/adapters/dynamodb-silence-store.ts';
import { DynamoDbWorkOrderStore } from '../../../lambdas/adapters/dynamodb-work-order-store.ts';
import { createDynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import { testIncidentStore } from '../../contract/incident-store.ts';
import { testWorkOrderStore } from '../../contract/work-order-store.ts';
import { openWire, type Wire } from '../../local/wire.ts';
import { createMemoryStore } from '../incidents/floor.ts';
import { createMemoryOrders } from '../maintenance/memory-store.ts';

let wire: Wire;
let client: DynamoDBClient;
let tables = 0;

beforeAll(async () => {
  wire = await openWire((cloud) => createDynamoDb(cloud));
  client = new DynamoDBClient(wire.clientConfig);
});
afterAll(async () => {
  client.destroy();
  await wire.stop();
});

const key = (name: string, type: string) => ({ AttributeName: name, KeyType: type });

/** A table as the stack declares it, with the index that the store reads. */
async function createTable(IndexName: string, hash: string, range: string): Promise<string> {
  const TableName = `table-${++tables}`;
  await wire.create(
    'AWS::DynamoDB::Table',
    {
      TableName,
      KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
      AttributeDefinitions: [
        ...['pk', 'sk', hash].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        { AttributeName: range, AttributeType: 'N' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      GlobalSecondaryIndexes: [
        { IndexName, KeySchema: [key(hash, 'HASH'), key(range, 'RANGE')], Projection: { ProjectionType: 'ALL' } },
      ],
    },
    TableName,
  );
  return TableName;
}

testIncidentStore('the store in memory', async () => createMemoryStore().store);
testIncidentStore(
  'the store in DynamoDB',
  async () => new DynamoDbIncidentStore(client, await createTable('live', 'liveSite', 'openedAtMs')),
);

it('reads a board as it was written before boards were packed', async () => {
  const TableName = await createTable('live', 'liveSite', 'openedAtMs');
  const board = { ...emptyBoard('Kiel'), version: 7, incidentOfMachine: { 'PUMP-001': 'i-1' } };
  const Item = {
    ...{ pk: { S: 'site#Kiel' }, sk: { S: 'board' }, version: { N: '7' } },
    json: { S: JSON.stringify(board) },
  };
  await client.send(new PutItemCommand({ TableName, Item }));
  const store = new DynamoDbIncidentStore(client, TableName);
  expect(await store.loadBoard('Kiel')).toEqual(board);
  expect(await store.save({ board, incidents: [], entries: [], notices: [] })).toBe(true);
  expect(await store.loadBoard('Kiel')).toEqual({ ...board, version: 8 });
});

it('keeps who is silent of a fleet of thousands, and lets one of two looks win', async () => {
  const TableName = await createTable('live', 'liveSite', 'openedAtMs');
  const store = new DynamoDbSilenceStore(client, TableName);
  const machineOf = (i: number) => ({
    machineId: `press-${i}`,
    machineType: 'generic',
    name: '',
    site: 'Kiel',
    line: 'a',
  });
  const all = Array.from({ length: 6000 }, (_, i) => [`press-${i}`, { machine: machineOf(i), sinceMs: i }] as const);
  const silences = Object.fromEntries(all);
  expect(await store.load()).toEqual({ silences: {}, version: 0 });
  expect([await store.save(silences, 0), await store.save({}, 0)]).toEqual([true, false]);
  expect(await store.load()).toEqual({ silences, version: 1 });
});

testWorkOrderStore('the store in memory', async () => createMemoryOrders().store);
testWorkOrderStore(
  'the store in DynamoDB',
  async () => new DynamoDbWorkOrderStore(client, await createTable('site', 'site', 'requestedAtMs')),
);
