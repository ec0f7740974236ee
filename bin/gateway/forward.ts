import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createJsonEncoder } from '../../simulator/sinks/encoder.ts';
import type { Ledger } from '../../simulator/sinks/ledger.ts';
import type { Message, Sink } from '../../simulator/sinks/sink.ts';

export interface ForwardOptions {
  readonly input: Readable;
  readonly sink: Sink;
  readonly machineIds: readonly string[];
  readonly batchSize: number;
  /** A batch that does not fill goes out after this long all the same. */
  readonly batchWithinMs: number;
  readonly nowMs: () => number;
  /** Ends the reading. */
  readonly signal: AbortSignal;
  readonly mayWait: () => boolean;
}

/**
 * What an edge gateway does with its machines' samples, a line of JSON each: those of a machine in their order, batched, over the
 * machine's own connection, kept on disk while nobody takes them. A line that cannot go is in the ledger with its reason.
 */
export async function forward(options: ForwardOptions): Promise<Ledger> {
  const { input, sink, machineIds, batchSize, batchWithinMs, nowMs, signal, mayWait } = options;
  const known = new Set(machineIds);
  const encoder = createJsonEncoder(batchSize);
  const send = (message: Message | undefined): void => {
    if (message !== undefined) sink.accept(message);
  };
  const take = (line: string): void => {
    sink.book.sample(1);
    const sample = readSample(line, known, nowMs());
    if (typeof sample === 'string') {
      sink.book.refuse(1, sample);
      return;
    }
    const delivery = { kind: 'sample', channel: 'telemetry', truth: null, publishAtMs: nowMs() } as const;
    send(encoder.encode({ ...delivery, ...sample }));
  };
  const flushing = setInterval(() => encoder.flush().forEach(send), batchWithinMs);
  const lines = createInterface({ input });
  signal.addEventListener('abort', () => lines.close(), { once: true });
  lines.on('line', (line) => {
    if (line.trim() !== '') take(line);
  });
  await new Promise<void>((done) => lines.once('close', done));
  clearInterval(flushing);
  encoder.flush().forEach(send);
  await sink.close(mayWait);
  return sink.book.close(sink.queuedSamples());
}

/** Whose sample it is, or the reason why it cannot go; one without a time gets that of its arrival here. */
function readSample(line: string, known: ReadonlySet<string>, nowMs: number) {
  let payload: unknown;
  try {
    payload = JSON.parse(line);
  } catch {
    return 'not a line of JSON';
  }
  if (payload === null || typeof payload !== 'object' || Array.isArray(payload)) return 'no sample: an object is one';
  const { machine_id: machineId } = payload as { machine_id?: unknown };
  if (typeof machineId !== 'string') return 'no machine_id';
  if (!known.has(machineId)) return `no credentials of machine "${machineId}"`;
  return { machineId, payload: { timestamp: new Date(nowMs).toISOString(), ...payload } };
}
