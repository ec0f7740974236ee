import { type TimestreamWriteClient, WriteRecordsCommand } from '@aws-sdk/client-timestream-write';
import type { ColumnRow } from '../series-columns/handler.ts';

/** Stands in the dimensions of rows that are nobody's. */
const nobody = ['machine_id', 'machine_type'].map((Name) => ({ Name, Value: 'none' }));

/** Writes rows that only bring columns, a call a row: they are few and come with a deployment. */
export const writeColumnRows =
  (client: TimestreamWriteClient) =>
  async (database: string, rows: readonly ColumnRow[]): Promise<void> => {
    for (const { table, measureName, atMs, columns } of rows) {
      const MeasureValues = columns.map((Name) => ({ Name, Value: '0', Type: 'DOUBLE' as const }));
      const record = { MeasureName: measureName, MeasureValueType: 'MULTI' as const, MeasureValues };
      const Records = [{ ...record, Dimensions: nobody, Time: String(atMs), TimeUnit: 'MILLISECONDS' as const }];
      await client.send(new WriteRecordsCommand({ DatabaseName: database, TableName: table, Records }));
    }
  };
