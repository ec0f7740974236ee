import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Silences } from '../../core/incidents/silence.ts';
import type { SilenceStore } from '../ports/silence-store.ts';
import { ifVersion } from './optimistic-write.ts';
import { packJson, unpackJson } from './packed-json.ts';

const Key = { pk: { S: 'silence' }, sk: { S: 'board' } };

/** One item beside the incidents, packed: a machine takes some 20 bytes of its 400 KB. */
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
    const version = Number(Item?.version?.N ?? 0);
    if (Item?.packed?.B !== undefined) return { silences: unpackJson(Item.packed.B) as Silences, version };
    // As it was written before it was packed.
    return { silences: JSON.parse(Item?.json?.S ?? '{}') as Silences, version };
  }

  async save(silences: Silences, version: number): Promise<boolean> {
    const Item = { ...Key, version: { N: String(version + 1) }, packed: { B: packJson(silences) } };
    try {
      await this.client.send(new PutItemCommand({ TableName: this.tableName, Item, ...ifVersion(version) }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}
