import {
  type Checkpoint,
  type CheckpointStore,
  isBefore,
  type ShardLease,
  type StreamPosition,
  type StreamReader,
  type StreamRecord,
} from '../ports/shard-state.ts';

/**
 * Keeps what the twins of a shard know between invocations, so that no sample is counted twice or lost although
 * delivery repeats, invocations move between containers, and a container can die at any moment.
 *
 * State lives in memory and may be used while the lease names this container: then nobody else went on with the shard
 * in between. Otherwise the container takes the lease and rebuilds the state exactly as it was before the batch: from
 * its own older memory or the last checkpoint, by replaying the stream up to the batch. A replay writes nothing.
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
  readonly nowMs: () => number;
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
  checkpointAtMs: number;
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
const idleStretch = 10;

export class ShardMemory<State, Twins extends ReplayableState<State>> {
  private readonly options: ShardMemoryOptions<State, Twins>;
  private readonly shards = new Map<string, Held<Twins>>();

  constructor(options: ShardMemoryOptions<State, Twins>) {
    this.options = options;
  }

  /** The shard's twins as they were before `firstSequence`; or, for records long done, as they are by now. */
  async take(shardId: string, firstSequence: string): Promise<HeldShard<Twins>> {
    const lease = await this.options.checkpoints.readLease(shardId);
    const held = this.shards.get(shardId);
    if (held !== undefined && isCurrent(held, lease)) return held;
    this.shards.delete(shardId);
    const base = held !== undefined && precedes(held.sequence, firstSequence) ? held : undefined;
    const rebuilt = await this.rebuild(shardId, firstSequence, lease, base);
    this.shards.set(shardId, rebuilt);
    return rebuilt;
  }

  /** To be called when every result of the records up to `sequence` is written. */
  async settle(shardId: string, sequence: string, records: number): Promise<void> {
    const held = this.shards.get(shardId);
    if (held === undefined) return;
    held.sequence = sequence;
    held.recordsSinceCheckpoint += records;
    if (this.isCheckpointDue(held)) await this.checkpoint(shardId, held, sequence);
  }

  /** After a failure the state holds records whose results are not written: the next batch rebuilds it. */
  forget(shardId: string): void {
    this.shards.delete(shardId);
  }

  private async rebuild(
    shardId: string,
    firstSequence: string,
    lease: ShardLease | undefined,
    base: Held<Twins> | undefined,
  ): Promise<Held<Twins>> {
    const next: ShardLease = {
      startSequence: firstSequence,
      checkpointKey: null,
      ...lease,
      owner: this.options.owner,
      epoch: (lease?.epoch ?? 0) + 1,
    };
    if (!(await this.options.checkpoints.writeLease(shardId, next, lease))) throw new LeaseLost(shardId);
    const twins = base?.twins ?? this.options.createTwins();
    let sequence = base?.sequence ?? null;
    if (base === undefined && next.checkpointKey !== null) {
      const checkpoint = await this.options.checkpoints.load(next.checkpointKey);
      twins.restore(checkpoint.state);
      sequence = checkpoint.sequence;
    }
    if (lease === undefined) await this.adoptParents(shardId, twins);
    const from: StreamPosition = sequence === null ? { at: next.startSequence } : { after: sequence };
    const replayed = precedes(sequence ?? next.startSequence, firstSequence)
      ? await this.replay(shardId, twins, from, firstSequence)
      : { sequence: null, records: 0 };
    return {
      twins,
      sequence: replayed.sequence ?? sequence,
      replayedRecords: replayed.records,
      lease: next,
      checkpointAtMs: this.options.nowMs(),
      recordsSinceCheckpoint: (base?.recordsSinceCheckpoint ?? 0) + replayed.records,
    };
  }

  /** A shard made by a split or a merge starts with what its parents' twins knew at their end. */
  private async adoptParents(shardId: string, twins: Twins): Promise<void> {
    for (const parentId of await this.options.stream.parentsOf(shardId)) {
      const lease = await this.options.checkpoints.readLease(parentId);
      if (lease === undefined) continue;
      let from: StreamPosition = { at: lease.startSequence };
      if (lease.checkpointKey !== null) {
        const checkpoint = await this.options.checkpoints.load(lease.checkpointKey);
        twins.restore(checkpoint.state);
        from = { after: checkpoint.sequence };
      }
      await this.replay(parentId, twins, from, null);
    }
  }

  private async replay(
    shardId: string,
    twins: Twins,
    from: StreamPosition,
    before: string | null,
  ): Promise<{ sequence: string | null; records: number }> {
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

  private isCheckpointDue(held: Held<Twins>): boolean {
    const stretch = held.recordsSinceCheckpoint >= busyRecords ? 1 : idleStretch;
    return this.options.nowMs() - held.checkpointAtMs >= this.options.checkpointEveryMs * stretch;
  }

  private async checkpoint(shardId: string, held: Held<Twins>, sequence: string): Promise<void> {
    const { checkpoints, nowMs } = this.options;
    const key = `${shardId}/${held.lease.epoch}.json.gz`;
    const checkpoint: Checkpoint<State> = { sequence, state: held.twins.save() };
    await checkpoints.save(key, checkpoint);
    if (held.lease.checkpointKey !== key) {
      const former = held.lease.checkpointKey;
      const lease = { ...held.lease, checkpointKey: key };
      if (!(await checkpoints.writeLease(shardId, lease, held.lease))) {
        this.forget(shardId);
        return;
      }
      held.lease = lease;
      if (former !== null) await checkpoints.remove(former);
    }
    held.checkpointAtMs = nowMs();
    held.recordsSinceCheckpoint = 0;
  }
}

const isCurrent = (held: { readonly lease: ShardLease }, lease: ShardLease | undefined): boolean =>
  lease !== undefined && lease.owner === held.lease.owner && lease.epoch === held.lease.epoch;

const precedes = (sequence: string | null, other: string): boolean => sequence === null || isBefore(sequence, other);
