import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { mostTopics } from '../../core/api/live.ts';
import type { Feed } from '../../core/api/live-feed.ts';
import type { FeederLease, LiveConnection, LiveStore, Since } from '../ports/live.ts';
import { packJson, unpackJson } from './packed-json.ts';
import { queryAll } from './query-all.ts';

type Item = Record<string, AttributeValue>;
type Update = Omit<UpdateItemCommandInput, 'TableName'>;

/**
 * One table: `connection/<id>` with the topics it watches, `feed/<topic>`, `feeder/lease`. The connections share a
 * partition, because all of them are read at each beat: some thousand are far from what a partition gives.
 */
export class DynamoDbLiveStore implements LiveStore, FeederLease {
  private readonly client: DynamoDBClient;
  private readonly tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.client = client;
    this.tableName = tableName;
  }

  async connect(connectionId: string, expiresAtMs: number): Promise<void> {
    const Item = { ...keyOf('connection', connectionId), topics: { M: {} }, ...expiry(expiresAtMs) };
    await this.client.send(new PutItemCommand({ TableName: this.tableName, Item }));
  }

  async disconnect(connectionId: string): Promise<void> {
    const Key = keyOf('connection', connectionId);
    await this.client.send(new DeleteItemCommand({ TableName: this.tableName, Key }));
  }

  watch(connectionId: string, topic: string, since: Since): Promise<boolean> {
    return this.update({
      Key: keyOf('connection', connectionId),
      UpdateExpression: 'SET topics.#topic = :since',
      ConditionExpression: 'attribute_exists(pk) AND (attribute_exists(topics.#topic) OR size(topics) < :most)',
      ExpressionAttributeNames: { '#topic': topic },
      ExpressionAttributeValues: { ':since': toSince(since), ':most': { N: String(mostTopics) } },
    });
  }

  async unwatch(connectionId: string, topic: string): Promise<void> {
    await this.update({
      Key: keyOf('connection', connectionId),
      UpdateExpression: 'REMOVE topics.#topic',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeNames: { '#topic': topic },
    });
  }

  async note(
    connectionId: string,
    topic: string,
    { before, after }: { readonly before: Since; readonly after: Since },
  ): Promise<void> {
    await this.update({
      Key: keyOf('connection', connectionId),
      UpdateExpression: 'SET topics.#topic = :after',
      ConditionExpression: 'topics.#topic = :before',
      ExpressionAttributeNames: { '#topic': topic },
      ExpressionAttributeValues: { ':before': toSince(before), ':after': toSince(after) },
    });
  }

  async list(nowMs: number): Promise<readonly LiveConnection[]> {
    const items = await queryAll(this.client, {
      TableName: this.tableName,
      KeyConditionExpression: 'pk = :connection',
      ExpressionAttributeValues: { ':connection': { S: 'connection' } },
      // A connection that has just been made must be seen by the beat that asks whether anybody is left.
      ConsistentRead: true,
    });
    return items.filter((item) => !isExpired(item, nowMs)).map(toConnection);
  }

  async loadFeed(topic: string, nowMs: number): Promise<Feed | undefined> {
    const Key = keyOf('feed', topic);
    const { Item } = await this.client.send(
      new GetItemCommand({ TableName: this.tableName, Key, ConsistentRead: true }),
    );
    if (Item?.state?.B === undefined || isExpired(Item, nowMs)) return undefined;
    return unpackJson(Item.state.B) as Feed;
  }

  async saveFeed(
    topic: string,
    feed: Feed,
    { before, expiresAtMs }: { readonly before: number | null; readonly expiresAtMs: number },
  ): Promise<boolean> {
    // A new feed starts above whatever an expired one reached, so it may take its place.
    const isNext = before === null ? 'attribute_not_exists(pk) OR seq < :seq' : 'seq = :before';
    return this.update({
      Key: keyOf('feed', topic),
      UpdateExpression: 'SET seq = :seq, #state = :state, expiresAtS = :expiresAtS',
      ConditionExpression: isNext,
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: {
        ':seq': { N: String(feed.seq) },
        ':state': { B: packJson(feed) },
        ':expiresAtS': expiry(expiresAtMs).expiresAtS,
        ...(before === null ? {} : { ':before': { N: String(before) } }),
      },
    });
  }

  async take(holder: string, untilMs: number): Promise<void> {
    await this.update({
      Key: leaseKey,
      UpdateExpression: 'SET holder = :holder, untilMs = :untilMs',
      ExpressionAttributeValues: { ':holder': { S: holder }, ':untilMs': { N: String(untilMs) } },
    });
  }

  renew(holder: string, untilMs: number): Promise<boolean> {
    return this.update({
      Key: leaseKey,
      UpdateExpression: 'SET untilMs = :untilMs',
      ConditionExpression: 'holder = :holder',
      ExpressionAttributeValues: { ':holder': { S: holder }, ':untilMs': { N: String(untilMs) } },
    });
  }

  async release(holder: string): Promise<void> {
    await this.renew(holder, 0);
  }

  claim(nowMs: number, untilMs: number): Promise<boolean> {
    return this.update({
      Key: leaseKey,
      UpdateExpression: 'SET untilMs = :untilMs',
      ConditionExpression: 'attribute_not_exists(untilMs) OR untilMs <= :nowMs',
      ExpressionAttributeValues: { ':nowMs': { N: String(nowMs) }, ':untilMs': { N: String(untilMs) } },
    });
  }

  /** False when the condition did not hold. */
  private async update(update: Update): Promise<boolean> {
    try {
      await this.client.send(new UpdateItemCommand({ TableName: this.tableName, ...update }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

const keyOf = (pk: string, sk: string): Item => ({ pk: { S: pk }, sk: { S: sk } });
const leaseKey = keyOf('feeder', 'lease');

/** DynamoDB deletes within days: who reads looks at the moment too. */
const expiry = (atMs: number) => ({ expiresAtS: { N: String(Math.ceil(atMs / 1000)) } });
const isExpired = (item: Item, nowMs: number): boolean => Number(item.expiresAtS?.N) * 1000 <= nowMs;

function toSince(since: Since): AttributeValue {
  if (since === null) return { NULL: true };
  return since === 'fresh' ? { S: since } : { N: String(since) };
}

function readSince(value: AttributeValue): Since {
  if (value.N !== undefined) return Number(value.N);
  return value.S === 'fresh' ? 'fresh' : null;
}

const toConnection = (item: Item): LiveConnection => ({
  connectionId: item.sk?.S ?? '',
  topics: Object.fromEntries(Object.entries(item.topics?.M ?? {}).map(([topic, since]) => [topic, readSince(since)])),
});
