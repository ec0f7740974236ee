import type { TimestreamWriteClient, WriteRecordsCommand } from '@aws-sdk/client-timestream-write';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import { fieldsOf, listColumns, type SeriesField, tagsOf } from '../../../lambdas/adapters/series-layout.ts';
import { writeColumnRows } from '../../../lambdas/adapters/timestream-columns.ts';
import type { SeriesRow } from '../../../lambdas/ports/series-writer.ts';
import { type ColumnRow, createSeriesColumnsHandler } from '../../../lambdas/series-columns/handler.ts';
import { type Engine, type Json, owner } from '../../../local/engine.ts';
import { createTimestreamEngine } from '../../../local/timestream/engine.ts';
import { openSurroundings } from '../../local/surroundings.ts';
import { countSamples, fillInFigures, listQuestions, machines, nowMs, runMachines, startMs } from './seeded-run.ts';

/** As Grafana and its Timestream plugin fill a query in. */
function fillIn(query: string, table: string): string {
  const all: Readonly<Record<string, string>> = {
    site: "'Ulm'",
    line: "'one'",
    type: machines.map(({ machineType }) => `'${machineType}'`).join(','),
    machine: machines.map(({ machineId }) => `'${machineId}'`).join(','),
  };
  return fillInFigures(query)
    .replaceAll(/\$\{(\w+):singlequote\}/g, (_, name: string) => all[name] ?? `no variable ${name}`)
    .replaceAll('$__database', '"factory"')
    .replaceAll('$__table', `"${table}"`)
    .replaceAll('$__timeFilter', `time BETWEEN from_milliseconds(${startMs}) AND from_milliseconds(${nowMs})`)
    .replaceAll('$__timeFrom', String(startMs))
    .replaceAll('$__timeTo', String(nowMs))
    .replaceAll('$__interval_ms', '10000ms');
}

const toMeasure = ({ name, kind, value }: SeriesField): Json => ({
  Name: name,
  Value: String(value),
  Type: kind.toUpperCase(),
});
const toDimension = ([Name, Value]: readonly [string, string]): Json => ({ Name, Value });

const toRecord = (row: SeriesRow): Json => ({
  Dimensions: tagsOf(row).map(toDimension),
  MeasureName: 'sample',
  MeasureValueType: 'MULTI',
  MeasureValues: fieldsOf(row).map(toMeasure),
  Time: String(row.sample.sampledAtMs),
});

/** As a deployment does it, into the table `quiet`. */
async function bringColumns(write: (database: string, rows: readonly ColumnRow[]) => Promise<void>): Promise<void> {
  const handle = createSeriesColumnsHandler({
    columns: { samples: listColumns(builtinMachineTypes), rollups: [] },
    write,
    answer: async (_, outcome) => expect(outcome).toMatchObject({ Status: 'SUCCESS' }),
    nowMs: () => nowMs,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  await handle({
    RequestType: 'Create',
    ResponseURL: 'https://cloudformation.example/answer',
    ...{ StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Columns' },
    ResourceProperties: {
      ...{ Database: 'factory', Samples: 'quiet', Rollups: ['minute'] },
      ...{ MeasureName: 'columns', MemoryHours: '24' },
    },
  });
}

const questions = listQuestions('timestream', ({ rawQuery }) => rawQuery);

describe('the Grafana dashboards on Timestream', () => {
  let engine: Engine;
  const rows = runMachines();
  const surroundings = openSurroundings(nowMs);
  const makeTable = async (TableName: string, records: readonly Json[]): Promise<void> => {
    const model = engine.resources['AWS::Timestream::Table']!;
    const table = { DatabaseName: 'factory', TableName };
    const RetentionProperties = { MemoryStoreRetentionPeriodInHours: '24', MagneticStoreRetentionPeriodInDays: '30' };
    const MagneticStoreWriteProperties = { EnableMagneticStoreWrites: true };
    const properties = { ...table, RetentionProperties, MagneticStoreWriteProperties };
    const type = 'AWS::Timestream::Table';
    await model.create({ stack: 's', logicalId: TableName, type, physicalName: TableName, properties });
    for (let i = 0; i < records.length; i += 100) {
      const Records = records.slice(i, i + 100);
      await engine.operations.WriteRecords!.run({ ...table, Records }, owner);
    }
  };
  const ask = async (query: string, table: string) => {
    const answer = await engine.operations.Query!.run({ QueryString: fillIn(query, table) }, owner);
    return (answer as { Rows: { Data: { ScalarValue?: string }[] }[] }).Rows;
  };

  beforeAll(async () => {
    engine = await createTimestreamEngine(surroundings.cloud, { endpointAddress: () => '127.0.0.1' });
    await makeTable('samples', rows.map(toRecord));
    await makeTable('quiet', []);
    const client = {
      send: ({ input }: WriteRecordsCommand) => engine.operations.WriteRecords!.run({ ...input }, owner),
    } as unknown as TimestreamWriteClient;
    await bringColumns(writeColumnRows(client));
  });
  afterAll(async () => {
    await engine.stop?.();
    surroundings.remove();
  });

  it.each(questions)('$what asks what the store answers with rows', async ({ queries }) => {
    for (const query of queries) {
      const answer = await ask(query, 'samples');
      expect(answer.length).toBeGreaterThan(0);
      expect(answer.some(({ Data }) => Data.every(({ ScalarValue }) => ScalarValue !== undefined))).toBe(true);
    }
  });

  it('count samples and machines as they were', async () => {
    for (const [panel, count] of Object.entries(countSamples(rows))) {
      const { queries } = questions.find(({ what }) => what === panel)!;
      const [row] = await ask(queries[0]!, 'samples');
      expect(Number(row!.Data[0]!.ScalarValue), panel).toBe(count);
    }
  });

  it('show nothing and no error in a plant that was only just deployed, where nothing was wrong yet', async () => {
    for (const { queries } of questions) for (const query of queries) await ask(query, 'quiet');
  });

  it('list no machine that is none', async () => {
    for (const { what, queries } of questions.filter((question) => question.what.includes('variable'))) {
      expect(await ask(queries[0]!, 'quiet'), what).toEqual([]);
    }
  });

  it('fail at a column that nobody writes', async () => {
    await expect(ask('SELECT tool_waer FROM $__database.$__table', 'quiet')).rejects.toThrow('tool_waer');
  });

  it('know every column that the machines bring, each of its type', () => {
    const known = new Map(listColumns(builtinMachineTypes).map(({ name, kind }) => [name, kind]));
    const brought = new Map(rows.flatMap(fieldsOf).map(({ name, kind }) => [name, kind]));
    for (const [name, kind] of brought) {
      if (/^(context_.*|phase|sequence)$/.test(name)) continue;
      expect(known.get(name), name).toBe(kind);
    }
  });

  it('reckon what waiting costs as the work orders do', async () => {
    const { queries } = questions.find(({ what }) => what.endsWith('Cost of waiting'))!;
    const [first] = await ask(queries[0]!, 'samples');
    // 168 of 100, 200, 300 hours: 0.1 + 0.4 · 68/100 = 0.372, times 12 h at 150 €.
    const [, component, p50, chance, eur] = first!.Data.map(({ ScalarValue }) => ScalarValue);
    expect([component, Number(p50)]).toEqual(['tool', 200]);
    expect(Number(chance)).toBeCloseTo(37.2, 6);
    expect(Number(eur)).toBeCloseTo(669.6, 6);
  });
});
