import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import type { History } from '../../core/api/schemas.ts';

type Column = readonly (number | null)[];

const real = (name: string, data: Column): ColumnSource => ({ name, data: [...data], type: 'DOUBLE', nullable: true });

/** The columns of the CSV under names that a query can spell; what their units are stands in the file's metadata. */
export function toParquet(history: History): Uint8Array {
  const { timesMs, samples, healthPercent, remainingHours, signals } = history;
  const columnData: ColumnSource[] = [
    { name: 'time', data: timesMs.map((atMs) => new Date(atMs)), type: 'TIMESTAMP' },
    { name: 'samples', data: samples, type: 'INT32' },
    real('health_percent', healthPercent),
    ...Object.entries(remainingHours).map(([quantile, hours]) => real(`remaining_hours_${quantile}`, hours)),
    ...Object.entries(signals).flatMap(([name, { mean, min, max, expected }]) => [
      real(name, mean),
      real(`${name}_min`, min),
      real(`${name}_max`, max),
      real(`${name}_expected`, expected),
    ]),
  ];
  const units = Object.fromEntries(Object.entries(signals).map(([name, { unit }]) => [name, unit]));
  const kvMetadata = [
    { key: 'machine_id', value: history.machineId },
    { key: 'units', value: JSON.stringify(units) },
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata }));
}
