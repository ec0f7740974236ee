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

/** Refuses a file with a row that has more or fewer cells than the header: half a line would shift every figure. */
export function readTable(folder: string, name: string, separator = ','): Table {
  const text = readText(folder, `${name}.csv`).replace(/^\uFEFF/, '');
  const [header, ...rows] = text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.split(separator));
  if (rows.length === 0) throw new Error(`${name}: got no rows, a header and at least one are needed`);
  rows.forEach((row, i) => {
    if (row.length === header!.length) return;
    throw new Error(`${name}, line ${i + 2}: got ${row.length} cells, ${header!.length} are needed as in the header`);
  });
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

const missing = /^(nan|na|null)?$/i;

/** One column as numbers; NaN where a cell holds none. */
export function numbersOf(table: Table, column: string): Float64Array {
  return mapColumn(table, column, 'a number', (cell) => (missing.test(cell) ? Number.NaN : finiteOf(Number(cell))));
}

/** One column of numbers without a gap. */
export function wholeNumbersOf(table: Table, column: string): Float64Array {
  return mapColumn(table, column, 'a number', (cell) => (missing.test(cell) ? null : finiteOf(Number(cell))));
}

/** One column of labels. */
export function flagsOf(table: Table, column: string): Uint8Array {
  const flags = mapColumn(table, column, '0 or 1', (cell) =>
    [0, 1].find((flag) => cell !== '' && Number(cell) === flag),
  );
  return Uint8Array.from(flags);
}

/** Seconds since 1970 of "2020-03-01 15:44:06", read as UTC: only differences matter. */
export function secondsOf(table: Table, column: string): Float64Array {
  return mapColumn(table, column, 'a time such as 2020-03-01 15:44:06', secondsOfText);
}

/** null where it is no time. */
export function secondsOfText(text: string): number | null {
  return finiteOf(Date.parse(`${text.replace(' ', 'T').slice(0, 19)}Z`) / 1000);
}

const finiteOf = (value: number): number | null => (Number.isFinite(value) ? value : null);

export function mapColumn(
  table: Table,
  column: string,
  allowed: string,
  read: (cell: string) => number | null | undefined,
): Float64Array {
  const at = table.header.indexOf(column);
  if (at < 0) throw new Error(`${table.name}: got no column "${column}", there are ${table.header.join(', ')}`);
  return Float64Array.from(table.rows, (row, i) => {
    const cell = row[at]!.trim();
    const value = read(cell) ?? null;
    if (value === null) {
      throw new Error(`${table.name}, line ${i + 2}, column "${column}": got "${cell}", allowed is ${allowed}`);
    }
    return value;
  });
}
