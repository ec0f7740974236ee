import { describe, expect, it } from 'vitest';
import { rolledColumns, samplesColumn } from '../../../core/api/series-rollups.ts';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import { listColumns } from '../../../lambdas/adapters/series-layout.ts';
import { type ColumnRow, createSeriesColumnsHandler } from '../../../lambdas/series-columns/handler.ts';

const nowMs = Date.parse('2026-01-01T12:00:00.000Z');
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

function openHandler(write = async (_: string, __: readonly ColumnRow[]): Promise<void> => undefined) {
  const rows: ColumnRow[] = [];
  const answers: Record<string, unknown>[] = [];
  const handler = createSeriesColumnsHandler({
    columns,
    write: async (database, given) => {
      await write(database, given);
      rows.push(...given);
    },
    answer: async (_, outcome) => void answers.push({ ...outcome }),
    nowMs: () => nowMs,
    log: quiet,
  });
  return { handler, rows, answers };
}

const rolled = [samplesColumn, ...rolledColumns(builtinMachineTypes)];
const columns = {
  samples: listColumns(builtinMachineTypes),
  rollups: rolled.map((name) => ({ name, kind: 'double' as const, value: 0 })),
};
const request = (RequestType: string, properties: object = {}) => ({
  RequestType,
  ResponseURL: 'https://cloudformation.example/answer',
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'Columns',
  ResourceProperties: {
    Database: 'd',
    Samples: 'samples',
    Rollups: ['minute', 'hour'],
    MeasureName: 'columns',
    MemoryHours: '24',
    ...properties,
  },
});

describe('columns of the time series', () => {
  it('come to every table at the deployment, in rows that Timestream takes', async () => {
    const { handler, rows, answers } = openHandler();
    await handler(request('Create'));
    for (const [table, wanted] of [
      ['samples', columns.samples],
      ['minute', columns.rollups],
      ['hour', columns.rollups],
    ] as const) {
      const ofTable = rows.filter((row) => row.table === table);
      expect(ofTable.flatMap((row) => row.columns)).toEqual(wanted);
      expect(new Set(ofTable.map(({ atMs }) => atMs)).size).toBe(ofTable.length);
      for (const row of ofTable) {
        const names = row.columns.map(({ name }) => name).join('');
        expect(names.length + row.columns.length * 8).toBeLessThan(1900);
      }
    }
    expect(answers).toEqual([expect.objectContaining({ Status: 'SUCCESS', RequestId: 'request' })]);
  });

  it('stand where they can be asked for at once: in the memory store, however short it is', async () => {
    for (const [memoryHours, ageHours] of [
      ['1', 0.5],
      ['24', 12],
      ['720', 12],
    ] as const) {
      const { handler, rows } = openHandler();
      await handler(request('Create', { MemoryHours: memoryHours }));
      expect(Math.min(...rows.map(({ atMs }) => atMs)), memoryHours).toBe(nowMs - ageHours * 3_600_000);
    }
  });

  it('need nothing when the stack goes', async () => {
    const { handler, rows, answers } = openHandler();
    await handler({ ...request('Delete'), PhysicalResourceId: 'series-columns' });
    expect(rows).toEqual([]);
    expect(answers).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'series-columns' }]);
  });

  it('tell CloudFormation why they could not be made, so that no deployment waits an hour for an answer', async () => {
    const refusing = openHandler(async () => {
      throw new Error('the table does not exist');
    });
    await refusing.handler(request('Create'));
    expect(refusing.answers).toMatchObject([{ Status: 'FAILED', Reason: 'the table does not exist' }]);
    const wrong = openHandler();
    await wrong.handler(request('Update', { Rollups: [] }));
    expect(wrong.answers).toMatchObject([{ Status: 'FAILED' }]);
  });

  it('keep the names of a query below what a record of CloudFormation and a target may have', () => {
    // 256 measures a record (Timestream developer guide, "Quotas").
    expect(rolled.length).toBeLessThanOrEqual(256);
  });
});
