import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { MachineType } from '../../core/machine-types/definition.ts';
import { parseTimestamp } from '../../core/telemetry/timestamp.ts';
import { nothingFound } from './found-states.ts';
import { createReader, type LabelledSample, labelOf } from './labelled-lives.ts';

/** Where a table names no moments: smoothing reckons in seconds. */
const assumedIntervalMs = 60_000;

/** What a user can put right: told as one sentence, without a stack. */
export class TrainingDataError extends Error {}

/**
 * A CSV with a header: one column a signal (by its path), `state`, and `unit` or `machine_id`; `rul_hours` and `failure_mode` where
 * known. Nothing is trained on a file with a mistake: the line and the column are named.
 */
export function readCsv(file: string, type: MachineType, found = nothingFound): LabelledSample[] {
  const lines = readText(file).trimEnd().split(/\r?\n/);
  const header = lines[0]!.split(',').map((cell) => cell.trim());
  const at = columnsOf(file, header, type);
  if (at.time < 0 && found !== nothingFound)
    throw new TrainingDataError(`${file}: got no column "timestamp", which --labels needs`);
  return lines.slice(1).flatMap((line, i) => {
    const cells = line.split(',');
    const where = `${file} line ${i + 2}`;
    if (cells.length !== header.length) {
      throw new TrainingDataError(
        `${where}: got ${cells.length} columns, allowed are ${header.length} as in the header`,
      );
    }
    const number = (column: number): number => readNumber(cells[column]!, `${where}, column ${header[column]}`);
    const state = cells[at.state]!.trim();
    if (state === '') throw new TrainingDataError(`${where}, column state: got nothing, allowed is a state's name`);
    const sample = {
      unit: cells[at.unit]!.trim(),
      atMs: at.time < 0 ? i * assumedIntervalMs : readTime(cells[at.time]!, `${where}, column ${header[at.time]}`),
      values: at.signals.map((column) => (column < 0 ? Number.NaN : number(column))),
      state,
      rulHours: at.rul < 0 || cells[at.rul]!.trim() === '' ? null : number(at.rul),
      failureMode: at.mode < 0 ? null : cells[at.mode]!.trim() || null,
    };
    return found.relabel(sample) ?? [];
  });
}

function columnsOf(file: string, header: readonly string[], type: MachineType) {
  const find = (...names: string[]): number => header.findIndex((cell) => names.includes(cell));
  const signals = type.signals.map((signal) => find(signal.path, signal.name));
  const missing = type.signals.find((signal, i) => signal.required && signals[i]! < 0);
  if (missing) throw new TrainingDataError(`${file}: got no column "${missing.path}", which ${type.name} needs`);
  const state = find('state');
  const unit = find('unit', 'machine_id');
  if (state < 0) throw new TrainingDataError(`${file}: got no column "state"`);
  if (unit < 0) throw new TrainingDataError(`${file}: got no column "unit" nor "machine_id"`);
  return { signals, state, unit, time: find('timestamp'), rul: find('rul_hours'), mode: find('failure_mode') };
}

function readTime(cell: string, where: string): number {
  const text = cell.trim();
  const atMs = parseTimestamp(/^\d+$/.test(text) ? Number(text) : text);
  if (!Number.isNaN(atMs)) return atMs;
  throw new TrainingDataError(`${where}: got "${text.slice(0, 40)}", allowed is ISO 8601 with a zone, or milliseconds`);
}

function readNumber(cell: string, where: string): number {
  const text = cell.trim();
  if (text === '') return Number.NaN;
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new TrainingDataError(`${where}: got "${text.slice(0, 40)}", allowed is a number or nothing`);
}

/**
 * What the archive holds: files of one JSON sample (or `{"samples":[…]}`) a line, packed or not, in any depth of folders. Taken is
 * what tells its state itself, or what people found out about.
 */
export function readArchive(path: string, type: MachineType, found = nothingFound): LabelledSample[] {
  const read = createReader(type);
  return listFiles(path).flatMap((file) =>
    readText(file)
      .trimEnd()
      .split('\n')
      .flatMap((line, i) => parseLine(line, `${file} line ${i + 1}`))
      .filter((payload) => payload.machine_type === type.name)
      .flatMap((payload) => {
        const sample = labelOf(payload, read(payload), parseTimestamp(payload.timestamp));
        return found.relabel({ ...sample, state: typeof payload.state === 'string' ? payload.state : null }) ?? [];
      }),
  );
}

type Payload = Readonly<Record<string, unknown>>;

function parseLine(line: string, where: string): Payload[] {
  let message: Payload & { samples?: unknown };
  try {
    message = JSON.parse(line) as Payload;
  } catch {
    throw new TrainingDataError(`${where}: got no JSON, allowed is one sample a line`);
  }
  return Array.isArray(message.samples) ? (message.samples as Payload[]) : [message];
}

function listFiles(path: string): string[] {
  if (!existsSync(path)) throw new TrainingDataError(`--data-path: got "${path}", which does not exist`);
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}

export function readText(file: string, flag = '--data-path'): string {
  if (!existsSync(file)) throw new TrainingDataError(`${flag}: got "${file}", which does not exist`);
  const bytes = readFileSync(file);
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return (isPacked ? gunzipSync(bytes) : bytes).toString('utf8');
}
