import { join } from 'node:path';
import { flagsOf, listTables, numbersOf, readTable, secondsOf, type Table } from './data.ts';
import type { Recording } from './recording.ts';

export interface SkabRecording extends Recording {
  readonly changePoints: readonly number[];
}

/** SKAB's protocol: the first 400 rows of a file are for training, the rest is judged. */
const trainRows = 400;

const sensors = [
  'Accelerometer1RMS',
  'Accelerometer2RMS',
  'Current',
  'Pressure',
  'Temperature',
  'Thermocouple',
  'Voltage',
  'Volume Flow RateRMS',
];

/** All labelled files below `skab/`, whatever their folders. */
export function readSkab(dataFolder: string): SkabRecording[] {
  const folder = join(dataFolder, 'skab');
  const names = listTables(folder).filter((name) => !name.includes('anomaly-free'));
  if (names.length === 0) throw new Error(`--data: got no labelled file below ${folder}, at least one is needed`);
  return names.map((name) => toRecording(readTable(folder, name, ';')));
}

function toRecording(table: Table): SkabRecording {
  const columns = sensors.map((sensor) => numbersOf(table, sensor));
  const changes = flagsOf(table, 'changepoint');
  if (table.rows.length <= trainRows) {
    throw new Error(`${table.name}: got ${table.rows.length} rows, more than the ${trainRows} for training are needed`);
  }
  return {
    name: table.name,
    atS: secondsOf(table, 'datetime'),
    channels: sensors,
    values: table.rows.map((_, row) => columns.map((column) => column[row]!)),
    labels: flagsOf(table, 'anomaly'),
    scoredFrom: trainRows,
    changePoints: [...changes.keys()].filter((row) => changes[row] === 1 && row >= trainRows),
  };
}
