import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { readCriticality } from '../../core/api/criticality.ts';
import type { KeptDue } from '../../core/api/due.ts';
import type { Counted, Counts } from '../../core/api/ledger.ts';
import type { KeptState, KeptSummary, Registered } from '../../core/api/present.ts';
import { unnamedSite } from '../../core/telemetry/site.ts';
import type { MachineDirectory, MachinePage, TwinReader } from '../ports/twin-reader.ts';
import { chunksOf, inParallel } from './in-parallel.ts';
import { unpackJson } from './packed-json.ts';

/** Per request (DynamoDB API reference, BatchGetItem). */
const keysPerRequest = 100;
const requestsInFlight = 4;

type Item = Readonly<Record<string, AttributeValue>>;

/** The registry and the twin table, to look at: briefs without the state's JSON, or one state whole. */
export class DynamoDbMachineReader implements MachineDirectory, TwinReader {
  private readonly client: DynamoDBClient;
  private readonly tables: { readonly registry: string; readonly twins: string };

  constructor(client: DynamoDBClient, tables: { readonly registry: string; readonly twins: string }) {
    this.client = client;
    this.tables = tables;
  }

  async list({ limit, after }: { readonly limit: number; readonly after: string | null }): Promise<MachinePage> {
    const { Items = [], LastEvaluatedKey } = await this.client.send(
      new ScanCommand({
        TableName: this.tables.registry,
        Limit: limit,
        ...(after === null ? {} : { ExclusiveStartKey: { machineId: { S: after } } }),
      }),
    );
    return { machines: Items.map(toMachine), after: LastEvaluatedKey?.machineId?.S ?? null };
  }

  async find(machineId: string): Promise<Registered | undefined> {
    const { Item } = await this.client.send(
      new GetItemCommand({ TableName: this.tables.registry, Key: { machineId: { S: machineId } } }),
    );
    return Item === undefined ? undefined : toMachine(Item);
  }

  async state(machineId: string): Promise<KeptState | undefined> {
    const { Item } = await this.client.send(
      new GetItemCommand({ TableName: this.tables.twins, Key: { machineId: { S: machineId } } }),
    );
    return Item?.state?.B === undefined ? undefined : (unpackJson(Item.state.B) as KeptState);
  }

  async summaries(machineIds: readonly string[]): Promise<ReadonlyMap<string, KeptSummary>> {
    return this.collect(machineIds, summaryColumns, toSummary);
  }

  async counted(machineIds: readonly string[]): Promise<ReadonlyMap<string, Counted>> {
    const found = await this.collect(machineIds, 'machineId, receivedAtMs, counts', toCounted);
    return new Map([...found].flatMap(([id, counted]) => (counted === null ? [] : [[id, counted] as const])));
  }

  private async collect<T>(ids: readonly string[], columns: string, read: (item: Item) => T): Promise<Map<string, T>> {
    const pages = await inParallel(chunksOf(ids, keysPerRequest), requestsInFlight, (some) => this.look(some, columns));
    return new Map(pages.flat().map((item) => [textOf(item, 'machineId'), read(item)]));
  }

  private async look(machineIds: readonly string[], columns: string): Promise<Item[]> {
    const found: Item[] = [];
    let keys: Record<string, AttributeValue>[] | undefined = machineIds.map((id) => ({ machineId: { S: id } }));
    while (keys !== undefined && keys.length > 0) {
      const answer: Awaited<ReturnType<typeof this.get>> = await this.get(keys, columns);
      found.push(...(answer.Responses?.[this.tables.twins] ?? []));
      keys = answer.UnprocessedKeys?.[this.tables.twins]?.Keys;
    }
    return found;
  }

  private get(Keys: Record<string, AttributeValue>[], ProjectionExpression: string) {
    return this.client.send(
      new BatchGetItemCommand({ RequestItems: { [this.tables.twins]: { Keys, ProjectionExpression } } }),
    );
  }
}

const summaryColumns = 'machineId, sampledAtMs, receivedAtMs, severity, decision, healthPercent, due';

const textOf = (item: Item, name: string): string => item[name]?.S ?? '';
const numberOf = (item: Item, name: string): number => Number(item[name]?.N);

const toMachine = (item: Item): Registered => ({
  machineId: textOf(item, 'machineId'),
  machineType: textOf(item, 'machineType'),
  name: textOf(item, 'name'),
  site: textOf(item, 'site') || unnamedSite,
  line: textOf(item, 'line'),
  // 0 is how the registry writes that a machine has no price of its own.
  downtimeEurPerHour: Number(item.downtimeEurPerHour?.N ?? 0) || null,
  criticality: readCriticality(item.criticality?.S),
  commissionedOn: item.commissionedOn?.S ?? null,
});

const toSummary = (item: Item): KeptSummary => ({
  sampledAtMs: numberOf(item, 'sampledAtMs'),
  receivedAtMs: numberOf(item, 'receivedAtMs'),
  severity: textOf(item, 'severity') as KeptSummary['severity'],
  decision: textOf(item, 'decision') as KeptSummary['decision'],
  healthPercent: numberOf(item, 'healthPercent'),
  due: item.due?.S === undefined ? null : (JSON.parse(item.due.S) as KeptDue),
});

const toCounted = (item: Item): Counted | null =>
  item.counts?.S === undefined
    ? null
    : { counts: JSON.parse(item.counts.S) as Counts, untilMs: numberOf(item, 'receivedAtMs') };
