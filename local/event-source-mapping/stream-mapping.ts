/** One mapping from a stream to a function: a reader per shard that gathers batches and sees them through. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller, Cloud } from '../engine.ts';
import { packRecords } from '../kinesis/packed-records.ts';
import { parseSequenceNumber } from '../kinesis/sequence-number.ts';
import type { StreamRecord } from '../kinesis/shard-log.ts';
import type { Shard, Stream } from '../kinesis/stream.ts';
import type { LambdaFunction, Outcome } from '../lambda/function.ts';
import { type BatchActions, type BatchRules, type GiveUpReason, processBatch } from './batch.ts';
import { splitByKey } from './lanes.ts';
import type { Positions } from './positions.ts';
import { TumblingWindow } from './tumbling-window.ts';

export interface MappingSettings extends BatchRules {
  readonly id: string;
  readonly batchSize: number;
  readonly windowMs: number;
  /** 0: none. */
  readonly tumblingWindowMs: number;
  readonly parallelization: number;
  readonly startingPosition: string;
  readonly destination: FailureDestination | null;
  /** What the event filters let through, of a record's data parsed. */
  readonly accepts: ((record: StreamRecord) => boolean) | null;
}

export interface FailureDestination {
  send(failure: FailedBatch): Promise<void>;
}

export interface FailedBatch {
  readonly stream: Stream;
  readonly shard: Shard;
  readonly functionArn: string;
  readonly records: readonly StreamRecord[];
  readonly reason: GiveUpReason;
  readonly attempts: number;
}

export interface MappingParts {
  readonly cloud: Cloud;
  readonly stream: Stream;
  readonly target: LambdaFunction;
  readonly caller: Caller;
  readonly positions: Positions;
  readonly settings: MappingSettings;
  onConsumed(records: readonly StreamRecord[]): void;
  onGivenUp(records: readonly StreamRecord[], reason: GiveUpReason): void;
}

/** Who waits for a shard's records up to an index. */
interface Waker {
  readonly index: number;
  wake(): void;
}

/** Lambda's own limit on an event; base64 makes four bytes of three. */
const maxEventBytes = 6 * 1024 * 1024;
const maxDataBytes = Math.floor((maxEventBytes * 3) / 4);
/** AWS does not publish its back-off between tries; a laptop's user should not wait long. */
const firstBackOffMs = 200;
/** Lambda reads a shard about once a second, and may five times (Kinesis developer guide, "Quotas and limits"). */
const readEveryMs = 333;
/** So much of a full batch that lies there goes at once: a function that has much to do does not wait for company. */
const shareThatGoesAtOnce = 0.25;
const longestBackOffMs = 10_000;

export class StreamMapping {
  readonly #parts: MappingParts;
  readonly #wakers = new Map<Shard, Waker>();
  readonly #positions = new Map<Shard, number>();
  readonly #windows = new Map<Shard, TumblingWindow>();
  readonly #readers: Promise<void>[] = [];
  readonly #stop = new AbortController();
  readonly #onAppend = (shard: Shard): void => {
    const waker = this.#wakers.get(shard);
    if (waker !== undefined && shard.log.nextIndex >= waker.index) waker.wake();
  };

  constructor(parts: MappingParts) {
    this.#parts = parts;
  }

  /** Fails at once where the function's role may not read the stream. */
  start(): void {
    const { cloud, stream, caller } = this.#parts;
    for (const action of ['GetRecords', 'GetShardIterator', 'DescribeStream']) {
      cloud.authorize(caller, { action: `kinesis:${action}`, resource: stream.arn });
    }
    stream.listeners.add(this.#onAppend);
    for (const shard of stream.shards) this.#readers.push(this.#readShard(shard));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const { wake } of this.#wakers.values()) wake();
    this.#parts.stream.listeners.delete(this.#onAppend);
    await Promise.all(this.#readers);
  }

  /** Records that are on the stream and not yet done with. */
  countWaiting(): number {
    return this.#parts.stream.shards.reduce((sum, shard) => sum + shard.log.nextIndex - this.#position(shard), 0);
  }

  *waitingRecords(): Iterable<StreamRecord> {
    for (const shard of this.#parts.stream.shards) {
      for (let at = this.#position(shard); at < shard.log.nextIndex; ) {
        const records = shard.log.read(at, 1000, maxDataBytes);
        yield* records;
        at = (records.at(-1)?.index ?? shard.log.nextIndex) + 1;
      }
    }
  }

  #position(shard: Shard): number {
    return this.#positions.get(shard) ?? this.#keptPosition(shard);
  }

  #keptPosition(shard: Shard): number {
    const { positions, settings } = this.#parts;
    const kept = positions.get(settings.id, shard.shardId);
    if (kept !== undefined) return Math.min(Math.max(kept, shard.log.firstIndex), shard.log.nextIndex);
    return settings.startingPosition === 'LATEST' ? shard.log.nextIndex : shard.log.firstIndex;
  }

  #setPosition(shard: Shard, index: number): void {
    const { positions, settings } = this.#parts;
    positions.set(settings.id, shard.shardId, index);
    // Last: where it could not be kept the records come again, and are not passed over.
    this.#positions.set(shard, index);
  }

  async #readShard(shard: Shard): Promise<void> {
    const { cloud, stream } = this.#parts;
    let position = this.#position(shard);
    let failures = 1;
    let nextReadMs = 0;
    const { tumblingWindowMs } = this.#parts.settings;
    if (tumblingWindowMs > 0) this.#windows.set(shard, new TumblingWindow(tumblingWindowMs));
    this.#setPosition(shard, position);
    while (!this.#stop.signal.aborted) {
      const records = await this.#gather(shard, position, nextReadMs);
      nextReadMs = performance.now() + readEveryMs;
      try {
        const batch = await this.#enterWindow(shard, records);
        if (batch.length === 0) continue;
        position = await this.#process(shard, batch, position);
      } catch (error) {
        cloud.tell('lambda', `mapping of ${stream.name}/${shard.shardId}: ${(error as Error).message}; trying again`);
        position = this.#position(shard);
        await this.#wait(failures++);
        continue;
      }
      failures = 1;
    }
  }

  /** Ends the window that the records, or their absence, say is over; gives the records that one window holds. */
  async #enterWindow(shard: Shard, records: readonly StreamRecord[]): Promise<readonly StreamRecord[]> {
    const window = this.#windows.get(shard);
    if (window === undefined || this.#stop.signal.aborted) return records;
    const first = records[0];
    if (first === undefined ? this.#parts.cloud.nowMs() >= window.quietEndMs : window.isEndedBy(first)) {
      for (let attempt = 1; !(await this.#invoke(shard, [], true)).ok && !this.#stop.signal.aborted; attempt++) {
        await this.#wait(attempt);
      }
      window.end();
    }
    return first === undefined ? [] : window.enter(records);
  }

  /** A full batch, or what has come when the window is over; nothing, when a tumbling window is over without more. */
  async #gather(shard: Shard, position: number, notBeforeMs: number): Promise<readonly StreamRecord[]> {
    const { batchSize, windowMs, parallelization } = this.#parts.settings;
    const wanted = batchSize * parallelization;
    const quietMs = (this.#windows.get(shard)?.quietEndMs ?? Number.POSITIVE_INFINITY) - this.#parts.cloud.nowMs();
    await this.#waitForRecords(shard, position + 1, performance.now() + quietMs);
    if (shard.log.nextIndex <= position) return [];
    const deadlineMs = Math.max(notBeforeMs, performance.now() + windowMs);
    const enough = windowMs > 0 ? wanted : Math.ceil(wanted * shareThatGoesAtOnce);
    await this.#waitForRecords(shard, position + enough, deadlineMs);
    return this.#stop.signal.aborted ? [] : shard.log.read(position, wanted, maxDataBytes * parallelization);
  }

  /** Until the shard has records up to this index, or until then. */
  async #waitForRecords(shard: Shard, index: number, untilMs: number): Promise<void> {
    const leftMs = untilMs - performance.now();
    if (shard.log.nextIndex >= index || leftMs <= 0 || this.#stop.signal.aborted) return;
    await new Promise<void>((done) => {
      const timer = leftMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(done, leftMs);
      const wake = (): void => {
        clearTimeout(timer);
        done();
      };
      this.#wakers.set(shard, { index, wake });
    });
    this.#wakers.delete(shard);
  }

  async #process(shard: Shard, records: readonly StreamRecord[], position: number): Promise<number> {
    const { parallelization } = this.#parts.settings;
    let committed = position;
    const commit = (nextIndex: number): void => {
      if (nextIndex <= committed) return;
      const done = records.filter((record) => record.index >= committed && record.index < nextIndex);
      this.#setPosition(shard, nextIndex);
      committed = nextIndex;
      this.#parts.onConsumed(done);
    };
    if (parallelization === 1) await this.#processLane(shard, records, commit);
    else {
      const lanes = splitByKey(records, parallelization);
      await Promise.all(lanes.map((lane) => this.#processLane(shard, lane, () => undefined)));
      if (!this.#stop.signal.aborted) commit(records.at(-1)!.index + 1);
    }
    return this.#stop.signal.aborted ? committed : records.at(-1)!.index + 1;
  }

  async #processLane(
    shard: Shard,
    records: readonly StreamRecord[],
    commit: (nextIndex: number) => void,
  ): Promise<void> {
    const { settings, cloud } = this.#parts;
    const accepted = settings.accepts === null ? records : records.filter(settings.accepts);
    const actions: BatchActions = {
      invoke: (part) => this.#invoke(shard, part),
      findIndex: parseSequenceNumber,
      giveUp: (part, reason, attempts) => this.#giveUp(shard, part, reason, attempts),
      commit,
      wait: (attempt) => this.#wait(attempt),
      nowMs: cloud.nowMs,
      isStopped: () => this.#stop.signal.aborted,
    };
    if (accepted.length > 0) await processBatch(accepted, settings, actions);
    if (!this.#stop.signal.aborted) commit(records.at(-1)!.index + 1);
  }

  /** A throttled invocation is tried again without counting as a failure. */
  async #invoke(shard: Shard, records: readonly StreamRecord[], isFinal = false): Promise<Outcome> {
    const { target, stream, cloud, caller } = this.#parts;
    const roleArn = caller.kind === 'role' ? caller.arn : '';
    const source = { shardId: shard.shardId, streamArn: stream.arn, roleArn, region: cloud.region };
    const window = this.#windows.get(shard);
    const event = packRecords(records, source, window?.describe(isFinal));
    const newest = records.at(-1);
    if (newest !== undefined) {
      const ageMs = cloud.nowMs() - newest.arrivalMs;
      cloud.putMetric('AWS/Lambda', 'IteratorAge', { FunctionName: target.settings.name }, ageMs);
    }
    for (let attempt = 1; ; attempt++) {
      try {
        const outcome = await target.invoke(event, shard.shardId);
        return window?.take(outcome) ?? outcome;
      } catch (error) {
        if ((error as Error).name !== 'TooManyRequestsException' || this.#stop.signal.aborted) throw error;
        await this.#wait(attempt);
      }
    }
  }

  #count(metric: string, events: number): void {
    const { cloud, settings } = this.#parts;
    cloud.putMetric('AWS/Lambda', metric, { EventSourceMappingUUID: settings.id }, events);
  }

  async #giveUp(shard: Shard, records: readonly StreamRecord[], reason: GiveUpReason, attempts: number): Promise<void> {
    const { cloud, settings, stream, target, onGivenUp } = this.#parts;
    const place = `${stream.name}/${shard.shardId}`;
    if (settings.destination === null) {
      this.#count('DroppedEventCount', records.length);
      cloud.tell(
        'lambda',
        `${records.length} records of ${place} are lost (${reason}): the mapping has no destination`,
      );
    } else {
      const failure = { stream, shard, functionArn: target.settings.arn, records, reason, attempts };
      await settings.destination.send(failure);
      this.#count('OnFailureDestinationDeliveredEventCount', records.length);
    }
    onGivenUp(records, reason);
  }

  async #wait(attempt: number): Promise<void> {
    const delayMs = Math.min(longestBackOffMs, firstBackOffMs * 2 ** (attempt - 1));
    const { signal } = this.#stop;
    // Aborting ends the wait early: that is all there is to say about it.
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
  }
}
