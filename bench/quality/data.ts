import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A table of a public set: its header and its cells as text. */
export interface Table {
  /** Path below the set's folder without `.csv` or `.csv.gz`. */
  readonly name: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** All tables below a folder, by name; a file counts once whether it stands packed or not. */
export function listTables(folder: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    throw new Error(`--data: got no folder ${folder}, allowed is one with the public sets laid out as ../shared/data`);
  }
  const names = entries
    .filter((entry) => /\.csv(\.gz)?$/.test(entry))
    .map((entry) => entry.replace(/\.csv(\.gz)?$/, ''));
  if (names.length === 0) throw new Error(`--data: got no .csv and no .csv.gz below ${folder}, at least one is needed`);
  return [...new Set(names)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

export function readTable(folder: string, name: string, separator = ','): Table {
  const lines = readText(folder, `${name}.csv`).trimEnd().split(/\r?\n/);
  const [header, ...rows] = lines.map((line) => line.split(separator));
  return { name, header: header!, rows };
}

/** A file's text; falls back to the packed file of the same name. */
export function readText(folder: string, name: string): string {
  const path = join(folder, name);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  try {
    return gunzipSync(readFileSync(`${path}.gz`)).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(`--data: got no ${name} (nor ${name}.gz) in ${folder}`);
  }
}

/** One column as numbers; NaN where a cell is none. */
export function numbersOf(table: Table, column: string): Float64Array {
  const at = table.header.indexOf(column);
  if (at < 0) throw new Error(`${table.name}: got no column "${column}", there are ${table.header.join(', ')}`);
  return Float64Array.from(table.rows, (row) => (row[at]?.trim() ? Number(row[at]) : Number.NaN));
}

/** Seconds since 1970 of "2020-03-01 15:44:06", read as UTC: only differences matter. */
export function secondsOf(table: Table, column: string): Float64Array {
  const at = table.header.indexOf(column);
  return Float64Array.from(table.rows, (row) => Date.parse(`${row[at]!.trim().replace(' ', 'T')}Z`) / 1000);
}
