import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Course } from '../../core/learning/courses.ts';
import { type Matrix, rowOf } from '../../core/learning/matrix.ts';
import { WindowFeatures, type WindowSettings } from '../../core/learning/window-features.ts';

/**
 * NASA's turbofan sets (C-MAPSS, Saxena and others 2008): per row unit, cycle, three settings, 21 sensors. FD002 and FD004 fly
 * at six operating conditions, told by the settings, which move the sensors far more than wear does: sensors are standardised
 * within their condition, by the training units.
 */
export const sensorCount = 21;
const columnCount = 5 + sensorCount;

export interface Flights {
  readonly units: Int32Array;
  readonly cycles: Int32Array;
  /** Per row; −1 where the training units never flew so. */
  readonly conditions: readonly string[];
  readonly sensors: Float64Array;
}

export function readFlights(folder: string, name: string): Flights {
  const lines = readText(folder, `${name}.csv`).trim().split(/\r?\n/);
  const hasHeader = /^\s*[a-z_"]/i.test(lines[0]!);
  const rows = lines
    .slice(hasHeader ? 1 : 0)
    .map((line, i) => readRow(line, `${name}.csv line ${i + 1 + Number(hasHeader)}`));
  const sensors = new Float64Array(rows.length * sensorCount);
  rows.forEach((row, i) => {
    sensors.set(row.slice(5, columnCount), i * sensorCount);
  });
  return {
    units: Int32Array.from(rows, (row) => row[0]!),
    cycles: Int32Array.from(rows, (row) => row[1]!),
    conditions: rows.map((row) => `${Math.round(row[2]!) + 0}/${Math.round(row[4]!) + 0}`),
    sensors,
  };
}

function readRow(line: string, where: string): number[] {
  const cells = line
    .trim()
    .split(/[,\s]+/)
    .map(Number);
  const bad = cells.slice(0, columnCount).findIndex((value) => !Number.isFinite(value));
  if (cells.length >= columnCount && bad < 0) return cells;
  if (bad >= 0) throw new Error(`${where}, column ${bad + 1}: got no number, allowed is one`);
  throw new Error(`${where}: got ${cells.length} columns, allowed are ${columnCount}`);
}

/** The true remaining life of each test unit after its last row, in the units' order. */
export function readRemaining(folder: string, fd: string): Float64Array {
  const values = readText(folder, `RUL_${fd}.txt`).trim().split(/\s+/).map(Number);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new Error(`RUL_${fd}.txt line ${bad + 1}: got no number, allowed is one`);
  return Float64Array.from(values);
}

/** The file, or the packed one of the same name. */
function readText(folder: string, name: string): string {
  const path = join(folder, name);
  if (existsSync(path)) return readFileSync(path, 'utf8');
  if (existsSync(`${path}.gz`)) return gunzipSync(readFileSync(`${path}.gz`)).toString('utf8');
  throw new Error(`--data: got no ${name} (nor ${name}.gz) in ${folder}`);
}

/** Mean and deviation of each sensor at each operating condition. */
export type ConditionScales = ReadonlyMap<string, { readonly means: Float64Array; readonly deviations: Float64Array }>;

/** A sensor whose deviation is below this share of its mean does not move at this condition. */
const leastShare = 1e-6;

export function learnConditions(flights: Flights): ConditionScales {
  const rowsOf = Map.groupBy(flights.conditions.keys(), (row) => flights.conditions[row]!);
  return new Map([...rowsOf].map(([condition, rows]) => [condition, scalesOf(flights.sensors, rows)]));
}

function scalesOf(sensors: Float64Array, rows: readonly number[]) {
  const means = new Float64Array(sensorCount);
  const deviations = new Float64Array(sensorCount);
  for (let s = 0; s < sensorCount; s++) {
    for (const row of rows) means[s]! += sensors[row * sensorCount + s]! / rows.length;
    for (const row of rows) deviations[s]! += (sensors[row * sensorCount + s]! - means[s]!) ** 2 / rows.length;
    deviations[s] = Math.sqrt(deviations[s]!);
    if (deviations[s]! <= leastShare * Math.abs(means[s]!)) deviations[s] = 0;
  }
  return { means, deviations };
}

/** Standardised sensors, one row a flight; NaN at a condition the training never saw. */
export function standardise(flights: Flights, scales: ConditionScales): Matrix {
  const values = new Float32Array(flights.sensors.length);
  flights.conditions.forEach((condition, row) => {
    const scale = scales.get(condition);
    for (let s = 0; s < sensorCount; s++) {
      const at = row * sensorCount + s;
      const deviation = scale?.deviations[s] ?? Number.NaN;
      values[at] = deviation === 0 ? 0 : (flights.sensors[at]! - (scale?.means[s] ?? 0)) / deviation;
    }
  });
  return { rows: flights.units.length, columns: sensorCount, values };
}

/** Window features of every row, course by course: each row knows the past of its wear and nothing else. */
export function describeFlights(courses: readonly Course[], signals: Matrix, windows: WindowSettings): Matrix {
  const columns = new WindowFeatures(signals.columns, windows).width;
  const values = new Float32Array(signals.rows * columns);
  const untold = new Float32Array(columns);
  for (const { rows, tells } of courses) {
    const features = new WindowFeatures(signals.columns, windows);
    rows.forEach((row, i) => {
      const sample = rowOf(signals, row);
      if (i < tells) features.update(sample, untold);
      else features.update(sample, values, row * columns);
    });
  }
  return { rows: signals.rows, columns, values };
}

/** The last row of each unit, in order. */
export const lastRows = ({ units }: Flights): Int32Array =>
  Int32Array.from(units.keys()).filter((row) => units[row] !== units[row + 1]);

/** Cycles left at each row of units that ran to their end. */
export function remainingToEnd(flights: Flights): Float64Array {
  const ends = new Map(Array.from(lastRows(flights), (row) => [flights.units[row]!, flights.cycles[row]!]));
  return Float64Array.from(flights.units, (unit, row) => ends.get(unit)! - flights.cycles[row]!);
}
