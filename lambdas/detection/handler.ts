import type { EventPublisher, TwinEvent } from '../ports/event-publisher.ts';
import type { BatchResponse, KinesisEvent } from '../ports/kinesis-event.ts';
import type { FinishedMachineLife, LifeLibrary } from '../ports/life-library.ts';
import type { Quarantine, QuarantinedMessage } from '../ports/quarantine.ts';
import type { RegisteredMachine, Registry } from '../ports/registry.ts';
import type { SeriesRow, SeriesWriter } from '../ports/series-writer.ts';
import { isBefore, readFence } from '../ports/shard-state.ts';
import type { Log, Metrics } from '../ports/telling.ts';
import type { TwinWriter } from '../ports/twin-writer.ts';
import type { SavedMachines } from './machine-twins.ts';
import { describePresent, type Observed } from './present.ts';
import { type Catalogue, type ReadRecord, readRecord } from './read-batch.ts';
import type { HeldShard, ShardMemory } from './shard-memory.ts';
import type { Refusal, ShardTwins } from './shard-twins.ts';

export interface DetectionDeps {
  readonly catalogue: Catalogue;
  readonly memory: ShardMemory<SavedMachines, ShardTwins>;
  readonly registry: Registry;
  readonly series: SeriesWriter;
  readonly twins: TwinWriter;
  readonly events: EventPublisher;
  readonly quarantine: Quarantine;
  readonly lives: LifeLibrary;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What a batch comes to, before anything is written. Each result remembers the record it came from. */
interface Results {
  readonly rows: SeriesRow[];
  /** The newest of each machine. */
  readonly presents: Map<string, { readonly observed: Observed; readonly recordIndex: number }>;
  readonly recordIndexOfEvent: Map<TwinEvent, number>;
  readonly quarantined: QuarantinedMessage[];
  readonly lives: FinishedMachineLife[];
}

/**
 * Samples in, twins asked, findings out. A record that cannot be used goes to quarantine and the others go on; a
 * result that cannot be written for now gives the batch back from its record on, and the twins are rebuilt for it.
 */
export function createDetectionHandler(deps: DetectionDeps) {
  return async (event: KinesisEvent): Promise<BatchResponse> => {
    const shardId = event.Records[0]?.eventID.split(':')[0];
    if (shardId === undefined) return { batchItemFailures: [], state: {} }; // a window's end
    const startedAtMs = deps.nowMs();
    let isDone = false;
    try {
      const failedAt = await handleShard(deps, shardId, event);
      isDone = failedAt === null;
      if (failedAt !== null) return { batchItemFailures: [{ itemIdentifier: failedAt }], state: {} };
      return { batchItemFailures: [], state: deps.memory.fenceOf(shardId) ?? {} };
    } finally {
      if (!isDone) deps.memory.forget(shardId);
      deps.metrics.durationMs('BatchDuration', deps.nowMs() - startedAtMs);
      deps.metrics.flush();
    }
  };
}

/** Gives the record from which on the batch shall come again, or null. */
async function handleShard(deps: DetectionDeps, shardId: string, event: KinesisEvent): Promise<string | null> {
  const first = event.Records[0]!.kinesis;
  const fence = readFence(event.state);
  const shard = await deps.memory.take(shardId, first, fence);
  const isNew = (sequence: string): boolean => shard.sequence === null || isBefore(shard.sequence, sequence);
  const records = event.Records.map(({ kinesis }) => kinesis).filter(({ sequenceNumber }) => isNew(sequenceNumber));
  reportTaken(deps, shardId, shard, event.Records.length - records.length);
  const batch = records.map((record) => readRecord(record, deps.catalogue));
  const machines = await deps.registry.find(new Set(batch.map((read) => read.machineId)));
  await shard.twins.prepare(machines);
  const results = observeBatch(shard.twins, batch, machines);
  const failed = batch[await writeResults(deps, results, batch)];
  if (failed !== undefined) return (deps.memory.mayEndInPart(fence) ? failed.record : first).sequenceNumber;
  const last = records.at(-1);
  if (last !== undefined) await deps.memory.settle(shardId, last, records.length);
  return null;
}

function reportTaken(
  { metrics, log }: DetectionDeps,
  shardId: string,
  shard: HeldShard<unknown>,
  alreadyDone: number,
): void {
  if (alreadyDone > 0) metrics.count('RecordsAlreadyDone', alreadyDone);
  if (shard.replayedRecords === 0) return;
  metrics.count('RecordsReplayed', shard.replayedRecords);
  log.info('twins rebuilt by a replay', { shardId, records: shard.replayedRecords });
}

function observeBatch(
  twins: ShardTwins,
  batch: readonly ReadRecord[],
  machines: ReadonlyMap<string, RegisteredMachine>,
): Results {
  const results: Results = { rows: [], presents: new Map(), recordIndexOfEvent: new Map(), quarantined: [], lives: [] };
  batch.forEach((read, recordIndex) => {
    const noteEvents = (events: readonly TwinEvent[]): void => {
      for (const event of events) results.recordIndexOfEvent.set(event, recordIndex);
    };
    const refusals = twins.take(read, machines.get(read.machineId), {
      observed: (sample, observed, telling) => {
        results.rows.push({ ...observed, sample, recordIndex });
        if (telling.present) results.presents.set(read.machineId, { observed, recordIndex });
        noteEvents(telling.events);
      },
      lifecycle: (events, lives) => {
        noteEvents(events);
        results.lives.push(...lives);
      },
    });
    if (refusals.length > 0) results.quarantined.push(describeQuarantined(read, refusals));
  });
  return results;
}

function describeQuarantined(read: ReadRecord, refusals: readonly Refusal[]): QuarantinedMessage {
  return {
    machineId: read.machineId,
    reason: refusals[0]?.reason ?? 'unknown',
    message: refusals[0]?.message ?? '',
    sequenceNumber: read.record.sequenceNumber,
    receivedAtMs: read.receivedAtMs,
    samples: refusals.length,
    dataBase64: read.record.data,
  };
}

/** Writes everything there is to write; gives the first record with a result that could not be, or -1. */
async function writeResults(deps: DetectionDeps, results: Results, batch: readonly ReadRecord[]): Promise<number> {
  const [series, unwrittenTwins, unsentEvents] = await Promise.all([
    deps.series.write(results.rows),
    deps.twins.write([...results.presents.values()].map(({ observed }) => describePresent(observed))),
    deps.events.publish([...results.recordIndexOfEvent.keys()]),
    keepLives(deps, results.lives),
  ]);
  const refused = series.refused.map(({ row, reason }) =>
    describeQuarantined(batch[row.recordIndex]!, [{ reason: 'refused_by_store', message: reason }]),
  );
  await keepQuarantined(deps, [...results.quarantined, ...refused]);
  deps.metrics.count('SamplesObserved', results.rows.length);
  const forTraining = batch.filter((read) => read.messages.length === 0).length;
  if (forTraining > 0) deps.metrics.count('MessagesForTraining', forTraining);
  if (series.duplicates > 0) deps.metrics.count('SamplesDuplicate', series.duplicates);
  const failed = [
    ...series.unwritten.map((row) => row.recordIndex),
    ...unwrittenTwins.map((machineId) => results.presents.get(machineId)?.recordIndex ?? 0),
    ...unsentEvents.map((event) => results.recordIndexOfEvent.get(event) ?? 0),
  ];
  if (failed.length === 0) return -1;
  deps.log.warn('results not written for now; the batch comes again from the first of them', {
    rows: series.unwritten.length,
    twins: unwrittenTwins.length,
    events: unsentEvents.length,
  });
  return Math.min(...failed);
}

/** A life that cannot be kept for now gives the whole batch back: it is one in thousands, and keeping it twice changes nothing. */
async function keepLives({ lives, metrics }: DetectionDeps, finished: readonly FinishedMachineLife[]): Promise<void> {
  if (finished.length === 0) return;
  await lives.add(finished);
  metrics.count('LivesFinished', finished.length);
}

async function keepQuarantined(
  { quarantine, metrics, log }: DetectionDeps,
  messages: readonly QuarantinedMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  await quarantine.keep(messages);
  for (const { dataBase64, message: why, ...rest } of messages) {
    metrics.count('SamplesQuarantined', rest.samples);
    log.warn('quarantined', { ...rest, why, bytes: dataBase64.length });
  }
}
