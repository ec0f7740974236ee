/**
 * The tumbling window of one shard: how far a batch may reach, and the state that its invocations hand on.
 *
 * Windows follow one another by the arrival of records; a batch is of one window. Each invocation receives what the one
 * before it answered as `state`, and an answer without it is a failure. When a record of a later window is there, or
 * nothing has come for two minutes after a window's end, a last call tells that it is over, and the state is dropped.
 * Source: Lambda developer guide, "Implementing stateful Kinesis Data Streams processing".
 *
 * Not said there: what a batch that fails in part does to the state. Here it stays as it was, which is the harder case
 * for a function that takes the state for a fence. A window begins at a multiple of its length, as in AWS's examples.
 */
import type { WindowOfBatch } from '../kinesis/packed-records.ts';
import type { StreamRecord } from '../kinesis/shard-log.ts';
import type { Outcome } from '../lambda/function.ts';

export const maxWindowS = 900;
const quietBeforeEndMs = 2 * 60_000;
const maxStateBytes = 1024 * 1024;

export class TumblingWindow {
  readonly #lengthMs: number;
  #startMs: number | null = null;
  #state: object = {};

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  /** When it is over although no record has said so; never while none is open. */
  get quietEndMs(): number {
    return this.#startMs === null ? Number.POSITIVE_INFINITY : this.#startMs + this.#lengthMs + quietBeforeEndMs;
  }

  isEndedBy(record: StreamRecord): boolean {
    return this.#startMs !== null && this.#startOf(record) > this.#startMs;
  }

  end(): void {
    this.#startMs = null;
    this.#state = {};
  }

  /** Opens the first record's window where none is, and leaves away what is of a later one. */
  enter(records: readonly StreamRecord[]): readonly StreamRecord[] {
    this.#startMs ??= this.#startOf(records[0]!);
    if (!this.isEndedBy(records.at(-1)!)) return records;
    return records.slice(
      0,
      records.findIndex((record) => this.isEndedBy(record)),
    );
  }

  describe(isFinal: boolean): WindowOfBatch {
    const startMs = this.#startMs ?? 0;
    return { startMs, endMs: startMs + this.#lengthMs, state: this.#state, isFinal };
  }

  /** Takes the state out of an answer; what has none, or too much, has failed. */
  take(outcome: Outcome): Outcome {
    if (!outcome.ok) return outcome;
    const answer = JSON.parse(outcome.payload) as { state?: unknown; batchItemFailures?: unknown[] | null } | null;
    if (typeof answer?.state !== 'object' || answer.state === null) {
      return failed('the answer holds no state, which an event source with a tumbling window asks for');
    }
    const bytes = Buffer.byteLength(JSON.stringify(answer.state));
    if (bytes > maxStateBytes) return failed(`a state of ${bytes} bytes ends its window early: not modelled`);
    if ((answer.batchItemFailures ?? []).length === 0) this.#state = answer.state;
    return outcome;
  }

  #startOf({ arrivalMs }: StreamRecord): number {
    return Math.floor(arrivalMs / this.#lengthMs) * this.#lengthMs;
  }
}

const failed = (errorMessage: string): Outcome => ({ ok: false, error: { errorType: 'Window.Failed', errorMessage } });
