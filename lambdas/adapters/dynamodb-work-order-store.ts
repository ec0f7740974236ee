import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  type QueryCommandInput,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { emptyRecord, type Label, type RuleRecord } from '../../core/maintenance/feedback.ts';
import { isSettled, type WorkOrder } from '../../core/maintenance/work-order.ts';
import type { WorkOrderStore } from '../ports/work-order-store.ts';
import { ifVersion, isCollision } from './optimistic-write.ts';
import { queryJson } from './query-all.ts';

type Item = Record<string, AttributeValue>;

/** One table: `order#…/order` and its `label`, `machine#…/open#<component>[/<part>]`, `rule#<type>/code#<code>`. */
export class DynamoDbWorkOrderStore implements WorkOrderStore {
  private readonly client: DynamoDBClient;
  private readonly tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.client = client;
    this.tableName = tableName;
  }

  load(workOrderId: string): Promise<WorkOrder | undefined> {
    return this.get<WorkOrder>(keyOf(`order#${workOrderId}`, 'order'));
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
    const put = { Put: { TableName: this.tableName, Item, ...ifVersion(order.version) } };
    const slot = await this.changeSlot(order);
    try {
      await this.client.send(new TransactWriteItemsCommand({ TransactItems: [put, ...slot] }));
      return true;
    } catch (error) {
      if (isCollision(error)) return false;
      throw error;
    }
  }

  async loadRecord(machineType: string, code: string): Promise<RuleRecord> {
    return (await this.get<RuleRecord>(recordKey(machineType, code))) ?? emptyRecord(machineType, code);
  }

  async listRecords(machineType: string): Promise<readonly RuleRecord[]> {
    const values = { ':pk': { S: `rule#${machineType}` } };
    return this.query<RuleRecord>({ KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: values });
  }

  async saveFeedback(
    label: Label,
    record: { readonly before: RuleRecord; readonly after: RuleRecord } | null,
  ): Promise<boolean> {
    const labelItem = { ...keyOf(`order#${label.workOrderId}`, 'label'), json: { S: JSON.stringify(label) } };
    const puts = [{ Item: labelItem as Item, ...ifVersion(0) }, ...(record === null ? [] : [putRecord(record)])];
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
    return this.query<WorkOrder>({
      IndexName: 'site',
      KeyConditionExpression: 'site = :site AND requestedAtMs >= :since',
      ExpressionAttributeValues: { ':site': { S: site }, ':since': { N: String(sinceMs) } },
      ScanIndexForward: false,
    });
  }

  /** A component has one open order, or each of its parts: a new one takes the place, a settled one gives its own free. */
  private async changeSlot({
    version,
    machineId,
    component,
    part = null,
    workOrderId,
    ...order
  }: WorkOrder): Promise<TransactWriteItem[]> {
    const Key = keyOf(`machine#${machineId}`, `open#${part === null ? component : `${component}/${part}`}`);
    const TableName = this.tableName;
    if (version === 0) {
      return [{ Put: { TableName, Item: { ...Key, workOrderId: { S: workOrderId } }, ...ifVersion(0) } }];
    }
    if (!isSettled(order)) return [];
    const { Item } = await this.client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    // It was given free before: who has it now keeps it.
    if (Item?.workOrderId?.S !== workOrderId) return [];
    const ExpressionAttributeValues = { ':id': { S: workOrderId } };
    return [{ Delete: { TableName, Key, ConditionExpression: 'workOrderId = :id', ExpressionAttributeValues } }];
  }

  private query<T>(input: Omit<QueryCommandInput, 'TableName'>): Promise<readonly T[]> {
    return queryJson(this.client, { ...input, TableName: this.tableName });
  }

  private async get<T>(Key: Item): Promise<T | undefined> {
    const answer = await this.client.send(new GetItemCommand({ TableName: this.tableName, Key, ConsistentRead: true }));
    return answer.Item?.json?.S === undefined ? undefined : (JSON.parse(answer.Item.json.S) as T);
  }
}

const keyOf = (pk: string, sk: string): Item => ({ pk: { S: pk }, sk: { S: sk } });
const recordKey = (machineType: string, code: string): Item => keyOf(`rule#${machineType}`, `code#${code}`);
const countAll = ({ counts }: RuleRecord): number => counts.confirmed + counts.other_cause + counts.no_fault_found;

const putRecord = ({ before, after }: { readonly before: RuleRecord; readonly after: RuleRecord }) => ({
  Item: {
    ...recordKey(after.machineType, after.code),
    version: { N: String(countAll(after)) },
    json: { S: JSON.stringify(after) },
  },
  ...ifVersion(countAll(before)),
});
