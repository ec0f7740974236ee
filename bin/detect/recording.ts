import type { Readable } from 'node:stream';
import type { Catalogue } from '../../core/machine-types/catalogue.ts';
import type { Result } from '../../core/result.ts';
import { failure } from '../../core/result.ts';
import { parsePayload, type Rejection } from '../../core/telemetry/parse.ts';
import type { Sample } from '../../core/telemetry/sample.ts';
import { type CsvReader, createCsvReader } from './csv-rows.ts';
import { readLines } from './lines.ts';

export interface RecordedSample {
  readonly line: number;
  readonly result: Result<Sample, Rejection>;
}

/**
 * All samples of a recording, refused ones among them, a chunk at a time. A first line that is no JSON object is the
 * header of a CSV. A machine whose type was told or recognised once keeps it.
 */
export async function* readRecording(
  input: Readable,
  catalogue: Catalogue,
  defaultType: string | undefined,
): AsyncGenerator<RecordedSample[]> {
  const reader = new RecordingReader(catalogue, defaultType);
  for await (const lines of readLines(input)) yield lines.flatMap((line) => reader.read(line));
}

class RecordingReader {
  private readonly catalogue: Catalogue;
  private readonly defaultType: string | undefined;
  private readonly typeOf = new Map<unknown, string>();
  private csv: CsvReader | undefined;
  private line = 0;
  private begun = false;

  constructor(catalogue: Catalogue, defaultType: string | undefined) {
    this.catalogue = catalogue;
    this.defaultType = defaultType;
  }

  read(text: string): RecordedSample[] {
    this.line++;
    const trimmed = text.trim();
    if (trimmed === '') return [];
    const isFirst = !this.begun;
    this.begun = true;
    if (isFirst && !trimmed.startsWith('{') && trimmed.includes(',')) {
      this.csv = createCsvReader(trimmed.replace(/^\uFEFF/, ''));
      return [];
    }
    return this.csv === undefined ? this.readJson(trimmed) : this.readRow(this.csv, text.replace(/\r$/, ''));
  }

  private readJson(text: string): RecordedSample[] {
    try {
      return this.parse(JSON.parse(text));
    } catch {
      return this.refuse('not_json', `line is not JSON: ${text.slice(0, 60)}`);
    }
  }

  private readRow(csv: CsvReader, line: string): RecordedSample[] {
    const row = csv.read(line);
    if (row === undefined) return [];
    return typeof row === 'string' ? this.refuse('not_an_object', row) : this.parse(row);
  }

  private parse(payload: unknown): RecordedSample[] {
    const { catalogue, line } = this;
    const knownType = this.typeOf.get(machineIdIn(payload)) ?? this.defaultType;
    const context = { findType: (name: string) => catalogue.findType(name), types: catalogue.types };
    const parsed = parsePayload(payload, knownType === undefined ? context : { ...context, defaultType: knownType });
    for (const result of parsed) if (result.ok) this.typeOf.set(result.value.machineId, result.value.machineType);
    return parsed.map((result) => ({ line, result }));
  }

  private refuse(reason: Rejection['reason'], message: string): RecordedSample[] {
    return [{ line: this.line, result: failure({ reason, message }) }];
  }
}

/** Of a sample, or of the first of a batch. */
function machineIdIn(payload: unknown): unknown {
  const object = payload as { machine_id?: unknown; samples?: unknown } | null;
  const first = Array.isArray(object?.samples) ? object.samples[0] : object;
  return (first as { machine_id?: unknown } | null)?.machine_id;
}
