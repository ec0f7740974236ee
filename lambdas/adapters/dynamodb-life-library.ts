import { type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { FinishedLife } from '../../core/prognosis/similarity.ts';
import type { FinishedMachineLife, LifeLibrary } from '../ports/life-library.ts';
import { packJson, unpackJson } from './packed-json.ts';

/** An item a life, under its machine type, in the order in which they ended. */
export class DynamoDbLifeLibrary implements LifeLibrary {
  private readonly client: DynamoDBClient;
  private readonly tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.client = client;
    this.tableName = tableName;
  }

  async add(lives: readonly FinishedMachineLife[]): Promise<void> {
    for (const { machineType, machineId, endedAtMs, id, life } of lives) {
      const Item = {
        machineType: { S: machineType },
        lifeId: { S: `${new Date(endedAtMs).toISOString()}/${machineId}/${id}` },
        failureMode: { S: life.failureMode },
        life: { B: packJson(life) },
      };
      await this.client.send(new PutItemCommand({ TableName: this.tableName, Item }));
    }
  }

  async newest(machineType: string, limit: number): Promise<readonly FinishedLife[]> {
    const answer = await this.client.send(
      new QueryCommand({
        TableName: this.tableName,
        KeyConditionExpression: 'machineType = :machineType',
        ExpressionAttributeValues: { ':machineType': { S: machineType } },
        ScanIndexForward: false,
        Limit: limit,
      }),
    );
    return (answer.Items ?? []).flatMap(({ life }) =>
      life?.B === undefined ? [] : [unpackJson(life.B) as FinishedLife],
    );
  }
}
