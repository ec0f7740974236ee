import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { forecastOf, type KeptState } from '../../core/api/present.ts';
import type { MachineFactsReader } from '../ports/machine-facts.ts';
import { unpackJson } from './packed-json.ts';

/** From the registry's entry and the twin's present state. */
export class DynamoDbMachineFacts implements MachineFactsReader {
  private readonly client: DynamoDBClient;
  private readonly tables: { readonly registry: string; readonly twins: string };
  private readonly nowMs: () => number;

  constructor(
    client: DynamoDBClient,
    tables: { readonly registry: string; readonly twins: string },
    nowMs: () => number,
  ) {
    this.client = client;
    this.tables = tables;
    this.nowMs = nowMs;
  }

  async read(machineId: string): ReturnType<MachineFactsReader['read']> {
    const [entry, twin] = await Promise.all([
      this.get(this.tables.registry, machineId, 'downtimeEurPerHour'),
      this.get(this.tables.twins, machineId, '#state'),
    ]);
    const price = Number(entry?.downtimeEurPerHour?.N ?? 0);
    const state = twin?.state?.B;
    const kept = state === undefined ? undefined : (unpackJson(state) as KeptState);
    return {
      downtimeEurPerHour: price > 0 ? price : null,
      forecast: forecastOf(kept, this.nowMs()),
      advised: kept?.advice.decision ?? null,
    };
  }

  private async get(TableName: string, machineId: string, ProjectionExpression: string) {
    const names = ProjectionExpression.startsWith('#') ? { ExpressionAttributeNames: { '#state': 'state' } } : {};
    const Key = { machineId: { S: machineId } };
    const { Item } = await this.client.send(new GetItemCommand({ TableName, Key, ProjectionExpression, ...names }));
    return Item;
  }
}
