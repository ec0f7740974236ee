import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { connectAsync, type MqttClient } from 'mqtt';
import { expect } from 'vitest';
import { eventSchemas } from '../../core/events/event-schemas.ts';
import type { DetailType } from '../../core/events/event-types.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { WorkOrder } from '../../core/maintenance/work-order.ts';
import { DynamoDbMachineReader } from '../../lambdas/adapters/dynamodb-machine-reader.ts';
import { DynamoDbSilenceStore } from '../../lambdas/adapters/dynamodb-silence-store.ts';
import { EventBridgePublisher } from '../../lambdas/adapters/eventbridge-publisher.ts';
import { createSilenceHandler } from '../../lambdas/silence/handler.ts';
import { type Json, owner } from '../../local/engine.ts';
import { createFleet, deliver, type SimulationOptions } from '../../simulator/run.ts';
import { enroll, type Spoil } from '../local/assembly.ts';
import { type Operations, openOperations } from '../local/operations.ts';

/** Simulated machines that send over MQTT to a laptop with its desk, its mailbox and its events. */
export interface ShopFloor extends Operations {
  /** Sends what the simulator makes, in batches, and waits until the cloud is through with it; null leaves a sample out. */
  run(options: SimulationOptions, change?: (payload: Json) => Json | null): Promise<void>;
  live(): Promise<readonly Incident[]>;
  orders(): Promise<readonly WorkOrder[]>;
  /** Details of the events of a type so far, in their order. */
  heard(detailType: DetailType, machineId: string): Json[];
  /** Looks who is silent, as the minute's schedule does, with less patience than the stage has. */
  listenForSilence(staleAfterMs: number): () => Promise<void>;
  /** Where the workflows stand. */
  workflows(): readonly string[];
}

/** The site that the laptop gives its machines. */
export const site = 'laptop';

const samplesPerMessage = 20;

export async function openShopFloor(machines: Readonly<Record<string, string>>, spoil?: Spoil): Promise<ShopFloor> {
  const test = await openOperations(spoil);
  const connectionOf = await enroll(test, machines);
  const clients = new Map<string, MqttClient>();
  for (const machineId of Object.keys(machines)) {
    const { url, options } = connectionOf(machineId);
    clients.set(machineId, await connectAsync(url, options));
  }
  let published = 0;
  const list = async <T>(TableName: string, IndexName: string, values: Json, condition: string): Promise<T[]> => {
    const input = { TableName, IndexName, KeyConditionExpression: condition, ExpressionAttributeValues: values };
    const { Items } = (await test.laptop.cloud.call('dynamodb', 'Query', input, owner)) as { Items: Json[] };
    return Items.map((item) => JSON.parse((item.json as { S: string }).S) as T);
  };
  return {
    ...test,
    run: async (options, change = (payload) => payload) => {
      const fleet = createFleet(options);
      if (!fleet.ok) throw new Error(fleet.error);
      const bySender = Map.groupBy(deliver(fleet.value, options), ({ machineId }) => machineId);
      const queues = [...bySender].map(([machineId, events]) => {
        const samples = events.flatMap((event) => (event.kind === 'sample' ? (change(event.payload) ?? []) : []));
        published += samples.length;
        return { machineId, samples };
      });
      const longest = Math.max(...queues.map(({ samples }) => samples.length));
      for (let from = 0; from < longest; from += samplesPerMessage) {
        const due = queues.filter(({ samples }) => samples.length > from);
        await Promise.all(
          due.map(({ machineId, samples }) => {
            const message = JSON.stringify({ samples: samples.slice(from, from + samplesPerMessage) });
            return clients.get(machineId)!.publishAsync(`factory/${machineId}/telemetry`, message, { qos: 1 });
          }),
        );
      }
      await test.until(() =>
        expect(test.laptop.ledger.totals()).toMatchObject({ published, inFlight: 0, difference: 0 }),
      );
    },
    live: () => list('factory-local-incidents', 'live', { ':site': { S: site } }, 'liveSite = :site'),
    orders: () => list('factory-local-work-orders', 'site', { ':site': { S: site } }, 'site = :site'),
    heard: (detailType, machineId) =>
      test.events.flatMap((event) => {
        const detail = event.detail as Json;
        return event['detail-type'] === detailType && detail.machineId === machineId ? [detail] : [];
      }),
    listenForSilence: (staleAfterMs) => {
      const { environment } = test.laptop.lambda
        .listFunctions()
        .find(({ settings }) => settings.environment.SILENT_AFTER_S !== undefined)!.settings;
      const dynamoDb = new DynamoDBClient({});
      const tables = { registry: environment.REGISTRY_TABLE!, twins: environment.TWIN_TABLE! };
      const machines = new DynamoDbMachineReader(dynamoDb, tables);
      const ignore = (): void => undefined;
      return createSilenceHandler({
        ...{ directory: machines, twins: machines, staleAfterMs, nowMs: Date.now },
        store: new DynamoDbSilenceStore(dynamoDb, environment.INCIDENT_TABLE!),
        events: new EventBridgePublisher(new EventBridgeClient({}), environment.EVENT_BUS!),
        log: { info: ignore, warn: ignore, error: ignore },
        metrics: { count: ignore, durationMs: ignore, flush: ignore },
      });
    },
    workflows: () => test.laptop.states.listExecutions().map(({ state }) => state),
    stop: async () => {
      for (const client of clients.values()) await client.endAsync(true);
      await test.stop();
    },
  };
}

/** Every event that passed keeps its schema's promise. */
export function expectEventsToKeepTheirSchemas(events: readonly Json[]): void {
  const complaints = events.flatMap((event) => {
    const type = String(event['detail-type']);
    if (event.source !== 'factory.twin') return [];
    const parsed = eventSchemas[type as DetailType]?.safeParse(event.detail);
    return parsed?.success === true ? [] : [`${type}: ${parsed?.error.message ?? 'has no schema'}`];
  });
  expect(complaints).toEqual([]);
}
