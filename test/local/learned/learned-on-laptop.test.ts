import { DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FinishedLife } from '../../../core/prognosis/similarity.ts';
import { unpackJson } from '../../../lambdas/adapters/packed-json.ts';
import type { PresentState } from '../../../lambdas/ports/twin-writer.ts';
import { ownerKeyId } from '../../../local/wire/credentials.ts';
import { createPumpMachine } from '../../../simulator/pump/machine.ts';
import { until } from '../../until.ts';
import { enroll, openLaptop, synthesise, type TestLaptop } from '../assembly.ts';

const machineId = 'PUMP-001';
/** Less than a minute in all: older values are stale on arrival, and stale ones teach nothing. */
const intervalMs = 100;
const samples = 560;
const batch = 56;

let test: TestLaptop;
let client: MqttClient;
let dynamoDb: DynamoDBClient;

beforeAll(async () => {
  await synthesise();
  test = await openLaptop();
  const { url, options } = (await enroll(test, { [machineId]: 'centrifugal-pump' }))(machineId);
  client = await connectAsync(url, options);
  const credentials = { accessKeyId: ownerKeyId, secretAccessKey: 'any' };
  dynamoDb = new DynamoDBClient({ endpoint: test.laptop.url, region: 'us-east-1', credentials });
});
afterAll(async () => {
  dynamoDb?.destroy();
  await client?.endAsync(true);
  await test?.stop();
});

it('tells the state by the model that ships, and keeps the life of a bearing that was replaced', async () => {
  const startMs = Math.floor(Date.now() / 1000) * 1000 - samples * intervalMs;
  const faults = [{ mode: 'bearing_wear', onsetS: 16, growthS: 40, severity: 1 }];
  const machine = createPumpMachine({ machineId, seed: 3, startMs, intervalMs, lifecycle: 'none', faults });
  for (let sent = 0; sent < samples; sent += batch) {
    const payloads = Array.from({ length: batch }, () => machine.next().payload);
    await client.publishAsync(`factory/${machineId}/telemetry`, JSON.stringify({ samples: payloads }), { qos: 1 });
  }
  const renewed = { event: 'maintenance_done', component: 'bearing' };
  await client.publishAsync(`factory/${machineId}/lifecycle`, JSON.stringify(renewed), { qos: 1 });

  const { environment } = test.laptop.lambda
    .listFunctions()
    .find(({ settings }) => settings.environment.LIFE_TABLE)!.settings;
  const asked = new QueryCommand({
    TableName: environment.LIFE_TABLE!,
    KeyConditionExpression: 'machineType = :type',
    ExpressionAttributeValues: { ':type': { S: 'centrifugal-pump' } },
  });
  const lives = await until(async () => {
    const { Items = [] } = await dynamoDb.send(asked);
    expect(Items).toHaveLength(1);
    return Items;
  });
  expect(lives[0]!.lifeId!.S).toContain(`/${machineId}/`);
  expect((unpackJson(lives[0]!.life!.B!) as FinishedLife).failureMode).toBe('bearing_wear');

  const Key = { machineId: { S: machineId } };
  const { Item } = await dynamoDb.send(new GetItemCommand({ TableName: environment.TWIN_TABLE!, Key }));
  const { condition } = unpackJson(Item!.state!.B!) as PresentState;
  expect(condition!.modelVersion).toMatch(/^centrifugal-pump-/);
});
