import { join } from 'node:path';
import { listTables, numbersOf, readTable, readText, secondsOf, secondsOfText } from './data.ts';
import { type NabProfile, probationRows } from './nab-score.ts';
import type { Recording } from './recording.ts';

export interface NabRecording extends Recording {
  /** First and last row of each labelled window. */
  readonly windows: readonly (readonly [first: number, last: number])[];
}

/** Every series below `nab/data/` that `combined_windows.json` knows. */
export function readNab(dataFolder: string): NabRecording[] {
  const folder = join(dataFolder, 'nab');
  const known = readJson(folder, 'combined_windows.json') as Record<string, [string, string][]>;
  const names = listTables(join(folder, 'data')).filter((name) => known[`${name}.csv`] !== undefined);
  if (names.length === 0) {
    throw new Error(`--data: got no series below ${folder}/data that combined_windows.json names, one is needed`);
  }
  return names.map((name) => readSeries(folder, name, known[`${name}.csv`]!));
}

export function readProfiles(dataFolder: string): Readonly<Record<string, NabProfile>> {
  const profiles = readJson(join(dataFolder, 'nab', 'config'), 'profiles.json');
  return Object.fromEntries(
    Object.entries(profiles as Record<string, { CostMatrix: NabProfile }>).map(([name, { CostMatrix }]) => [
      name,
      CostMatrix,
    ]),
  );
}

function readJson(folder: string, name: string): unknown {
  const text = readText(folder, name);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name}: got no JSON (${(error as Error).message})`);
  }
}

function readSeries(folder: string, name: string, limits: readonly (readonly [string, string])[]): NabRecording {
  const table = readTable(join(folder, 'data'), name);
  const atS = secondsOf(table, 'timestamp');
  const windows = limits.map(([from, to]): [number, number] => {
    const [fromS, toS] = [secondsOfText(from) ?? Number.NaN, secondsOfText(to) ?? Number.NaN];
    const [first, last] = [atS.findIndex((t) => t >= fromS), atS.findLastIndex((t) => t <= toS)];
    if (first < 0 || last < first) throw new Error(`${name}: got a window ${from} to ${to} that holds no row`);
    return [first, last];
  });
  const labels = new Uint8Array(atS.length);
  for (const [first, last] of windows) labels.fill(1, first, last + 1);
  const values = Array.from(numbersOf(table, 'value'), (value) => [value]);
  const scoredFrom = Math.floor(probationRows(atS.length));
  return { name, atS, channels: ['value'], values, labels, windows, scoredFrom };
}
