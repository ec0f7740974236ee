import { join } from 'node:path';
import { listTables, numbersOf, readTable, readText, secondsOf } from './data.ts';
import { type NabProfile, probationRows } from './nab-score.ts';
import type { Recording } from './recording.ts';

export interface NabRecording extends Recording {
  /** First and last row of each labelled window. */
  readonly windows: readonly (readonly [first: number, last: number])[];
}

/** Every series below `nab/data/` that `combined_windows.json` knows. */
export function readNab(dataFolder: string): NabRecording[] {
  const folder = join(dataFolder, 'nab');
  const known = JSON.parse(readText(folder, 'combined_windows.json')) as Record<string, [string, string][]>;
  return listTables(join(folder, 'data'))
    .filter((name) => known[`${name}.csv`] !== undefined)
    .map((name) => readSeries(folder, name, known[`${name}.csv`]!));
}

export function readProfiles(dataFolder: string): Readonly<Record<string, NabProfile>> {
  const text = readText(join(dataFolder, 'nab', 'config'), 'profiles.json');
  const profiles = JSON.parse(text) as Record<string, { CostMatrix: NabProfile }>;
  return Object.fromEntries(Object.entries(profiles).map(([name, { CostMatrix }]) => [name, CostMatrix]));
}

function readSeries(folder: string, name: string, limits: readonly (readonly [string, string])[]): NabRecording {
  const table = readTable(join(folder, 'data'), name);
  const atS = secondsOf(table, 'timestamp');
  const windows = limits.map(([from, to]): [number, number] => {
    const [fromS, toS] = [secondsOfText(from), secondsOfText(to)];
    return [atS.findIndex((t) => t >= fromS), atS.findLastIndex((t) => t <= toS)];
  });
  const labels = new Uint8Array(atS.length);
  for (const [first, last] of windows) labels.fill(1, first, last + 1);
  const values = Array.from(numbersOf(table, 'value'), (value) => [value]);
  const scoredFrom = Math.floor(probationRows(atS.length));
  return { name, atS, channels: ['value'], values, labels, windows, scoredFrom };
}

const secondsOfText = (text: string): number => Date.parse(`${text.replace(' ', 'T').slice(0, 19)}Z`) / 1000;
