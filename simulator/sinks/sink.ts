import type { Channel } from '../../core/telemetry/topic.ts';
import type { LedgerBook } from './ledger.ts';

/** What goes out at once: one sample, or a batch of one machine's. */
export interface Message {
  readonly machineId: string;
  readonly channel: Channel;
  readonly text: string;
  readonly sampleCount: number;
}

/** Where messages go. A sink never loses one silently: it is acknowledged, queued or refused with a reason in the book. */
export interface Sink {
  readonly book: LedgerBook;
  accept(message: Message): void;
  /** Resolves when there is room for more; only a run that may wait (speed max) waits, and no longer than the signal lets it. */
  ready(signal: AbortSignal): Promise<void>;
  /** Samples accepted and neither acknowledged nor refused. */
  queuedSamples(): number;
  /** One phrase on the link, for the progress line; empty where there is none. */
  describeLink(): string;
  /** Cuts a machine's connection, as chaos asks. */
  disconnect(machineId: string, durationMs: number): void;
  /** Delivers what is queued as long as it may wait, then closes. What is left stays queued. */
  close(mayWait: () => boolean): Promise<void>;
}
