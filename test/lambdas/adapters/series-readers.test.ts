import { QueryCommand, TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { TimestreamWriteClient, WriteRecordsCommand } from '@aws-sdk/client-timestream-write';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, expect, it } from 'vitest';
import { TimestreamSeriesReader } from '../../../lambdas/adapters/timestream-series-reader.ts';
import { TimestreamSeriesWriter } from '../../../lambdas/adapters/timestream-series-writer.ts';
import { type Json, owner } from '../../../local/engine.ts';
import { createTimestreamEngine } from '../../../local/timestream/engine.ts';
import { testSeriesReader } from '../../contract/series-reader.ts';
import { openSurroundings } from '../../local/surroundings.ts';

const nowMs = Date.parse('2026-01-01T00:10:00.000Z');
const place = { database: 'factory', table: 'samples', rollups: { minute: 'minute', hour: 'hour', day: 'day' } };
const cleanups: (() => unknown)[] = [];
afterAll(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

/** The laptop's stand-in answers for Timestream; the InfluxDB reader meets a real server in influxdb-server.test.ts. */
testSeriesReader('Timestream for LiveAnalytics', async () => {
  const surroundings = openSurroundings(nowMs);
  const { operations, resources, stop } = await createTimestreamEngine(surroundings.cloud, {
    endpointAddress: () => '127.0.0.1',
  });
  cleanups.push(() => stop?.(), surroundings.remove);
  const type = 'AWS::Timestream::Table';
  for (const TableName of [place.table, ...Object.values(place.rollups)])
    await resources[type]!.create({
      stack: 's',
      logicalId: TableName,
      type,
      physicalName: TableName,
      properties: {
        DatabaseName: place.database,
        TableName,
        RetentionProperties: { MemoryStoreRetentionPeriodInHours: '24', MagneticStoreRetentionPeriodInDays: '30' },
      },
    });
  const run = (operation: string) => (input: unknown) => operations[operation]!.run(input as Json, owner);
  mockClient(TimestreamWriteClient).on(WriteRecordsCommand).callsFake(run('WriteRecords'));
  mockClient(TimestreamQueryClient).on(QueryCommand).callsFake(run('Query'));
  let readings = 0;
  return {
    writer: new TimestreamSeriesWriter(new TimestreamWriteClient({ region: 'us-east-1' }), place),
    // Each question half a minute after the last one: the columns of the first samples are seen then.
    reader: new TimestreamSeriesReader(new TimestreamQueryClient({ region: 'us-east-1' }), place, () => {
      readings++;
      return nowMs + readings * 30_001;
    }),
  };
});

it.each([
  ['the samples of the last days alone', [{ Data: [{ ScalarValue: 'M-1' }] }], [/WHERE time > ago\(3d\)/]],
  ['all of them only where these have none', [], [/WHERE time > ago\(3d\)/, /samples" LIMIT 1$/]],
])('Timestream reads %s to know its columns', async (_, Rows, queries) => {
  const client = mockClient(TimestreamQueryClient);
  client.on(QueryCommand).resolves({ ColumnInfo: [{ Name: 'machine_id', Type: { ScalarType: 'VARCHAR' } }], Rows });
  const reader = new TimestreamSeriesReader(new TimestreamQueryClient({ region: 'us-east-1' }), place, () => nowMs);
  expect(await reader.anomalyMarks({ machineId: null, fromMs: 0, toMs: nowMs, limit: 10 })).toEqual([]);
  const asked = client.commandCalls(QueryCommand).map(({ args }) => args[0].input.QueryString);
  expect(asked).toEqual(queries.map((query) => expect.stringMatching(query)));
});
