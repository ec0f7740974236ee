import { existsSync, readFileSync } from 'node:fs';
import { knownTypes } from '../../../core/machine-types/known.ts';
import { createDetectionHandler } from '../../../lambdas/detection/handler.ts';
import { LifeShelf } from '../../../lambdas/detection/life-shelf.ts';
import type { SavedMachines } from '../../../lambdas/detection/machine-twins.ts';
import { ModelShelf } from '../../../lambdas/detection/model-shelf.ts';
import { ShardMemory } from '../../../lambdas/detection/shard-memory.ts';
import { ShardTwins } from '../../../lambdas/detection/shard-twins.ts';
import type { TwinEvent } from '../../../lambdas/ports/event-publisher.ts';
import type { KinesisEvent } from '../../../lambdas/ports/kinesis-event.ts';
import type { FinishedMachineLife, LifeLibrary } from '../../../lambdas/ports/life-library.ts';
import type { ModelStore } from '../../../lambdas/ports/model-store.ts';
import type { QuarantinedMessage } from '../../../lambdas/ports/quarantine.ts';
import type { RegisteredMachine } from '../../../lambdas/ports/registry.ts';
import type { SeriesOutcome, SeriesRow } from '../../../lambdas/ports/series-writer.ts';
import { type Checkpoint, isBefore, type ShardLease, type StreamRecord } from '../../../lambdas/ports/shard-state.ts';
import type { PresentState } from '../../../lambdas/ports/twin-writer.ts';

export const shardId = 'shardId-000000000000';

const shippedModels = new URL('../../../core/learning/models/', import.meta.url);

function readShipped(machineType: string): string | undefined {
  const file = new URL(`${machineType}.json`, shippedModels);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

const nothingWrong: SeriesOutcome = { duplicates: 0, refused: [], unwritten: [] };

/**
 * Everything outside of the detection function, in memory: one shard, the stores, the registry. Containers come and go
 * on it as they do in Lambda; `failNext` and `dieNext` make the next write fail or the container die.
 */
export class Floor {
  readonly stream: StreamRecord[] = [];
  readonly parents: string[] = [];
  readonly leases = new Map<string, ShardLease>();
  leaseReads = 0;
  readonly checkpoints = new Map<string, string>();
  readonly machines = new Map<string, RegisteredMachine>();
  readonly rows = new Map<string, SeriesRow['observation']>();
  /** In the order written, repetitions too. */
  readonly observed: SeriesRow['observation'][] = [];
  /** Moments of the rows that carry a new remaining life. */
  readonly forecastRows: number[] = [];
  readonly presents = new Map<string, PresentState>();
  readonly events = new Map<string, TwinEvent>();
  readonly quarantined: QuarantinedMessage[] = [];
  readonly counts = new Map<string, number>();
  readonly warnings: string[] = [];
  /** What the handler's log warns of, with its fields. */
  readonly logged: (readonly [line: string, fields?: object | undefined])[] = [];
  /** What the plant put into its bucket, by machine type and version; the models that ship are the project's own. */
  readonly ownModels = new Map<string, string>();
  readonly lives = new Map<string, FinishedMachineLife>();
  readonly models: ModelStore = {
    read: async (machineType, version) =>
      version === null ? readShipped(machineType) : this.ownModels.get(`${machineType}/${version}`),
  };
  private readonly shelf = { nowMs: () => 0, log: { warn: (message: string) => void this.warnings.push(message) } };
  /** One for all containers: opening the same files again for each takes longer than the test. */
  private readonly modelShelf = new ModelShelf({ ...this.shelf, store: this.models });
  readonly library: LifeLibrary = {
    add: async (lives) => {
      for (const life of lives) this.lives.set(life.id, life);
    },
    newest: async (machineType, limit) =>
      [...this.lives.values()]
        .filter((life) => life.machineType === machineType)
        .slice(-limit)
        .map(({ life }) => life),
  };
  unwrittenFrom: ((row: SeriesRow) => boolean) | null = null;
  refuses: ((row: SeriesRow) => boolean) | null = null;
  /** Thrown by the next write to the series store, before or after it is stored. */
  death: 'before' | 'after' | null = null;

  register(machineId: string, machineType: string): void {
    this.machines.set(machineId, { machineId, machineType, name: machineId, site: 'plant', line: 'A' });
  }

  put(machineId: string, data: unknown): StreamRecord {
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    const record: StreamRecord = {
      sequenceNumber: String(1000 + this.stream.length),
      partitionKey: machineId,
      data: Buffer.from(text).toString('base64'),
      approximateArrivalTimestamp: 1_767_225_600 + this.stream.length / 10,
    };
    this.stream.push(record);
    return record;
  }

  /** A container: memory of its own over the shared outside. */
  startContainer(owner: string, checkpointEveryMs = 300) {
    const registry = { find: async () => this.machines };
    const memory = new ShardMemory<SavedMachines, ShardTwins>({
      owner,
      checkpoints: this.checkpointStore(),
      stream: this.streamReader(),
      checkpointEveryMs,
      createTwins: () =>
        new ShardTwins({
          catalogue: knownTypes,
          registry,
          tell: { twinEveryMs: 5000 },
          models: this.modelShelf,
          lives: new LifeShelf({ ...this.shelf, models: this.models, library: this.library }),
        }),
    });
    return createDetectionHandler({
      catalogue: knownTypes,
      memory,
      registry,
      series: { write: (rows) => this.writeRows(rows) },
      twins: { write: async (states) => this.writeTwins(states) },
      events: { publish: async (events) => this.publish(events) },
      lives: this.library,
      quarantine: { keep: async (messages) => void this.quarantined.push(...messages) },
      nowMs: () => 0,
      log: {
        info: () => undefined,
        warn: (line, fields) => void this.logged.push([line, fields]),
        error: () => undefined,
      },
      metrics: {
        count: (name, amount) => void this.counts.set(name, (this.counts.get(name) ?? 0) + amount),
        durationMs: () => undefined,
        flush: () => undefined,
      },
    });
  }

  /** Everything anyone can see, and what the twins remember in the last checkpoint. */
  outcome() {
    const byKey = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    const saved: Checkpoint<SavedMachines> = JSON.parse(
      this.checkpoints.get(this.leases.get(shardId)!.checkpointKey!)!,
    );
    return {
      rows: byKey(this.rows),
      presents: byKey(this.presents),
      events: byKey(this.events),
      twins: saved.state.machines.toSorted((a, b) => (a.machineId < b.machineId ? -1 : 1)),
    };
  }

  private async writeRows(rows: readonly SeriesRow[]): Promise<SeriesOutcome> {
    if (this.death === 'before') this.die();
    const unwritten = this.unwrittenFrom === null ? [] : rows.filter(this.unwrittenFrom);
    const refused = this.refuses === null ? [] : rows.filter(this.refuses);
    for (const row of rows) {
      this.observed.push(row.observation);
      if (row.isForecastNew) this.forecastRows.push(row.sample.sampledAtMs);
      if (unwritten.includes(row) || refused.includes(row)) continue;
      const key = `${row.sample.machineId}@${row.sample.sampledAtMs}`;
      if (!this.rows.has(key)) this.rows.set(key, structuredClone(row.observation));
    }
    if (this.death === 'after') this.die();
    return { ...nothingWrong, unwritten, refused: refused.map((row) => ({ row, reason: 'out of retention' })) };
  }

  private writeTwins(states: readonly PresentState[]): readonly string[] {
    for (const state of states) this.presents.set(state.machineId, state);
    return [];
  }

  private publish(events: readonly TwinEvent[]): readonly TwinEvent[] {
    for (const event of events) this.events.set(event.eventId, event);
    return [];
  }

  private die(): never {
    this.death = null;
    throw new Error('the container died');
  }

  private checkpointStore() {
    return {
      readLease: async (shard: string) => {
        this.leaseReads += 1;
        return this.leases.get(shard);
      },
      writeLease: async (shard: string, lease: ShardLease, expected: ShardLease | undefined) => {
        const kept = this.leases.get(shard);
        if (kept?.epoch !== expected?.epoch || kept?.checkpointKey !== expected?.checkpointKey) return false;
        this.leases.set(shard, lease);
        return true;
      },
      load: async (key: string): Promise<Checkpoint<SavedMachines>> => JSON.parse(this.checkpoints.get(key)!),
      save: async (key: string, checkpoint: Checkpoint<SavedMachines>) =>
        void this.checkpoints.set(key, JSON.stringify(checkpoint)),
      remove: async (key: string) => void this.checkpoints.delete(key),
    };
  }

  private streamReader() {
    const stream = this.stream;
    const parents = this.parents;
    return {
      async *read(_shard: string, from: { readonly at: string } | { readonly after: string }) {
        const position = 'at' in from ? from.at : from.after;
        const wanted = stream.filter(
          ({ sequenceNumber }) => isBefore(position, sequenceNumber) || ('at' in from && sequenceNumber === position),
        );
        for (let i = 0; i < wanted.length; i += 7) yield wanted.slice(i, i + 7);
      },
      parentsOf: async (shard: string) => parents.filter((parent) => isBefore(parent, shard)),
    };
  }
}

export function eventOf(records: readonly StreamRecord[]): KinesisEvent {
  return { Records: records.map((kinesis) => ({ eventID: `${shardId}:${kinesis.sequenceNumber}`, kinesis })) };
}
