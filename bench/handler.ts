/**
 * How fast the detection handler is: Kinesis events of 500 CNC records through the whole handler, with stores, bus and
 * registry stubbed, beside decoding and parsing the very same events in the same run. Memory of a shard is fresh in each
 * round, so the twins start cold each time.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import { knownTypes } from '../core/machine-types/known.ts';
import { AwsModelStore } from '../lambdas/adapters/aws-model-store.ts';
import { createDetectionHandler } from '../lambdas/detection/handler.ts';
import { LifeShelf } from '../lambdas/detection/life-shelf.ts';
import type { SavedMachines } from '../lambdas/detection/machine-twins.ts';
import { ModelShelf } from '../lambdas/detection/model-shelf.ts';
import { ShardMemory } from '../lambdas/detection/shard-memory.ts';
import { ShardTwins } from '../lambdas/detection/shard-twins.ts';
import type { KinesisEvent } from '../lambdas/ports/kinesis-event.ts';
import type { LifeLibrary } from '../lambdas/ports/life-library.ts';
import type { Registry } from '../lambdas/ports/registry.ts';
import { createCncMachine } from '../simulator/cnc/machine.ts';
import { describeMachine } from './machine.ts';
import { readNumber } from './options.ts';

const help = `npm run bench -- handler [--seconds n] [--write] [--json]
  --seconds n   measuring time (default 5)
  --write       keep the result in bench/results/handler.json
  --json        the result on stdout as JSON`;

const recordsPerEvent = 500;
const machineCount = 20;
const eventCount = 40;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '5' },
      write: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const result = await measure(readNumber(values, 'seconds', 0.1));
  if (values.write) writeFileSync('bench/results/handler.json', `${JSON.stringify(result, null, 2)}\n`);
  console.log(values.json ? JSON.stringify(result) : describeResult(result));
  return 0;
}

type HandlerResult = Awaited<ReturnType<typeof measure>>;

const describeResult = (r: HandlerResult): string =>
  `handler ${Math.round(r.recordsPerSecond)} records/s, decode and parse ${Math.round(r.decodeAndParsePerSecond)} records/s: ${r.timesDecodeAndParse.toFixed(2)} times`;

async function measure(seconds: number) {
  const events = createEvents();
  const records = events.length * recordsPerEvent;
  await handleAll(events);
  decodeAll(events);
  const handlerMs: number[] = [];
  const decodeMs: number[] = [];
  const endMs = performance.now() + seconds * 1000;
  // In turns, so that a busy neighbour slows both.
  while (performance.now() < endMs) {
    decodeMs.push(await timed(() => decodeAll(events)));
    handlerMs.push(await timed(() => handleAll(events)));
  }
  const perSecond = (ms: readonly number[]): number => (records / median(ms)) * 1000;
  return {
    bench: 'handler',
    ...describeMachine(),
    rounds: handlerMs.length,
    recordsPerEvent,
    machineType: 'cnc-mill',
    bytesPerRecord: Math.round(events[0]!.Records[0]!.kinesis.data.length * 0.75),
    recordsPerSecond: Math.round(perSecond(handlerMs)),
    decodeAndParsePerSecond: Math.round(perSecond(decodeMs)),
    timesDecodeAndParse: Number((median(handlerMs) / median(decodeMs)).toFixed(3)),
    msPerEvent: Number((median(handlerMs) / events.length).toFixed(2)),
  };
}

async function timed(work: () => unknown): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

function createEvents(): KinesisEvent[] {
  const startMs = Date.parse('2026-01-01T00:00:00.000Z');
  const machines = Array.from({ length: machineCount }, (_, i) =>
    createCncMachine({ machineId: `CNC-${i}`, seed: i, startMs, intervalMs: 1000, faults: [] }),
  );
  return Array.from({ length: eventCount }, (_, event) => ({
    Records: Array.from({ length: recordsPerEvent }, (_, i) => {
      const position = event * recordsPerEvent + i;
      const { payload, truth } = machines[position % machineCount]!.next();
      return {
        eventID: `shardId-000000000000:${10_000_000 + position}`,
        kinesis: {
          sequenceNumber: String(10_000_000 + position),
          partitionKey: truth.machineId,
          data: Buffer.from(JSON.stringify(payload)).toString('base64'),
          approximateArrivalTimestamp: truth.sampledAtMs / 1000 + 0.2,
        },
      };
    }),
  }));
}

/** The baseline keeps what it parsed, as the handler must. */
function decodeAll(events: readonly KinesisEvent[]): unknown[][] {
  return events.map(({ Records }) =>
    Records.map(({ kinesis }) => JSON.parse(Buffer.from(kinesis.data, 'base64').toString('utf8'))),
  );
}

async function handleAll(events: readonly KinesisEvent[]): Promise<void> {
  let rows = 0;
  const handle = createStubbedHandler((count) => {
    rows += count;
  });
  for (const event of events) {
    const { batchItemFailures } = await handle(event);
    if (batchItemFailures.length > 0) throw new Error('the stubbed handler gave a batch back');
  }
  if (rows !== events.length * recordsPerEvent) throw new Error(`the handler wrote ${rows} rows, not one a record`);
}

function createStubbedHandler(onRows: (count: number) => void) {
  const machines = new Map(
    Array.from({ length: machineCount }, (_, i) => {
      const machineId = `CNC-${i}`;
      return [machineId, { machineId, machineType: 'cnc-mill', name: machineId, site: 'bench', line: 'A' }];
    }),
  );
  const registry: Registry = { find: async () => machines };
  const shelf = { nowMs: () => performance.now(), log: { warn: () => undefined } };
  const models = new AwsModelStore(new URL('../core/learning/models/', import.meta.url), new S3Client({}), 'none');
  const noLives: LifeLibrary = { add: async () => undefined, newest: async () => [] };
  const memory = new ShardMemory<SavedMachines, ShardTwins>({
    owner: 'bench',
    checkpoints: {
      readLease: async () => ({ owner: 'bench', epoch: 1, startSequence: '10000000', checkpointKey: null }),
      writeLease: async () => true,
      load: () => Promise.reject(new Error('no checkpoint in the bench')),
      save: async () => undefined,
      remove: async () => undefined,
    },
    stream: { read: () => ReadableStream.from([]), parentsOf: async () => [] },
    checkpointEveryMs: Number.POSITIVE_INFINITY,
    createTwins: () =>
      new ShardTwins({
        catalogue: knownTypes,
        registry,
        tell: { twinEveryMs: 10_000 },
        models: new ModelShelf({ ...shelf, store: models }),
        lives: new LifeShelf({ ...shelf, models, library: noLives }),
      }),
  });
  return createDetectionHandler({
    catalogue: knownTypes,
    memory,
    registry,
    series: {
      write: async (rows) => {
        onRows(rows.length);
        return { duplicates: 0, refused: [], unwritten: [] };
      },
    },
    twins: { write: async () => [] },
    events: { publish: async () => [] },
    lives: noLives,
    quarantine: { keep: () => Promise.reject(new Error('the bench quarantines nothing')) },
    nowMs: () => performance.now(),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    metrics: { count: () => undefined, durationMs: () => undefined, flush: () => undefined },
  });
}
