import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  ExecuteScheduledQueryCommand,
  ListScheduledQueriesCommand,
  QueryCommand,
  TimestreamQueryClient,
} from '@aws-sdk/client-timestream-query';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../local/engine.ts';
import { ownerKeyId } from '../../local/wire/credentials.ts';
import { createProcessMachine } from '../../simulator/process/machine.ts';
import { until } from '../until.ts';
import { enroll, openLaptop, synthesise, type TestLaptop } from './assembly.ts';

const machineId = 'SEAS-CNC-01';
const topic = `factory/${machineId}/telemetry`;

function createSamples(count: number): Json[] {
  const startMs = Math.floor(Date.now() / 1000) * 1000 - count * 2000;
  const machine = createProcessMachine({ machineId, seed: 7, startMs, intervalMs: 2000, faults: [] });
  return Array.from({ length: count }, () => machine.next().payload);
}

let test: TestLaptop;
let client: MqttClient;
const events: Json[] = [];

beforeAll(async () => {
  await synthesise();
  test = await openLaptop();
  test.laptop.events.listeners.add((event) => events.push(event));
  const connection = (await enroll(test, { [machineId]: 'cnc-process' }))(machineId);
  client = await connectAsync(connection.url, connection.options);
});
afterAll(async () => {
  await client?.endAsync(true);
  await test?.stop();
});

const settled = (published: number) =>
  until(() => expect(test.laptop.ledger.totals()).toMatchObject({ published, inFlight: 0 }));

describe('a sample on the laptop', () => {
  it('goes from MQTT through rule, stream and function into store, twin table and event bus', async () => {
    const samples = createSamples(60);
    for (const sample of samples) await client.publishAsync(topic, JSON.stringify(sample), { qos: 1 });
    await settled(60);
    expect(test.laptop.ledger.totals()).toMatchObject({ stored: 60, difference: 0 });

    const { environment } = test.laptop.lambda
      .listFunctions()
      .find(({ settings }) => settings.environment.TWIN_TABLE)!.settings;
    const credentials = { accessKeyId: ownerKeyId, secretAccessKey: 'any' };
    const config = { endpoint: test.laptop.url, region: 'us-east-1', credentials };
    const query = new TimestreamQueryClient(config);
    const QueryString = `SELECT count(*) FROM "${environment.STORE_DATABASE}"."${environment.STORE_TABLE}" WHERE machine_id = '${machineId}'`;
    const { Rows } = await query.send(new QueryCommand({ QueryString }));
    expect(Rows?.[0]?.Data?.[0]?.ScalarValue).toBe('60');

    const dynamoDb = new DynamoDBClient(config);
    const Key = { machineId: { S: machineId } };
    const { Item } = await dynamoDb.send(new GetItemCommand({ TableName: environment.TWIN_TABLE!, Key }));
    expect(Item?.sampledAtMs?.N).toBe(String(Date.parse(String(samples.at(-1)!.timestamp))));

    const opened = events.filter((event) => event['detail-type'] === 'anomaly');
    expect(opened.length).toBeGreaterThan(0);
    expect(opened[0]).toMatchObject({ source: 'factory.twin', detail: { machineId } });
    query.destroy();
    dynamoDb.destroy();
  });

  it('is rolled up by the queries of the template under their own role, and counts once all the same', async () => {
    const { environment } = test.laptop.lambda
      .listFunctions()
      .find(({ settings }) => settings.environment.STORE_ROLLUPS)!.settings;
    const credentials = { accessKeyId: ownerKeyId, secretAccessKey: 'any' };
    const query = new TimestreamQueryClient({ endpoint: test.laptop.url, region: 'us-east-1', credentials });
    const minutes = environment.STORE_ROLLUPS!.split(',')[0]!;
    const { ScheduledQueries = [] } = await query.send(new ListScheduledQueriesCommand({}));
    const { Arn } = ScheduledQueries.find(
      ({ TargetDestination }) => TargetDestination?.TimestreamDestination?.TableName === minutes,
    )!;
    const InvocationTime = new Date(Date.now() + 60_000);
    await query.send(new ExecuteScheduledQueryCommand({ ScheduledQueryArn: Arn, InvocationTime }));
    expect(test.told.filter((line) => line.includes(minutes)).join()).toMatch(/: \d+ rows$/);
    expect(test.told.filter((line) => line.includes('nobody was told'))).toEqual([]);
    const QueryString = `SELECT sum(samples) FROM "${environment.STORE_DATABASE}"."${minutes}" WHERE machine_id = '${machineId}' AND measure_name = 'count'`;
    const { Rows } = await query.send(new QueryCommand({ QueryString }));
    expect(Number(Rows?.[0]?.Data?.[0]?.ScalarValue)).toBe(60);
    expect(test.laptop.ledger.totals()).toMatchObject({ stored: 60, difference: 0 });
    query.destroy();
  });

  it('is accounted for when it is poison or comes twice', async () => {
    const { published } = test.laptop.ledger.totals();
    const [again] = createSamples(1);
    await client.publishAsync(topic, JSON.stringify(again), { qos: 1 });
    await client.publishAsync(topic, JSON.stringify(again), { qos: 1 });
    await client.publishAsync(topic, '{"timestamp":"yesterday"}', { qos: 1 });
    await settled(published + 3);
    const totals = test.laptop.ledger.totals();
    expect(totals).toMatchObject({ quarantined: 1, difference: 0 });
    expect(totals.duplicates).toBeGreaterThan(0);
    const quarantine = test.laptop.sqs.listDepths().find(({ name }) => /quarantine/i.test(name));
    expect(quarantine?.depth).toBe(1);
  });
});

describe('a machine on the laptop', () => {
  it('is disconnected when it publishes under the name of another', async () => {
    const { published } = test.laptop.ledger.totals();
    const connectionOf = await enroll(test, { 'CNC-001': 'cnc-mill', 'CNC-002': 'cnc-mill' });
    const { url, options } = connectionOf('CNC-001');
    const impostor = await connectAsync(url, options);
    const closed = new Promise<void>((done) => impostor.once('close', () => done()));
    impostor.publish('factory/CNC-002/telemetry', '{}', { qos: 1 });
    await closed;
    expect(test.laptop.ledger.totals().published).toBe(published);
  });

  it('keeps its credentials when another fleet is enrolled: its key exists nowhere else', async () => {
    const before = (await enroll(test, { 'MY-PUMP-1': 'centrifugal-pump' }))('MY-PUMP-1');
    const connectionOf = await enroll(test, { 'CNC-003': 'cnc-mill' });
    expect(connectionOf('MY-PUMP-1')).toEqual(before);
  });
});
