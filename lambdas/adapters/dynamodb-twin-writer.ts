import { type AttributeValue, BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { briefDue } from '../../core/api/due.ts';
import type { PresentState, TwinWriter } from '../ports/twin-writer.ts';
import { chunksOf, inParallel } from './in-parallel.ts';
import { packJson } from './packed-json.ts';

/** Per request (DynamoDB API reference, BatchWriteItem). */
const itemsPerRequest = 25;
const requestsInFlight = 4;
/** What DynamoDB leaves over of a batch is tried again after these; then the records come again. */
const leftOverDelaysMs = [50, 200];

/**
 * One item per machine: what is filtered and sorted by as attributes, the whole state as packed JSON beside them. The
 * last write stands: a shard's batches are written one after the other by whoever holds its lease.
 */
export class DynamoDbTwinWriter implements TwinWriter {
  private readonly client: DynamoDBClient;
  private readonly tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.client = client;
    this.tableName = tableName;
  }

  async write(states: readonly PresentState[]): Promise<readonly string[]> {
    const chunks = chunksOf(states, itemsPerRequest);
    return (await inParallel(chunks, requestsInFlight, (chunk) => this.putAll(chunk.map(toItem)))).flat();
  }

  /** Gives the machines whose state could not be written for now. */
  private async putAll(items: readonly Item[]): Promise<readonly string[]> {
    let left = items;
    for (const delayMs of [0, ...leftOverDelaysMs]) {
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      left = await this.put(left);
      if (left.length === 0) break;
    }
    return left.map((item) => item.machineId?.S ?? '');
  }

  private async put(items: readonly Item[]): Promise<readonly Item[]> {
    const requests = items.map((item) => ({ PutRequest: { Item: { ...item } } }));
    try {
      const answer = await this.client.send(
        new BatchWriteItemCommand({ RequestItems: { [this.tableName]: requests } }),
      );
      return (answer.UnprocessedItems?.[this.tableName] ?? []).map((request) => request.PutRequest?.Item ?? {});
    } catch (error) {
      if (isThrottle(error)) return items;
      throw error;
    }
  }
}

type Item = Readonly<Record<string, AttributeValue>>;

const toItem = (state: PresentState): Item => ({
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
});

function describeDue({ forecast }: PresentState): Item {
  const due = briefDue(forecast);
  return due === null ? {} : { due: { S: JSON.stringify(due) } };
}

const isThrottle = (error: unknown): boolean =>
  error instanceof Error &&
  /Throttl|ProvisionedThroughputExceeded|RequestLimitExceeded|InternalServerError/.test(error.name);
