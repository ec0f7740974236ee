import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { HistoryEntry } from '../../core/incidents/history.ts';
import { type Incident, isLive } from '../../core/incidents/incident.ts';
import type { Notice } from '../../core/incidents/settle.ts';
import { emptyBoard, type SiteBoard } from '../../core/incidents/site-board.ts';
import type { IncidentStore, IncidentWrite } from '../ports/incident-store.ts';
import { chunksOf } from './in-parallel.ts';
import { ifVersion, isCollision } from './optimistic-write.ts';
import { packJson, unpackJson } from './packed-json.ts';
import { queryJson } from './query-all.ts';

type Item = Record<string, AttributeValue>;

/** Per request (DynamoDB API reference, BatchGetItem). */
const keysPerRequest = 100;

/**
 * One table: `site#…/board`, `incident#…/incident`, its `history#…` and its `notice#…` still to be told, `link#…` that
 * were used. Versions are checked in one transaction, so that two writers cannot both decide on the same state.
 */
export class DynamoDbIncidentStore implements IncidentStore {
  private readonly client: DynamoDBClient;
  private readonly tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.client = client;
    this.tableName = tableName;
  }

  async loadBoard(site: string): Promise<SiteBoard> {
    const answer = await this.client.send(
      new GetItemCommand({ TableName: this.tableName, Key: keyOf(`site#${site}`, 'board'), ConsistentRead: true }),
    );
    const packed = answer.Item?.packed?.B;
    if (packed !== undefined) return unpackJson(packed) as SiteBoard;
    // As boards were written before they were packed.
    return readJson<SiteBoard>(answer.Item) ?? emptyBoard(site);
  }

  async load(incidentIds: readonly string[]): Promise<ReadonlyMap<string, Incident>> {
    const found = new Map<string, Incident>();
    for (const ids of chunksOf(incidentIds, keysPerRequest)) {
      let Keys: Item[] | undefined = ids.map((id) => keyOf(`incident#${id}`, 'incident'));
      while (Keys !== undefined && Keys.length > 0) {
        const answer: Awaited<ReturnType<typeof this.getBatch>> = await this.getBatch(Keys);
        for (const item of answer.Responses?.[this.tableName] ?? []) {
          const incident = readJson<Incident>(item)!;
          found.set(incident.incidentId, incident);
        }
        Keys = answer.UnprocessedKeys?.[this.tableName]?.Keys;
      }
    }
    return found;
  }

  async save({ board, incidents, entries, notices }: IncidentWrite): Promise<boolean> {
    const items = [
      this.putBoard(board),
      ...incidents.map((incident) => this.putIncident(incident)),
      ...entries.map((entry) => this.putNew(`incident#${entry.incidentId}`, `history#${pad(entry.sequence)}`, entry)),
      ...notices.map((notice) => this.putNew(`incident#${notice.incident.incidentId}`, noticeKey(notice), notice)),
    ];
    try {
      await this.client.send(new TransactWriteItemsCommand({ TransactItems: items }));
      return true;
    } catch (error) {
      if (isCollision(error)) return false;
      throw error;
    }
  }

  async listUntold(incidentId: string): Promise<readonly Notice[]> {
    return this.list<Notice>(incidentId, 'notice#');
  }

  async claim(notice: Notice, nowMs: number, untilMs: number): Promise<boolean> {
    return this.succeeds(
      new UpdateItemCommand({
        TableName: this.tableName,
        Key: keyOf(`incident#${notice.incident.incidentId}`, noticeKey(notice)),
        UpdateExpression: 'SET claimedUntilMs = :until',
        ConditionExpression:
          'attribute_exists(pk) AND (attribute_not_exists(claimedUntilMs) OR claimedUntilMs <= :now)',
        ExpressionAttributeValues: { ':until': { N: String(untilMs) }, ':now': { N: String(nowMs) } },
      }),
    );
  }

  async markTold(notice: Notice): Promise<void> {
    const Key = keyOf(`incident#${notice.incident.incidentId}`, noticeKey(notice));
    await this.client.send(new DeleteItemCommand({ TableName: this.tableName, Key }));
  }

  async history(incidentId: string): Promise<readonly HistoryEntry[]> {
    return this.list<HistoryEntry>(incidentId, 'history#');
  }

  async useLink(linkId: string, expiresAtMs: number): Promise<boolean> {
    return this.succeeds(
      new PutItemCommand({
        TableName: this.tableName,
        Item: { ...linkKey(linkId), expiresAtS: { N: String(Math.ceil(expiresAtMs / 1000)) } },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  }

  async freeLink(linkId: string): Promise<void> {
    await this.client.send(new DeleteItemCommand({ TableName: this.tableName, Key: linkKey(linkId) }));
  }

  private getBatch(Keys: Item[]) {
    return this.client.send(
      new BatchGetItemCommand({ RequestItems: { [this.tableName]: { Keys, ConsistentRead: true } } }),
    );
  }

  private list<T>(incidentId: string, prefix: string): Promise<readonly T[]> {
    return queryJson(this.client, {
      TableName: this.tableName,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': { S: `incident#${incidentId}` }, ':prefix': { S: prefix } },
    });
  }

  private async succeeds(command: UpdateItemCommand | PutItemCommand): Promise<boolean> {
    try {
      await (command instanceof PutItemCommand ? this.client.send(command) : this.client.send(command));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  private putBoard(board: SiteBoard): TransactWriteItem {
    const next = { ...board, version: board.version + 1 };
    const version = { N: String(next.version) };
    // That of a thousand machines would be too large for an item, and is written with each change.
    const Item = { ...keyOf(`site#${board.site}`, 'board'), version, packed: { B: packJson(next) } };
    return { Put: { TableName: this.tableName, Item, ...ifVersion(board.version) } };
  }

  private putIncident(incident: Incident): TransactWriteItem {
    const { incidentId, version, site, state, severity, openedAtMs } = incident;
    const Item = {
      ...keyOf(`incident#${incidentId}`, 'incident'),
      version: { N: String(version) },
      site: { S: site },
      // Only in the index of live incidents while it is one.
      ...(isLive(incident) ? { liveSite: { S: site } } : {}),
      state: { S: state },
      severity: { S: severity },
      openedAtMs: { N: String(openedAtMs) },
      json: json(incident),
    };
    return { Put: { TableName: this.tableName, Item, ...ifVersion(version - 1) } };
  }

  private putNew(pk: string, sk: string, value: unknown): TransactWriteItem {
    const Item = { ...keyOf(pk, sk), json: json(value) };
    return { Put: { TableName: this.tableName, Item, ...ifVersion(0) } };
  }
}

const keyOf = (pk: string, sk: string): Item => ({ pk: { S: pk }, sk: { S: sk } });
const linkKey = (linkId: string): Item => keyOf(`link#${linkId}`, 'link');
const json = (value: unknown): AttributeValue => ({ S: JSON.stringify(value) });
const pad = (sequence: number): string => String(sequence).padStart(6, '0');
const noticeKey = ({ incident }: Notice): string => `notice#${pad(incident.version)}`;

const readJson = <T>(item: Item | undefined): T | undefined =>
  item?.json?.S === undefined ? undefined : (JSON.parse(item.json.S) as T);
