import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Cloud, Engine, Json, LedgerPort, ResourceRequest } from '../engine.ts';
import { compileEventPattern } from '../events/pattern.ts';
import type { KinesisEngine } from '../kinesis/kinesis.ts';
import type { StreamRecord } from '../kinesis/shard-log.ts';
import type { LambdaEngine } from '../lambda/lambda.ts';
import type { SqsEngine } from '../sqs/sqs.ts';
import { createFailureDestination } from './failure-destination.ts';
import { openPositions } from './positions.ts';
import { QueueMapping } from './queue-mapping.ts';
import { createRoom } from './room.ts';
import { StreamMapping } from './stream-mapping.ts';
import { maxWindowS } from './tumbling-window.ts';

export interface MappingEngine extends Engine {
  /** Records on streams that no function is done with. */
  waitingRecords(): Iterable<StreamRecord>;
  countWaiting(): number;
  /** Null when the functions keep up; else resolves when there is room for more. */
  waitForRoom(): Promise<void> | null;
}

export interface MappingOptions {
  readonly kinesis: KinesisEngine;
  readonly lambda: LambdaEngine;
  readonly sqs: SqsEngine;
  readonly ledger: Pick<LedgerPort, 'consumed' | 'givenUp'>;
}

/** Lambda's defaults for streams and queues (API reference, CreateEventSourceMapping). */
const defaultStreamBatchSize = 100;
const defaultQueueBatchSize = 10;
const maxFifoBatchSize = 10;
/** A quarter of a second of what a laptop of two cores takes in: more takes no more in, and makes every alarm later. */
const maxWaiting = 2500;
/** Well within a machine's patience with an acknowledgement. */
const longestWaitMs = 1000;

export function createMappings(cloud: Cloud, options: MappingOptions): MappingEngine {
  const positions = openPositions(join(cloud.dataFolder, 'kinesis-positions'));
  const streams: StreamMapping[] = [];
  const queues: QueueMapping[] = [];
  const countWaiting = (): number => streams.reduce((sum, mapping) => sum + mapping.countWaiting(), 0);
  const room = createRoom({ countWaiting, maxWaiting, longestWaitMs });

  const create = ({ stack, logicalId, properties }: ResourceRequest) => {
    const id = createHash('sha256').update(`${stack}/${logicalId}`).digest('hex').slice(0, 32);
    const source = String(properties.EventSourceArn);
    refuseForeign(properties, source);
    const target = options.lambda.findFunction(String(properties.FunctionName));
    const caller = { kind: 'role', arn: target.settings.roleArn } as const;
    if (properties.Enabled === false) return { ref: id };
    if (source.startsWith('arn:aws:kinesis:')) {
      streams.push(
        new StreamMapping({
          cloud,
          stream: options.kinesis.findStream(source),
          target,
          caller,
          positions,
          settings: {
            id,
            ...readStreamSettings(properties),
            destination: readDestination(cloud, id, properties, caller),
          },
          onConsumed: (records) => {
            options.ledger.consumed(records);
            room.noteProgress();
          },
          onGivenUp: options.ledger.givenUp,
        }),
      );
    } else if (source.startsWith('arn:aws:sqs:')) {
      const batchSize = readQueueBatchSize(properties, source);
      options.sqs.checkPatience(source, target.settings.timeoutMs);
      const reportsItemFailures = readReporting(properties);
      queues.push(
        new QueueMapping({ cloud, sqs: options.sqs, queueArn: source, target, caller, batchSize, reportsItemFailures }),
      );
    } else throw new Error(`EventSourceArn: got "${source}", modelled are Kinesis streams and SQS queues`);
    return { ref: id, attributes: { Id: id } };
  };

  return {
    name: 'event-source-mapping',
    operations: {},
    resources: { 'AWS::Lambda::EventSourceMapping': { properties: mappingProperties, create } },
    start: async () => {
      for (const mapping of [...streams, ...queues]) mapping.start();
    },
    stop: async () => {
      await Promise.all([...streams, ...queues].map((mapping) => mapping.stop()));
      positions.close();
    },
    countWaiting,
    waitForRoom: room.wait,
    *waitingRecords() {
      for (const mapping of streams) yield* mapping.waitingRecords();
    },
  };
}

const mappingProperties = [
  'EventSourceArn',
  'FunctionName',
  'BatchSize',
  'MaximumBatchingWindowInSeconds',
  'ParallelizationFactor',
  'TumblingWindowInSeconds',
  'BisectBatchOnFunctionError',
  'MaximumRetryAttempts',
  'MaximumRecordAgeInSeconds',
  'FunctionResponseTypes',
  'StartingPosition',
  'Enabled',
  'DestinationConfig.OnFailure.Destination',
  'FilterCriteria.Filters.Pattern',
  'MetricsConfig.Metrics',
  // A queue's mapping runs one batch at a time here: below any bound.
  'ScalingConfig.MaximumConcurrency',
  'Tags.*',
];

const ofStreams = [
  ...[
    'MaximumBatchingWindowInSeconds',
    'ParallelizationFactor',
    'TumblingWindowInSeconds',
    'BisectBatchOnFunctionError',
  ],
  ...['MaximumRetryAttempts', 'MaximumRecordAgeInSeconds', 'StartingPosition', 'DestinationConfig', 'FilterCriteria'],
];

/** What AWS takes for the other kind of source alone, and of queues what is not modelled here. */
function refuseForeign(properties: Json, source: string): void {
  const kind = source.startsWith('arn:aws:sqs:') ? 'queue' : 'stream';
  const other = (kind === 'queue' ? ofStreams : ['ScalingConfig']).find((name) => properties[name] !== undefined);
  if (other !== undefined) throw new Error(`${other}: not modelled for a ${kind}`);
}

function readStreamSettings(properties: Json) {
  const ageS = Number(properties.MaximumRecordAgeInSeconds ?? -1);
  const retries = Number(properties.MaximumRetryAttempts ?? -1);
  const startingPosition = String(properties.StartingPosition);
  if (!['TRIM_HORIZON', 'LATEST'].includes(startingPosition)) {
    throw new Error(`StartingPosition: got "${startingPosition}", modelled are TRIM_HORIZON and LATEST`);
  }
  return {
    batchSize: Number(properties.BatchSize ?? defaultStreamBatchSize),
    windowMs: Number(properties.MaximumBatchingWindowInSeconds ?? 0) * 1000,
    tumblingWindowMs: readTumblingWindow(properties) * 1000,
    parallelization: Number(properties.ParallelizationFactor ?? 1),
    bisects: properties.BisectBatchOnFunctionError === true,
    maxRetries: retries < 0 ? Number.POSITIVE_INFINITY : retries,
    maxRecordAgeMs: ageS < 0 ? Number.POSITIVE_INFINITY : ageS * 1000,
    reportsItemFailures: readReporting(properties),
    startingPosition,
    accepts: readFilters(properties),
  };
}

function readTumblingWindow({ TumblingWindowInSeconds = 0, ParallelizationFactor = 1 }: Json): number {
  const seconds = Number(TumblingWindowInSeconds);
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > maxWindowS) {
    throw new Error(`TumblingWindowInSeconds: got ${String(TumblingWindowInSeconds)}, allowed are 0 to ${maxWindowS}`);
  }
  if (seconds > 0 && Number(ParallelizationFactor) > 1) {
    throw new Error(`ParallelizationFactor: got ${String(ParallelizationFactor)}, with a tumbling window only 1`);
  }
  return seconds;
}

function readQueueBatchSize({ BatchSize = defaultQueueBatchSize }: Json, queueArn: string): number {
  if (!queueArn.endsWith('.fifo') || Number(BatchSize) <= maxFifoBatchSize) return Number(BatchSize);
  throw new Error(`BatchSize: got ${String(BatchSize)}, allowed are ${maxFifoBatchSize} messages of a FIFO queue`);
}

const readReporting = (properties: Json): boolean =>
  ((properties.FunctionResponseTypes ?? []) as string[]).includes('ReportBatchItemFailures');

function readDestination(cloud: Cloud, id: string, properties: Json, caller: { kind: 'role'; arn: string }) {
  const config = properties.DestinationConfig as { OnFailure?: { Destination?: string } } | undefined;
  const arn = config?.OnFailure?.Destination;
  return arn === undefined ? null : createFailureDestination(cloud, id, arn, caller);
}

/** A record passes if any pattern fits `{partitionKey, data}`, the data parsed as JSON. */
function readFilters(properties: Json): ((record: StreamRecord) => boolean) | null {
  const filters = ((properties.FilterCriteria as Json | undefined)?.Filters ?? []) as { Pattern: string }[];
  if (filters.length === 0) return null;
  const matchers = filters.map(({ Pattern }) => {
    const compiled = compileEventPattern(JSON.parse(Pattern));
    if (!compiled.ok) throw new Error(`FilterCriteria: ${compiled.error}`);
    return compiled.value;
  });
  return (record) => {
    const view = { partitionKey: record.partitionKey, data: parseData(record.data) };
    return matchers.some((matches) => matches(view));
  };
}

function parseData(data: Uint8Array): unknown {
  const text = Buffer.from(data).toString();
  try {
    return JSON.parse(text);
  } catch {
    // Data that is no JSON can still be matched as a string.
    return text;
  }
}
