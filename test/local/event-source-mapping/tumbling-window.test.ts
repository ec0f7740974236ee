import { afterEach, describe, expect, it } from 'vitest';
import { type Json, owner } from '../../../local/engine.ts';
import { createMappings } from '../../../local/event-source-mapping/mappings.ts';
import { createKinesis } from '../../../local/kinesis/kinesis.ts';
import { type PackedRecords, unpackRecords } from '../../../local/kinesis/packed-records.ts';
import type { Outcome } from '../../../local/lambda/function.ts';
import type { LambdaEngine } from '../../../local/lambda/lambda.ts';
import type { SqsEngine } from '../../../local/sqs/sqs.ts';
import { until } from '../../until.ts';
import { openSurroundings } from '../surroundings.ts';

interface WindowEvent {
  readonly Records: readonly { readonly kinesis: { readonly sequenceNumber: string; readonly data: string } }[];
  readonly window: { readonly start: string; readonly end: string };
  readonly state: { readonly sum?: number };
  readonly shardId: string;
  readonly eventSourceARN: string;
  readonly isFinalInvokeForWindow: boolean;
  readonly isWindowTerminatedEarly: boolean;
}

const startMs = Date.parse('2026-01-01T00:00:30Z');
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const answer = (response: unknown): Outcome => ({ ok: true, payload: JSON.stringify(response) });
const valuesOf = ({ Records }: WindowEvent): number[] =>
  Records.map(({ kinesis }) => Number(Buffer.from(kinesis.data, 'base64').toString()));

/** AWS's own example of a function: it adds up what it is given, on top of the state. */
const add = (event: WindowEvent): Outcome =>
  answer({ state: { sum: valuesOf(event).reduce((sum, value) => sum + value, event.state.sum ?? 0) } });

/** A stream of one shard, a mapping with a window of a minute, a function, and a clock that `pass` moves on. */
function open(run: (event: WindowEvent) => Outcome, properties: Json = {}) {
  const surroundings = openSurroundings(startMs);
  let nowMs = startMs;
  const cloud = { ...surroundings.cloud, nowMs: () => nowMs };
  const kinesis = createKinesis(cloud);
  const request = { stack: 'S', logicalId: 'T', type: 'AWS::Kinesis::Stream', physicalName: 'telemetry' };
  kinesis.resources['AWS::Kinesis::Stream']!.create({ ...request, properties: { ShardCount: 1 } });
  const events: WindowEvent[] = [];
  const target = {
    settings: { name: 'f', arn: 'arn:f', roleArn: 'arn:r' },
    invoke: async (packed: PackedRecords) => {
      const event = unpackRecords(packed) as unknown as WindowEvent;
      events.push(event);
      return run(event);
    },
  };
  const mappings = createMappings(cloud, {
    kinesis,
    lambda: { findFunction: () => target } as unknown as LambdaEngine,
    sqs: {} as SqsEngine,
    ledger: { consumed: () => undefined, givenUp: () => undefined },
  });
  const EventSourceArn = 'arn:aws:kinesis:us-east-1:000000000000:stream/telemetry';
  mappings.resources['AWS::Lambda::EventSourceMapping']!.create({
    ...{ stack: 'S', logicalId: 'M', type: 'AWS::Lambda::EventSourceMapping', physicalName: 'M' },
    properties: {
      ...{ EventSourceArn, FunctionName: 'f', StartingPosition: 'TRIM_HORIZON', TumblingWindowInSeconds: 60 },
      ...{ FunctionResponseTypes: ['ReportBatchItemFailures'], MaximumRetryAttempts: 2 },
      ...properties,
    },
  });
  ends.push(async () => {
    await mappings.stop?.();
    await kinesis.stop?.();
    surroundings.remove();
  });
  return {
    ...{ events, mappings },
    put: (...values: readonly number[]) => {
      const Records = values.map((value) => ({ PartitionKey: 'M', Data: Buffer.from(String(value)) }));
      return kinesis.operations.PutRecords!.run({ StreamName: 'telemetry', Records }, owner);
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

const told = (events: readonly WindowEvent[]) =>
  events.map((event) => [
    event.isFinalInvokeForWindow ? 'end' : valuesOf(event).join('+'),
    event.window.start.slice(14, 19),
    event.state.sum ?? null,
  ]);

describe('a mapping with a tumbling window', () => {
  it('hands on the state within a window, and tells its end, with the state and without records, before the next begins', async () => {
    const { events, put, pass, mappings } = open(add);
    await mappings.start?.();
    await put(1, 2);
    await until(() => expect(events).toHaveLength(1));
    pass(10_000);
    await put(4);
    await until(() => expect(events).toHaveLength(2));
    pass(20_000);
    await put(8);
    await until(() =>
      expect(told(events)).toEqual([
        ['1+2', '00:00', null],
        ['4', '00:00', 3],
        ['end', '00:00', 7],
        ['8', '01:00', null],
      ]),
    );
    expect(events[2]).toMatchObject({
      Records: [],
      window: { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:01:00Z' },
      shardId: 'shardId-000000000000',
      eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/telemetry',
      isWindowTerminatedEarly: false,
    });
  });

  it('cuts a batch where a window ends, however much lies there', async () => {
    const { events, put, pass, mappings } = open(add);
    await put(1, 2);
    pass(60_000);
    await put(4);
    await mappings.start?.();
    await until(() => expect(told(events).map(([what]) => what)).toEqual(['1+2', 'end', '4']));
  });

  it('ends a window two minutes after its end when nothing comes any more', async () => {
    const { events, put, pass, mappings } = open(add);
    await put(1);
    pass(30_000 + 120_000); // the reader comes when all is long over
    await mappings.start?.();
    await until(() =>
      expect(told(events)).toEqual([
        ['1', '00:00', null],
        ['end', '00:00', 1],
      ]),
    );
  });

  it('calls the end again until it succeeds, and reads nothing before', async () => {
    let failures = 2;
    const { events, put, pass, mappings } = open((event) =>
      event.isFinalInvokeForWindow && failures-- > 0
        ? { ok: false, error: { errorType: 'Error', errorMessage: 'no' } }
        : add(event),
    );
    await put(1);
    pass(60_000);
    await put(2);
    await mappings.start?.();
    await until(() => expect(told(events).map(([what]) => what)).toEqual(['1', 'end', 'end', 'end', '2']));
  });

  it('takes an answer without a state for a failure, and keeps the state over failures, whole or in part', async () => {
    let calls = 0;
    const { events, put, mappings } = open((event) => {
      calls += 1;
      if (calls === 2) return answer({ batchItemFailures: [] });
      const second = event.Records[1]?.kinesis.sequenceNumber;
      if (calls === 3) return answer({ state: { sum: 99 }, batchItemFailures: [{ itemIdentifier: second }] });
      return add(event);
    });
    await mappings.start?.();
    await put(1);
    await until(() => expect(events).toHaveLength(1));
    await put(2, 4);
    await until(() =>
      expect(told(events)).toEqual([
        ['1', '00:00', null],
        ['2+4', '00:00', 1],
        ['2+4', '00:00', 1],
        ['4', '00:00', 1],
      ]),
    );
  });

  it('refuses what AWS refuses: more than a quarter of an hour, and several batches of a shard at once', () => {
    expect(() => open(add, { TumblingWindowInSeconds: 901 })).toThrow(
      'TumblingWindowInSeconds: got 901, allowed are 0 to 900',
    );
    expect(() => open(add, { ParallelizationFactor: 2 })).toThrow(
      'ParallelizationFactor: got 2, with a tumbling window only 1',
    );
  });
});
