import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { LedgerBook } from './ledger.ts';
import type { Message, Sink } from './sink.ts';

/** Bytes gathered before a write: one system call per line would be most of a fast run's time. */
const chunkLength = 65_536;

/** Lines to a file or to standard output. A line counts as acknowledged when the operating system took it. */
export class TextSink implements Sink {
  readonly book = new LedgerBook();
  private readonly stream: Writable;
  private readonly onClosed: () => void;
  private gathered = '';
  private flushPending = false;
  private gatheredSamples = 0;
  private unwrittenSamples = 0;
  private failure: string | null = null;
  private wake: (() => void) | null = null;

  /** `onClosed` is called when the reader went away: there is nobody to go on for. */
  constructor(stream: Writable, onClosed: () => void = () => undefined) {
    this.stream = stream;
    this.onClosed = onClosed;
    stream.on('error', (error: NodeJS.ErrnoException) => this.fail(error));
    stream.on('drain', () => this.wake?.());
  }

  accept(message: Message): void {
    if (this.failure !== null) {
      this.book.refuse(message.sampleCount, this.failure);
      return;
    }
    this.gathered += `${message.text}\n`;
    this.gatheredSamples += message.sampleCount;
    if (this.gathered.length >= chunkLength) this.flush();
    else this.flushSoon();
  }

  async ready(signal: AbortSignal): Promise<void> {
    this.flush();
    if (!this.stream.writableNeedDrain || this.failure !== null || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const goOn = (): void => {
        signal.removeEventListener('abort', goOn);
        this.wake = null;
        resolve();
      };
      this.wake = goOn;
      signal.addEventListener('abort', goOn, { once: true });
    });
  }

  queuedSamples(): number {
    return this.gatheredSamples + this.unwrittenSamples;
  }

  describeLink(): string {
    return '';
  }

  disconnect(): void {
    // A file has no connection to cut.
  }

  async close(): Promise<void> {
    this.flush();
    if (this.failure !== null) return;
    const isStandardStream = this.stream === process.stdout;
    await new Promise<void>((resolve) => {
      this.stream.once('error', () => resolve());
      if (isStandardStream) this.stream.write('', () => resolve());
      else this.stream.end(() => resolve());
    });
  }

  /** A reader in real time sees each sample when it comes; a run at full speed seldom gets here. */
  private flushSoon(): void {
    if (this.flushPending) return;
    this.flushPending = true;
    setImmediate(() => {
      this.flushPending = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.gathered === '') return;
    const samples = this.gatheredSamples;
    const text = this.gathered;
    this.gathered = '';
    this.gatheredSamples = 0;
    this.unwrittenSamples += samples;
    this.stream.write(text, (error) => {
      this.unwrittenSamples -= samples;
      if (error === null || error === undefined) this.book.acknowledge(samples);
      else this.book.refuse(samples, describeFailure(error));
    });
  }

  private fail(error: NodeJS.ErrnoException): void {
    this.failure ??= describeFailure(error);
    this.wake?.();
    this.onClosed();
  }
}

function describeFailure(error: NodeJS.ErrnoException): string {
  return error.code === 'EPIPE' ? 'reader closed the pipe' : `write failed: ${error.code ?? error.message}`;
}

/** Opens first, so that a wrong path is told before anything is simulated. */
export async function openTextFile(path: string): Promise<Writable> {
  const stream = createWriteStream(path);
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(`cannot write "${path}": ${error.code ?? error.message}`));
    });
  });
  return stream;
}
