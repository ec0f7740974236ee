import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Silences } from '../../core/incidents/silence.ts';
import type { SilenceStore } from '../ports/silence-store.ts';

const Key = { pk: { S: 'silence' }, sk: { S: 'board' } };

/** One item beside the incidents: a machine takes some 150 bytes of its 400 KB. */
export class DynamoDbSilenceStore implements SilenceStore {
  private readonly client: DynamoDBClient;
  private readonly tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.client = client;
    this.tableName = tableName;
  }

  async load(): Promise<{ readonly silences: Silences; readonly version: number }> {
    const { Item } = await this.client.send(
      new GetItemCommand({ TableName: this.tableName, Key, ConsistentRead: true }),
    );
    const silences = JSON.parse(Item?.json?.S ?? '{}') as Silences;
    return { silences, version: Number(Item?.version?.N ?? 0) };
  }

  async save(silences: Silences, version: number): Promise<boolean> {
    const Item = { ...Key, version: { N: String(version + 1) }, json: { S: JSON.stringify(silences) } };
    const condition =
      version === 0
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: '#version = :version',
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':version': { N: String(version) } },
          };
    try {
      await this.client.send(new PutItemCommand({ TableName: this.tableName, Item, ...condition }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}
