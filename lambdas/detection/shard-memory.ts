import {
  type CheckpointStore,
  isBefore,
  type ShardFence,
  type ShardLease,
  type StreamPosition,
  type StreamReader,
  type StreamRecord,
} from '../ports/shard-state.ts';

/**
 * Keeps what the twins of a shard know between invocations, so that no sample is counted twice or lost although
 * delivery repeats, invocations move between containers, and a container can die at any moment.
 *
 * State lives in memory and may be used when nobody else went on with the shard in between. The fence says so for nothing:
 * the event source carries it from batch to batch, and it names this container and the very record its memory ends with.
 * Where there is none or another, the lease is asked. Does it name another container, this one takes it and rebuilds
 * the state exactly as it was before the batch: from its own older memory or the last checkpoint, by replaying the
 * stream up to the batch. A replay writes nothing.
 *
 * Memory and checkpoints move on only after the results of their records were written, so a record at or before
 * `sequence` is done; after a failure the memory is forgotten.
 * Fails when the stream no longer holds the records after the checkpoint: then the twins go on with a gap.
 */
export interface ShardMemoryOptions<State, Twins extends ReplayableState<State>> {
  /** Names this container; no two may share it. */
  readonly owner: string;
  readonly checkpoints: CheckpointStore<State>;
  readonly stream: StreamReader;
  readonly checkpointEveryMs: number;
  createTwins(): Twins;
}

export interface ReplayableState<State> {
  restore(saved: State): void;
  save(): State;
  /** Takes records in, in order, without telling anyone. */
  replay(records: readonly StreamRecord[]): Promise<void>;
}

export interface HeldShard<Twins> {
  readonly twins: Twins;
  /** Records up to this one are in the state; null at the very beginning. */
  sequence: string | null;
  readonly replayedRecords: number;
}

interface Held<Twins> extends HeldShard<Twins> {
  lease: ShardLease;
  /** Arrival of the last record that is in a checkpoint, or of the first that is in none. */
  checkpointedAtMs: number;
  recordsSinceCheckpoint: number;
}

export class LeaseLost extends Error {
  constructor(shardId: string) {
    super(`${shardId}: another container took the shard; the batch is delivered again`);
    this.name = 'LeaseLost';
  }
}

/**
 * A small fleet checkpoints rarely, because a few records are replayed in no time and each S3 PUT costs the same:
 * below this many records the interval is stretched by `idleStretch`. 5,000 records replay in well under a second.
 */
const busyRecords = 5000;
const idleStretch = 30;

export class ShardMemory<State, Twins extends ReplayableState<State>> {
  private readonly options: ShardMemoryOptions<State, Twins>;
  private readonly shards = new Map<string, Held<Twins>>();

  constructor(options: ShardMemoryOptions<State, Twins>) {
    this.options = options;
  }

  /** The shard's twins as they were before `first`; or, for records long done, as they are by now. */
  async take(shardId: string, first: StreamRecord, fence: ShardFence | null = null): Promise<HeldShard<Twins>> {
    const held = this.shards.get(shardId);
    if (held !== undefined && this.isNamed(fence) && fence?.sequence === held.sequence) return held;
    const lease = await this.options.checkpoints.readLease(shardId);
    if (held !== undefined && isCurrent(held, lease)) return held;
    this.shards.delete(shardId);
    const base = held !== undefined && precedes(held.sequence, first.sequenceNumber) ? held : undefined;
    const rebuilt = await this.rebuild(shardId, first, lease, base);
    this.shards.set(shardId, rebuilt);
    return rebuilt;
  }

  /** What the event source shall carry to the next batch; null when the state is not to be gone on with. */
  fenceOf(shardId: string): ShardFence | null {
    const sequence = this.shards.get(shardId)?.sequence ?? null;
    return sequence === null ? null : { owner: this.options.owner, sequence };
  }

  /**
   * Whether a part of the batch may be taken as done. AWS does not say whether a batch that failed in part hands on the old
   * fence or the new one. The container that the old one names would then go on from it over a gap; only where that is
   * this one, which forgets, or none, is nobody left to do so.
   */
  mayEndInPart(fence: ShardFence | null): boolean {
    return fence === null || this.isNamed(fence);
  }

  /** To be called when every result of the records up to `last` is written. */
  async settle(shardId: string, last: StreamRecord, records: number): Promise<void> {
    const held = this.shards.get(shardId);
    if (held === undefined) return;
    held.sequence = last.sequenceNumber;
    held.recordsSinceCheckpoint += records;
    const stretch = held.recordsSinceCheckpoint >= busyRecords ? 1 : idleStretch;
    const isDue = arrivedAtMs(last) - held.checkpointedAtMs >= this.options.checkpointEveryMs * stretch;
    if (isDue) await this.checkpoint(shardId, held, last);
  }

  /** After a failure the state holds records whose results are not written: the next batch rebuilds it. */
  forget(shardId: string): void {
    this.shards.delete(shardId);
  }

  private isNamed(fence: ShardFence | null): boolean {
    return fence?.owner === this.options.owner;
  }

  private async rebuild(
    shardId: string,
    first: StreamRecord,
    lease: ShardLease | undefined,
    base: Held<Twins> | undefined,
  ): Promise<Held<Twins>> {
    const taken = await this.takeLease(shardId, first, lease);
    const twins = base?.twins ?? this.options.createTwins();
    let start: Start = base ?? { sequence: null, checkpointedAtMs: arrivedAtMs(first) };
    if (base === undefined) {
      if (taken.checkpointKey !== null) start = await this.load(taken.checkpointKey, twins);
      else await this.adoptParents(shardId, twins);
    }
    const replayed = await this.catchUp(shardId, twins, { start, startSequence: taken.startSequence, first });
    return {
      twins,
      lease: taken,
      sequence: replayed.sequence ?? start.sequence,
      checkpointedAtMs: start.checkpointedAtMs,
      replayedRecords: replayed.records,
      recordsSinceCheckpoint: (base?.recordsSinceCheckpoint ?? 0) + replayed.records,
    };
  }

  private async takeLease(shardId: string, first: StreamRecord, lease: ShardLease | undefined): Promise<ShardLease> {
    const { owner, checkpoints } = this.options;
    const fresh = { startSequence: first.sequenceNumber, checkpointKey: null };
    const taken: ShardLease = { ...fresh, ...lease, owner, epoch: (lease?.epoch ?? 0) + 1 };
    if (!(await checkpoints.writeLease(shardId, taken, lease))) throw new LeaseLost(shardId);
    return taken;
  }

  private async load(key: string, twins: Twins): Promise<Start> {
    const { sequence, arrivedAtMs, state } = await this.options.checkpoints.load(key);
    twins.restore(state);
    return { sequence, checkpointedAtMs: arrivedAtMs };
  }

  private async catchUp(
    shardId: string,
    twins: Twins,
    { start, startSequence, first }: { start: Start; startSequence: string; first: StreamRecord },
  ): Promise<Replayed> {
    const from: StreamPosition = start.sequence === null ? { at: startSequence } : { after: start.sequence };
    const isBehind = isBefore(start.sequence ?? startSequence, first.sequenceNumber);
    return isBehind ? this.replay(shardId, twins, from, first.sequenceNumber) : { sequence: null, records: 0 };
  }

  /**
   * A shard made by a split or a merge starts with what its parents' twins knew at their end; as long as no checkpoint of its own
   * has that, each rebuild goes back to them, and to theirs.
   */
  private async adoptParents(shardId: string, twins: Twins): Promise<void> {
    for (const parentId of await this.options.stream.parentsOf(shardId)) {
      const lease = await this.options.checkpoints.readLease(parentId);
      if (lease === undefined) continue;
      let from: StreamPosition = { at: lease.startSequence };
      if (lease.checkpointKey !== null) from = { after: (await this.load(lease.checkpointKey, twins)).sequence! };
      else await this.adoptParents(parentId, twins);
      await this.replay(parentId, twins, from, null);
    }
  }

  private async replay(shardId: string, twins: Twins, from: StreamPosition, before: string | null): Promise<Replayed> {
    let sequence: string | null = null;
    let records = 0;
    for await (const page of this.options.stream.read(shardId, from)) {
      const wanted = before === null ? page : page.filter(({ sequenceNumber }) => isBefore(sequenceNumber, before));
      await twins.replay(wanted);
      sequence = wanted.at(-1)?.sequenceNumber ?? sequence;
      records += wanted.length;
      if (wanted.length < page.length) break;
    }
    return { sequence, records };
  }

  private async checkpoint(shardId: string, held: Held<Twins>, last: StreamRecord): Promise<void> {
    const { checkpoints } = this.options;
    const key = `${shardId}/${held.lease.epoch}.json.gz`;
    const at = { sequence: last.sequenceNumber, arrivedAtMs: arrivedAtMs(last) };
    await checkpoints.save(key, { ...at, state: held.twins.save() });
    if (held.lease.checkpointKey !== key && !(await this.pointTo(shardId, held, key))) {
      this.forget(shardId); // lost meanwhile: whoever took the shard goes on from the former checkpoint
      return;
    }
    held.checkpointedAtMs = at.arrivedAtMs;
    held.recordsSinceCheckpoint = 0;
  }

  private async pointTo(shardId: string, held: Held<Twins>, key: string): Promise<boolean> {
    const { checkpoints } = this.options;
    const former = held.lease.checkpointKey;
    const lease = { ...held.lease, checkpointKey: key };
    if (!(await checkpoints.writeLease(shardId, lease, held.lease))) return false;
    held.lease = lease;
    if (former !== null) await checkpoints.remove(former);
    return true;
  }
}

interface Start {
  /** Null: nothing yet, not even a checkpoint. */
  readonly sequence: string | null;
  readonly checkpointedAtMs: number;
}

interface Replayed {
  readonly sequence: string | null;
  readonly records: number;
}

const arrivedAtMs = (record: StreamRecord): number => Math.round(record.approximateArrivalTimestamp * 1000);

const isCurrent = (held: { readonly lease: ShardLease }, lease: ShardLease | undefined): boolean =>
  lease !== undefined && lease.owner === held.lease.owner && lease.epoch === held.lease.epoch;

const precedes = (sequence: string | null, other: string): boolean => sequence === null || isBefore(sequence, other);
