import { QueryCommand, TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { TimestreamWriteClient, WriteRecordsCommand } from '@aws-sdk/client-timestream-write';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { rollups } from '../../../core/api/series-rollups.ts';
import { TimestreamSeriesReader } from '../../../lambdas/adapters/timestream-series-reader.ts';
import { TimestreamSeriesWriter } from '../../../lambdas/adapters/timestream-series-writer.ts';
import type { HistoryColumns } from '../../../lambdas/ports/series-reader.ts';
import { type Caller, type Cloud, type Engine, type Json, owner } from '../../../local/engine.ts';
import { createTimestreamEngine } from '../../../local/timestream/engine.ts';
import { resourcesOf, synthesise } from '../../lib/synthesis.ts';
import { openSurroundings } from '../../local/surroundings.ts';
import { createRows } from './rows.ts';

const hourMs = 3_600_000;
const samplesPerHour = 12;
const startMs = Date.parse('2026-01-01T00:00:00.000Z');
const place = { database: 'factory', table: 'samples', rollups: { minute: 'minute', hour: 'hour', day: 'day' } };
const tables = [place.table, ...rollups.map(({ name }) => name)];
const roleArn = 'arn:aws:iam::000000000000:role/rollups';

/** The template's own queries, with the names of this test in the place of its references. */
function scheduledQueries(): Json[] {
  const resources = resourcesOf(synthesise('dev'), 'AWS::Timestream::ScheduledQuery');
  return resources.map(({ properties }, i) => {
    const target = (properties.TargetConfiguration as { TimestreamConfiguration: Json }).TimestreamConfiguration;
    const pieces = (properties.QueryString as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];
    const names = [place.database, tables[i]!];
    let reference = 0;
    const QueryString = pieces.map((piece) => (typeof piece === 'string' ? piece : names[reference++ % 2])).join('');
    return {
      ...properties,
      QueryString,
      ScheduledQueryExecutionRoleArn: roleArn,
      NotificationConfiguration: { SnsConfiguration: { TopicArn: 'arn:topic' } },
      TargetConfiguration: {
        TimestreamConfiguration: { ...target, DatabaseName: place.database, TableName: tables[i + 1] },
      },
    };
  });
}

/** Two samples of one machine in a minute of every ten, for so many hours; some without a temperature. */
function write(writer: TimestreamSeriesWriter, hours: number) {
  const rows = createRows(hours * samplesPerHour).map((row, i) => {
    const sampledAtMs = startMs + Math.floor(i / 2) * 600_000 + (i % 2) * 20_000;
    const at = row.type.signals.findIndex(({ name }) => name === 'temperature');
    const values = row.sample.values.with(at, i % 5 === 0 ? Number.NaN : 20 + (i % 11));
    return { ...row, sample: { ...row.sample, sampledAtMs, values } };
  });
  return writer.write(rows);
}

describe('histories from rollups', () => {
  let nowMs = startMs;
  const surroundings = openSurroundings(nowMs);
  const told: Json[] = [];
  const asked: string[] = [];
  let engine: Engine;
  const run = (operation: string) => async (input: unknown) => {
    if (operation === 'Query') asked.push((input as { QueryString: string }).QueryString);
    return engine.operations[operation]!.run(input as Json, owner);
  };
  const writer = () => new TimestreamSeriesWriter(new TimestreamWriteClient({ region: 'us-east-1' }), place);
  const history = (from: typeof place, resolutionS: number, toMs = startMs + 30 * hourMs): Promise<HistoryColumns> =>
    new TimestreamSeriesReader(new TimestreamQueryClient({ region: 'us-east-1' }), from, () => nowMs).history({
      machineId: 'M-1',
      machineType: 'generic',
      signals: ['temperature', 'rpm'],
      fromMs: startMs,
      toMs,
      resolutionS,
      limit: 10_000,
    });
  /** The same place with rollups that are empty: the samples answer. */
  const unrolled = { ...place, rollups: { minute: 'empty', hour: 'empty', day: 'empty' } };

  beforeAll(async () => {
    const cloud: Cloud = {
      ...surroundings.cloud,
      nowMs: () => nowMs,
      call: async (service: string, operation: string, input: Json, caller: Caller) => {
        if (service === 'sns') return told.push(input);
        return engine.operations[operation]!.run(input, caller);
      },
    };
    engine = await createTimestreamEngine(cloud, { endpointAddress: () => '127.0.0.1' });
    for (const TableName of [...tables, 'empty']) {
      await engine.resources['AWS::Timestream::Table']!.create({
        ...{ stack: 's', logicalId: TableName, type: 'AWS::Timestream::Table', physicalName: TableName },
        properties: {
          DatabaseName: place.database,
          TableName,
          RetentionProperties: { MemoryStoreRetentionPeriodInHours: '24', MagneticStoreRetentionPeriodInDays: '30' },
          MagneticStoreWriteProperties: { EnableMagneticStoreWrites: true },
        },
      });
    }
    mockClient(TimestreamWriteClient).on(WriteRecordsCommand).callsFake(run('WriteRecords'));
    mockClient(TimestreamQueryClient).on(QueryCommand).callsFake(run('Query'));
    nowMs = startMs + 29 * hourMs;
    await write(writer(), 29);
    nowMs = startMs;
    for (const [i, properties] of scheduledQueries().entries()) {
      const type = 'AWS::Timestream::ScheduledQuery';
      await engine.resources[type]!.create({ stack: 's', logicalId: `Q${i}`, type, physicalName: `q${i}`, properties });
    }
    await engine.start?.();
    // Midnight has days too.
    for (const [hour, runs] of [
      [1, 3],
      [7, 5],
      [13, 7],
      [19, 9],
      [25, 12],
    ] as const) {
      nowMs = startMs + hour * hourMs;
      await vi.waitFor(() => expect(told).toHaveLength(runs), { timeout: 20_000 });
    }
    nowMs = startMs + 29 * hourMs;
  }, 60_000);
  afterAll(async () => {
    await engine.stop?.();
    surroundings.remove();
  });

  it('come from runs that each say how they went', () => {
    const types = told.map(({ MessageAttributes }) => JSON.stringify(MessageAttributes));
    expect(types.filter((type) => !type.includes('AUTO_TRIGGER_SUCCESS'))).toEqual([]);
    expect(types.filter((type) => type.includes('scheduled-query/q2'))).toHaveLength(2);
  });

  it.each([60, 300, 3600, 21_600, 86_400])(
    'equal the samples within rounding, in intervals of %i s',
    async (resolutionS) => {
      asked.length = 0;
      const fromRollups = await history(place, resolutionS);
      expect(asked.at(-1)).toContain('UNION ALL');
      const fromSamples = await history(unrolled, resolutionS);
      expect(asked.at(-1)).not.toContain('UNION ALL');
      expect(fromSamples.samples.reduce((sum, count) => sum + count, 0)).toBe(29 * samplesPerHour);
      expect(flatten(fromRollups)).toEqual(
        flatten(fromSamples).map((value) => (typeof value === 'number' ? expect.closeTo(value, 9) : value)),
      );
    },
  );

  it('ask the samples for what is finer than a minute', async () => {
    asked.length = 0;
    await history(place, 30, startMs + hourMs);
    expect(asked.join()).not.toContain('"minute"');
  });

  it('count no rolled row as a sample of a machine', () => {
    expect(surroundings.stored).toEqual({ 'M-1': 29 * samplesPerHour });
  });
});

const flatten = ({ timesMs, samples, healthPercent, remainingHours, signals }: HistoryColumns): (number | null)[] =>
  [timesMs, samples, healthPercent, ...Object.values(remainingHours)]
    .concat(Object.values(signals).flatMap((signal) => Object.values(signal)))
    .flat();
