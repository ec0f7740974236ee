import { type TimestreamWriteClient, WriteRecordsCommand } from '@aws-sdk/client-timestream-write';
import type { Column, ColumnRow } from '../series-columns/handler.ts';

/** Stands in the dimensions of rows that are nobody's. */
const nobody = ['machine_id', 'machine_type', 'site', 'line'].map((Name) => ({ Name, Value: 'none' }));
const kinds = { double: 'DOUBLE', bigint: 'BIGINT', varchar: 'VARCHAR' } as const;
const toMeasure = ({ name, kind, value }: Column) => ({ Name: name, Type: kinds[kind], Value: String(value) });

/** Writes rows that only bring columns, a call a row: they are few and come with a deployment. */
export const writeColumnRows =
  (client: TimestreamWriteClient) =>
  async (database: string, rows: readonly ColumnRow[]): Promise<void> => {
    for (const { table, measureName, atMs, columns } of rows) {
      const MeasureValues = columns.map(toMeasure);
      const record = { MeasureName: measureName, MeasureValueType: 'MULTI' as const, MeasureValues };
      const Records = [{ ...record, Dimensions: nobody, Time: String(atMs), TimeUnit: 'MILLISECONDS' as const }];
      await client.send(new WriteRecordsCommand({ DatabaseName: database, TableName: table, Records }));
    }
  };
