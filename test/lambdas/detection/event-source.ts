import type { BatchResponse, KinesisEvent } from '../../../lambdas/ports/kinesis-event.ts';
import type { StreamRecord } from '../../../lambdas/ports/shard-state.ts';
import { eventOf } from './floor.ts';

export type Container = (event: KinesisEvent) => Promise<BatchResponse>;

/**
 * Lambda's event source over one shard with a tumbling window: it hands each batch the state that the last one of the
 * window answered with, and keeps the position and the state of the last success. What AWS leaves open is a choice.
 */
export class EventSource {
  /** The first record that is not done. */
  at = 0;
  private state: object = {};
  private before: { readonly at: number; readonly state: object } = { at: 0, state: {} };
  private readonly records: readonly StreamRecord[];
  private readonly keepsStateOfParts: boolean;

  constructor(records: readonly StreamRecord[], choices: { readonly keepsStateOfParts: boolean }) {
    this.records = records;
    this.keepsStateOfParts = choices.keepsStateOfParts;
  }

  get isDone(): boolean {
    return this.at >= this.records.length;
  }

  /** Throws what the container throws, and stays where it was. */
  async deliver(container: Container, count: number): Promise<void> {
    const batch = this.records.slice(this.at, this.at + count);
    const answer = await container({ ...eventOf(batch), state: structuredClone(this.state) });
    const failed = answer.batchItemFailures[0]?.itemIdentifier;
    const doneCount = failed === undefined ? batch.length : batch.findIndex((r) => r.sequenceNumber === failed);
    this.before = { at: this.at, state: this.state };
    if (failed === undefined || this.keepsStateOfParts) this.state = JSON.parse(JSON.stringify(answer.state));
    this.at += doneCount;
  }

  /** The batch goes out, its answer is lost, and it will come again. */
  async deliverInVain(container: Container, count: number): Promise<void> {
    await container({ ...eventOf(this.records.slice(this.at, this.at + count)), state: structuredClone(this.state) });
  }

  async endWindow(container: Container): Promise<void> {
    await container({ Records: [], state: structuredClone(this.state) });
    this.state = {};
  }

  /** Another poller goes on with the shard and knows nothing of the window, or of the last batch. */
  failOver(how: 'state lost' | 'one batch back' | 'from the beginning'): void {
    if (how === 'one batch back') Object.assign(this, this.before);
    else this.state = {};
    if (how === 'from the beginning') this.at = 0;
  }
}
