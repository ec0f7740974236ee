import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { RegistryTable } from '../../../bin/fleet/registry-table.ts';
import { present, summarise } from '../../../core/api/present.ts';
import { DynamoDbMachineReader } from '../../../lambdas/adapters/dynamodb-machine-reader.ts';

it.each(['low', 'high'] as const)(
  'how much the plant depends on a machine, and since when it has it, is told as it was imported: %s',
  async (criticality) => {
    const dynamoDb = mockClient(DynamoDBClient);
    const machine = { machineId: 'PUMP-001', machineType: 'centrifugal-pump', name: 'P', site: 'Ulm', line: 'A' };
    const commissionedOn = '2024-05-01';
    const entry = { ...machine, criticality, commissionedOn, downtimeEurPerHour: 0, modelPins: {} };
    await new RegistryTable('dev', { region: 'us-east-1' }).put(entry);
    const [{ Item }] = dynamoDb.calls().map(({ args }) => args[0].input as { Item: Record<string, never> }) as [never];
    dynamoDb.on(GetItemCommand).resolves({ Item });
    const reader = new DynamoDbMachineReader(new DynamoDBClient({}), { registry: 'registry', twins: 'twins' });
    const found = await reader.find('PUMP-001');
    const clock = { nowMs: 0, staleAfterMs: 1 };
    expect(summarise(found!, undefined, clock)).toMatchObject({ ...machine, criticality });
    expect(present(found!, undefined, { type: undefined, clock })).toMatchObject({ commissionedOn });
  },
);
