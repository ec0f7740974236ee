import { type TimestreamWriteClient, WriteRecordsCommand } from '@aws-sdk/client-timestream-write';
import type { SeriesRow } from '../ports/series-writer.ts';
import { chunksOf } from './in-parallel.ts';
import { listColumns, type SeriesField } from './series-layout.ts';

/** A record holds 2 KB, names and all (Timestream for LiveAnalytics developer guide, "Quotas"). */
const columnsPerRecord = 20;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Stands in every dimension. */
const nobody = 'none';

export interface ColumnsPlace {
  readonly database: string;
  readonly table: string;
  readonly storeDays: number;
}

/**
 * Timestream knows a column from the first row that has it, and a query that names another fails: panels would, until
 * the first fault of a machine. So each column is written once, in rows of nobody that are as old as the store takes:
 * no panel's range reaches them and they expire within the hour.
 */
export async function writeColumns(
  client: TimestreamWriteClient,
  { database, table, storeDays }: ColumnsPlace,
  { types, nowMs }: { readonly types: readonly SeriesRow['type'][]; readonly nowMs: number },
): Promise<void> {
  const timeMs = nowMs - storeDays * dayMs + hourMs;
  const records = chunksOf(listColumns(types), columnsPerRecord).map((columns, i) => ({
    Time: String(timeMs + i),
    MeasureValues: columns.map(toMeasure),
  }));
  await client.send(
    new WriteRecordsCommand({
      DatabaseName: database,
      TableName: table,
      CommonAttributes: {
        Dimensions: ['machine_id', 'machine_type', 'site', 'line'].map((Name) => ({ Name, Value: nobody })),
        MeasureValueType: 'MULTI',
        TimeUnit: 'MILLISECONDS',
        // As the rows of lambdas/series-columns, which the rollups leave out.
        MeasureName: 'columns',
      },
      Records: records,
    }),
  );
}

const kinds = { double: 'DOUBLE', bigint: 'BIGINT', varchar: 'VARCHAR' } as const;
const toMeasure = ({ name, kind, value }: SeriesField) => ({ Name: name, Type: kinds[kind], Value: String(value) });
