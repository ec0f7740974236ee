import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { DynamoDbMachineFacts } from '../../../lambdas/adapters/dynamodb-machine-facts.ts';
import { packJson } from '../../../lambdas/adapters/packed-json.ts';

const nowMs = Date.UTC(2026, 0, 1);
const wearing = { component: 'bearing', status: 'wearing', remainingHours: { p10: 20, p50: 30, p90: 50 } };

it.each([
  [1, 'wearing'],
  [48 * 60, 'withheld'],
])('of a machine heard %i min ago a work order takes a life that is %s', async (silentMin, status) => {
  const state = {
    receivedAtMs: nowMs - silentMin * 60_000,
    forecast: { components: [wearing] },
    advice: { decision: 'do_not_proceed' },
  };
  const dynamoDb = mockClient(DynamoDBClient);
  dynamoDb.on(GetItemCommand, { TableName: 'registry' }).resolves({ Item: { downtimeEurPerHour: { N: '0' } } });
  dynamoDb.on(GetItemCommand, { TableName: 'twins' }).resolves({ Item: { state: { B: packJson(state) } } });
  const facts = new DynamoDbMachineFacts(new DynamoDBClient({}), { registry: 'registry', twins: 'twins' }, () => nowMs);
  const { downtimeEurPerHour, forecast, advised } = await facts.read('PUMP-001');
  expect([downtimeEurPerHour, forecast?.components[0]?.status, advised]).toEqual([null, status, 'do_not_proceed']);
});
