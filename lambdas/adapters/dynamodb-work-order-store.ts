import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { emptyRecord, type Label, type RuleRecord } from '../../core/maintenance/feedback.ts';
import type { WorkOrder } from '../../core/maintenance/work-order.ts';
import type { WorkOrderStore } from '../ports/work-order-store.ts';

type Item = Record<string, AttributeValue>;

/** One table: `order#…/order` and its `label`, `rule#<type>#<code>/record`. */
export class DynamoDbWorkOrderStore implements WorkOrderStore {
  private readonly client: DynamoDBClient;
  private readonly tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.client = client;
    this.tableName = tableName;
  }

  load(workOrderId: string): Promise<WorkOrder | undefined> {
    return this.get<WorkOrder>(`order#${workOrderId}`, 'order');
  }

  async save(order: WorkOrder): Promise<boolean> {
    const next = { ...order, version: order.version + 1 };
    const Item = {
      ...keyOf(`order#${order.workOrderId}`, 'order'),
      site: { S: order.site },
      requestedAtMs: { N: String(order.requestedAtMs) },
      version: { N: String(next.version) },
      json: { S: JSON.stringify(next) },
    };
    try {
      await this.client.send(new PutItemCommand({ TableName: this.tableName, Item, ...ifVersion(order.version) }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async loadRecord(machineType: string, code: string): Promise<RuleRecord> {
    return (await this.get<RuleRecord>(ruleKey(machineType, code), 'record')) ?? emptyRecord(machineType, code);
  }

  async saveFeedback(workOrderId: string, label: Label, before: RuleRecord, after: RuleRecord): Promise<boolean> {
    const labelItem = { ...keyOf(`order#${workOrderId}`, 'label'), json: { S: JSON.stringify(label) } };
    const version = { N: String(countAll(after)) };
    const recordItem = {
      ...keyOf(ruleKey(after.machineType, after.code), 'record'),
      version,
      json: { S: JSON.stringify(after) },
    };
    const puts = [
      { Item: labelItem, ...ifVersion(0) },
      { Item: recordItem, ...ifVersion(countAll(before)) },
    ];
    try {
      const TransactItems = puts.map((put) => ({ Put: { TableName: this.tableName, ...put } }));
      await this.client.send(new TransactWriteItemsCommand({ TransactItems }));
      return true;
    } catch (error) {
      const isLabelThere =
        error instanceof TransactionCanceledException &&
        error.CancellationReasons?.[0]?.Code === 'ConditionalCheckFailed';
      if (isLabelThere) return false;
      throw error; // somebody else counted for the rule at this moment: the step is tried again
    }
  }

  async list(site: string, sinceMs: number): Promise<readonly WorkOrder[]> {
    const answer = await this.client.send(
      new QueryCommand({
        TableName: this.tableName,
        IndexName: 'site',
        KeyConditionExpression: 'site = :site AND requestedAtMs >= :since',
        ExpressionAttributeValues: { ':site': { S: site }, ':since': { N: String(sinceMs) } },
        ScanIndexForward: false,
      }),
    );
    return (answer.Items ?? []).map((item) => JSON.parse(item.json!.S!) as WorkOrder);
  }

  private async get<T>(pk: string, sk: string): Promise<T | undefined> {
    const answer = await this.client.send(
      new GetItemCommand({ TableName: this.tableName, Key: keyOf(pk, sk), ConsistentRead: true }),
    );
    return answer.Item?.json?.S === undefined ? undefined : (JSON.parse(answer.Item.json.S) as T);
  }
}

const keyOf = (pk: string, sk: string): Item => ({ pk: { S: pk }, sk: { S: sk } });
const ruleKey = (machineType: string, code: string): string => `rule#${machineType}#${code}`;
const countAll = ({ counts }: RuleRecord): number => counts.confirmed + counts.other_cause + counts.no_fault_found;

function ifVersion(version: number) {
  if (version === 0) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: '#version = :version',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':version': { N: String(version) } },
  };
}
