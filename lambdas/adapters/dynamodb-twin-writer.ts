import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { briefDue } from '../../core/api/due.ts';
import type { PresentState, TwinWriter } from '../ports/twin-writer.ts';
import { inParallel } from './in-parallel.ts';
import { packJson } from './packed-json.ts';

const writesInFlight = 16;

/**
 * One item per machine: what is filtered and sorted by as attributes, the whole state as packed JSON beside them. A state that
 * arrived earlier than the one kept is left out; arrival is the stream's clock, so a machine's clock may be set back.
 */
export class DynamoDbTwinWriter implements TwinWriter {
  private readonly client: DynamoDBClient;
  private readonly tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.client = client;
    this.tableName = tableName;
  }

  async write(states: readonly PresentState[]): Promise<readonly string[]> {
    const failed = await inParallel(states, writesInFlight, (state) => this.put(state));
    return failed.filter((machineId) => machineId !== null);
  }

  private async put(state: PresentState): Promise<string | null> {
    try {
      await this.client.send(
        new PutItemCommand({
          TableName: this.tableName,
          Item: {
            machineId: { S: state.machineId },
            machineType: { S: state.machineType },
            sampledAtMs: { N: String(state.sampledAtMs) },
            receivedAtMs: { N: String(state.receivedAtMs) },
            severity: { S: state.severity },
            decision: { S: state.advice.decision },
            healthPercent: { N: String(state.health.machine) },
            counts: { S: JSON.stringify(state.counts) },
            ...describeDue(state),
            state: { B: packJson(state) },
          },
          ConditionExpression: 'attribute_not_exists(machineId) OR receivedAtMs <= :receivedAtMs',
          ExpressionAttributeValues: { ':receivedAtMs': { N: String(state.receivedAtMs) } },
        }),
      );
      return null;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return null;
      if (isThrottle(error)) return state.machineId;
      throw error;
    }
  }
}

function describeDue({ forecast }: PresentState): Record<string, AttributeValue> {
  const due = briefDue(forecast);
  return due === null ? {} : { due: { S: JSON.stringify(due) } };
}

const isThrottle = (error: unknown): boolean =>
  error instanceof Error &&
  /Throttl|ProvisionedThroughputExceeded|RequestLimitExceeded|InternalServerError/.test(error.name);
