import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { unnamedSite } from '../../core/telemetry/site.ts';
import type { RegisteredMachine, Registry } from '../ports/registry.ts';
import { chunksOf } from './in-parallel.ts';

/** Per request (DynamoDB API reference, BatchGetItem). */
const keysPerRequest = 100;
/** A renamed machine shows its new name after this long; an enrolled one leaves quarantine after the other. */
const knownForMs = 300_000;
const unknownForMs = 15_000;

interface Entry {
  readonly machine: RegisteredMachine | undefined;
  readonly freshUntilMs: number;
}

/** Looks machines up and remembers the answer for a while: a batch asks about the same few again and again. */
export class DynamoDbRegistry implements Registry {
  private readonly client: DynamoDBClient;
  private readonly tableName: string;
  private readonly nowMs: () => number;
  private readonly entries = new Map<string, Entry>();

  constructor(client: DynamoDBClient, tableName: string, nowMs: () => number) {
    this.client = client;
    this.tableName = tableName;
    this.nowMs = nowMs;
  }

  async find(machineIds: ReadonlySet<string>): Promise<ReadonlyMap<string, RegisteredMachine>> {
    const nowMs = this.nowMs();
    const unsure = [...machineIds].filter((id) => (this.entries.get(id)?.freshUntilMs ?? 0) <= nowMs);
    for (const ids of chunksOf(unsure, keysPerRequest)) await this.look(ids, nowMs);
    const found = new Map<string, RegisteredMachine>();
    for (const id of machineIds) {
      const machine = this.entries.get(id)?.machine;
      if (machine !== undefined) found.set(id, machine);
    }
    return found;
  }

  /** Only an answer makes a machine known or unknown: a failed request changes nothing. */
  private async look(machineIds: readonly string[], nowMs: number): Promise<void> {
    const unknown = new Set(machineIds);
    let keys: Record<string, AttributeValue>[] | undefined = machineIds.map((id) => ({ machineId: { S: id } }));
    while (keys !== undefined && keys.length > 0) {
      const answer: Awaited<ReturnType<typeof this.get>> = await this.get(keys);
      for (const item of answer.Responses?.[this.tableName] ?? []) {
        const machine = toMachine(item);
        unknown.delete(machine.machineId);
        this.entries.set(machine.machineId, { machine, freshUntilMs: nowMs + knownForMs });
      }
      keys = answer.UnprocessedKeys?.[this.tableName]?.Keys;
    }
    for (const id of unknown) this.entries.set(id, { machine: undefined, freshUntilMs: nowMs + unknownForMs });
  }

  private get(keys: Record<string, AttributeValue>[]) {
    return this.client.send(new BatchGetItemCommand({ RequestItems: { [this.tableName]: { Keys: keys } } }));
  }
}

function toMachine(item: Readonly<Record<string, AttributeValue>>): RegisteredMachine {
  const text = (name: string): string => item[name]?.S ?? '';
  const pin = stateModelPinOf(item.modelPins?.S);
  return {
    machineId: text('machineId'),
    machineType: text('machineType'),
    name: text('name'),
    site: text('site') || unnamedSite,
    line: text('line'),
    ...(pin !== undefined && { stateModelPin: pin }),
  };
}

/**
 * Pins are JSON by model name; the command that writes them checks it. What a hand wrote there and is none pins nothing: it
 * must not stop the other machines of its shard.
 */
function stateModelPinOf(modelPins: string | undefined): string | undefined {
  try {
    const pins = JSON.parse(modelPins ?? '{}') as { readonly state?: unknown } | null;
    return typeof pins?.state === 'string' ? pins.state : undefined;
  } catch {
    return undefined;
  }
}
