import type { KinesisRecord } from './kinesis-event.ts';

/** Who works on a shard, and where its state can be taken up. One container at a time holds it. */
export interface ShardLease {
  readonly owner: string;
  /** Rises by one with each change of hands: what fences a container that lost the shard without noticing. */
  readonly epoch: number;
  /** The first record ever seen of the shard: where a replay starts while there is no checkpoint. */
  readonly startSequence: string;
  readonly checkpointKey: string | null;
}

/** What the event source carries from batch to batch: who was done last with records of the shard, and up to which. */
export interface ShardFence {
  readonly owner: string;
  readonly sequence: string;
}

/** Null where a window begins, where there are no windows, and for what we never wrote. */
export function readFence(state: unknown): ShardFence | null {
  const { owner, sequence } = (state ?? {}) as Partial<Record<keyof ShardFence, unknown>>;
  return typeof owner === 'string' && typeof sequence === 'string' ? { owner, sequence } : null;
}

export interface Checkpoint<State> {
  /** The last record that is in the state and whose results are written. */
  readonly sequence: string;
  /** When that record arrived: what the age of the checkpoint is counted from. */
  readonly arrivedAtMs: number;
  readonly state: State;
}

export interface CheckpointStore<State> {
  /** Strongly consistent: what another container wrote a moment ago is seen. */
  readLease(shardId: string): Promise<ShardLease | undefined>;
  /** Writes the lease if epoch and checkpoint are still those expected (undefined: none yet); false when they are not. */
  writeLease(shardId: string, lease: ShardLease, expected: ShardLease | undefined): Promise<boolean>;
  load(key: string): Promise<Checkpoint<State>>;
  save(key: string, checkpoint: Checkpoint<State>): Promise<void>;
  remove(key: string): Promise<void>;
}

export interface StreamReader {
  /** The shard's records from a position on, in order, in pages, up to the moment of reading. */
  read(shardId: string, from: StreamPosition): AsyncIterable<readonly StreamRecord[]>;
  /** The shards this one was split or merged from. */
  parentsOf(shardId: string): Promise<readonly string[]>;
}

export type StreamPosition = { readonly at: string } | { readonly after: string };
export type StreamRecord = KinesisRecord['kinesis'];

/** Sequence numbers are decimal numbers too long for a double. */
export function isBefore(left: string, right: string): boolean {
  return left.length === right.length ? left < right : left.length < right.length;
}
