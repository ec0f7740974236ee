/** Deliveries in, messages out, and every sample in the ledger: what a run does once its parts are chosen. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GroundTruth } from '../machine.ts';
import type { Delivery, SimulationEvent } from '../run.ts';
import { play } from '../schedule.ts';
import type { Encoder } from '../sinks/encoder.ts';
import type { Ledger } from '../sinks/ledger.ts';
import type { Message, Sink } from '../sinks/sink.ts';
import type { ProgressFacts } from './progress.ts';

export interface PipelineOptions {
  readonly machineCount: number;
  readonly encoder: Encoder;
  readonly sink: Sink;
  /** The truth beside the telemetry. */
  readonly labels: Sink | null;
  /** A copy of what was sent. */
  readonly record: Sink | null;
  readonly speed: number;
  readonly signal: AbortSignal;
  /** Whether what is queued at the end is still waited for. */
  readonly mayWait: () => boolean;
}

/** A run at full speed lets signals and timers in this often. */
const breatheEveryMs = 50;

export class Pipeline {
  private readonly options: PipelineOptions;
  private readonly latestTruth = new Map<string, GroundTruth>();
  private sampled = 0;
  private firstMs = Number.NaN;
  private latestMs = Number.NaN;

  constructor(options: PipelineOptions) {
    this.options = options;
  }

  async run(events: Iterator<SimulationEvent>): Promise<Ledger> {
    const { sink, encoder, labels, record, speed, signal, mayWait } = this.options;
    let breathedAtMs = performance.now();
    for await (const due of play(events, { speed, signal })) {
      for (const event of due) {
        if (event.kind !== 'disconnect') this.take(event);
        else sink.disconnect(event.machineId, event.durationMs / speed);
      }
      if (Number.isFinite(speed)) continue;
      await Promise.all([sink.ready(signal), labels?.ready(signal), record?.ready(signal)]);
      if (performance.now() - breathedAtMs > breatheEveryMs) {
        await nextTurn();
        breathedAtMs = performance.now();
      }
    }
    for (const message of encoder.flush()) this.send(message);
    await sink.close(mayWait);
    await Promise.all([labels?.close(mayWait), record?.close(mayWait)]);
    return sink.book.close(sink.queuedSamples());
  }

  readFacts(): ProgressFacts {
    const { sink, encoder, machineCount } = this.options;
    const { acknowledged, queued } = sink.book.close(sink.queuedSamples() + encoder.heldSamples());
    const activeFaults: string[] = [];
    for (const [machineId, { faults }] of this.latestTruth) {
      for (const { mode, level } of faults) activeFaults.push(`${machineId} ${mode} ${Math.round(level * 100)} %`);
    }
    const simulatedMs = Number.isNaN(this.firstMs) ? 0 : this.latestMs - this.firstMs;
    const link = sink.describeLink();
    return { machines: machineCount, sampled: this.sampled, acknowledged, queued, simulatedMs, activeFaults, link };
  }

  private take(delivery: Delivery): void {
    const { encoder, sink, labels } = this.options;
    const { machineId, channel, truth, publishAtMs } = delivery;
    this.sampled++;
    if (Number.isNaN(this.firstMs)) this.firstMs = publishAtMs;
    this.latestMs = publishAtMs;
    sink.book.sample(1);
    if (truth !== null) {
      this.latestTruth.set(machineId, truth);
      if (labels !== null) {
        labels.book.sample(1);
        labels.accept({ machineId, channel, text: JSON.stringify(truth), sampleCount: 1 });
      }
    }
    const message = encoder.encode(delivery);
    if (message !== undefined) this.send(message);
  }

  private send(message: Message): void {
    const { sink, record } = this.options;
    record?.book.sample(message.sampleCount);
    record?.accept(message);
    sink.accept(message);
  }
}
