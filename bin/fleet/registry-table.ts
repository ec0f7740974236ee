import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { readCriticality } from '../../core/api/criticality.ts';
import { registryTableName } from '../../lib/names.ts';
import type { MachineEntry } from './registry-file.ts';

/** The stage's registry, as the commands fill it and the functions read it. */
export class RegistryTable {
  private readonly client: DynamoDBClient;
  private readonly tableName: string;

  constructor(stageName: string, connection: { readonly region: string }) {
    this.client = new DynamoDBClient(connection);
    this.tableName = registryTableName(stageName);
  }

  async put(machine: MachineEntry): Promise<void> {
    await this.client.send(new PutItemCommand({ TableName: this.tableName, Item: toItem(machine) }));
  }

  async get(machineId: string): Promise<MachineEntry | undefined> {
    const Key = { machineId: { S: machineId } };
    const { Item } = await this.client.send(new GetItemCommand({ TableName: this.tableName, Key }));
    return Item === undefined ? undefined : toMachine(Item);
  }

  async remove(machineId: string): Promise<boolean> {
    const Key = { machineId: { S: machineId } };
    const answer = await this.client.send(
      new DeleteItemCommand({ TableName: this.tableName, Key, ReturnValues: 'ALL_OLD' }),
    );
    return answer.Attributes !== undefined;
  }

  async list(): Promise<MachineEntry[]> {
    const machines: MachineEntry[] = [];
    for await (const page of paginateScan({ client: this.client }, { TableName: this.tableName })) {
      machines.push(...(page.Items ?? []).map(toMachine));
    }
    return machines.sort((a, b) => (a.machineId < b.machineId ? -1 : 1));
  }
}

/** What functions read stands in attributes of its own; a plant's further words in one of JSON. */
function toItem({ modelPins, ...machine }: MachineEntry): Record<string, AttributeValue> {
  return {
    machineId: { S: machine.machineId },
    machineType: { S: machine.machineType },
    name: { S: machine.name ?? machine.machineId },
    site: { S: machine.site },
    line: { S: machine.line },
    criticality: { S: machine.criticality },
    downtimeEurPerHour: { N: String(machine.downtimeEurPerHour) },
    ...(machine.commissionedOn === undefined ? {} : { commissionedOn: { S: machine.commissionedOn } }),
    modelPins: { S: JSON.stringify(modelPins) },
  };
}

function toMachine(item: Readonly<Record<string, AttributeValue>>): MachineEntry {
  const text = (name: string): string => item[name]?.S ?? '';
  return {
    machineId: text('machineId'),
    machineType: text('machineType'),
    name: text('name'),
    site: text('site'),
    line: text('line'),
    criticality: readCriticality(item.criticality?.S),
    downtimeEurPerHour: Number(item.downtimeEurPerHour?.N ?? 0),
    ...(item.commissionedOn?.S === undefined ? {} : { commissionedOn: item.commissionedOn.S }),
    modelPins: JSON.parse(item.modelPins?.S ?? '{}'),
  };
}
