import type { Readable } from 'node:stream';
import type { Catalogue } from '../../core/machine-types/catalogue.ts';
import type { Result } from '../../core/result.ts';
import { failure } from '../../core/result.ts';
import { parsePayload, type Rejection } from '../../core/telemetry/parse.ts';
import type { Sample } from '../../core/telemetry/sample.ts';
import { type CsvReader, createCsvReader } from './csv-rows.ts';
import { type JsonText, JsonTexts, opensMoreThanALine } from './json-texts.ts';
import { readLines } from './lines.ts';

export interface RecordedSample {
  readonly line: number;
  readonly result: Result<Sample, Rejection>;
}

/**
 * All samples of a recording, refused ones among them, a chunk at a time. A first line that is no JSON is the header of a
 * CSV; one that opens a list, or an object that goes on below, says that lines mean nothing here. A machine whose type was
 * told or recognised once keeps it.
 */
export async function* readRecording(
  input: Readable,
  catalogue: Catalogue,
  defaultType: string | undefined,
): AsyncGenerator<RecordedSample[]> {
  const reader = new RecordingReader(catalogue, defaultType);
  for await (const lines of readLines(input)) yield lines.flatMap((line) => reader.read(line));
  yield reader.end();
}

class RecordingReader {
  private readonly catalogue: Catalogue;
  private readonly defaultType: string | undefined;
  private readonly typeOf = new Map<unknown, string>();
  private csv: CsvReader | undefined;
  private texts: JsonTexts | undefined;
  private line = 0;
  private begun = false;

  constructor(catalogue: Catalogue, defaultType: string | undefined) {
    this.catalogue = catalogue;
    this.defaultType = defaultType;
  }

  read(text: string): RecordedSample[] {
    this.line++;
    const trimmed = (this.line === 1 ? text.replace(/^\uFEFF/, '') : text).trim();
    if (trimmed === '') return [];
    const isFirst = !this.begun;
    this.begun = true;
    if (isFirst && this.begin(trimmed)) return [];
    if (this.csv !== undefined) return this.readRow(this.csv, text.replace(/\r$/, ''));
    if (this.texts !== undefined) return this.texts.read(text, this.line).flatMap((one) => this.readText(one));
    return this.readJson(trimmed);
  }

  /** What was begun and not ended. */
  end(): RecordedSample[] {
    return (this.texts?.end() ?? []).map(({ text, line }) => refusal(line, `JSON without an end: ${quote(text)}`));
  }

  /** What the first line makes of the rest; true where that is all it says. */
  private begin(line: string): boolean {
    if (opensMoreThanALine(line)) this.texts = new JsonTexts();
    else if (!line.startsWith('{') && line.includes(',')) {
      this.csv = createCsvReader(line);
      return true;
    }
    return false;
  }

  private readJson(text: string): RecordedSample[] {
    try {
      return this.parse(JSON.parse(text));
    } catch {
      if (!/\}\s*\{/.test(text)) return [refusal(this.line, `${describeLine(text)}: ${quote(text)}`)];
    }
    const texts = new JsonTexts();
    return [...texts.read(text, this.line), ...texts.end()].flatMap((one) => this.readText(one));
  }

  private readText({ text, line }: JsonText): RecordedSample[] {
    try {
      return this.parse(JSON.parse(text), line);
    } catch {
      return [refusal(line, `not JSON: ${quote(text)}`)];
    }
  }

  private readRow(csv: CsvReader, line: string): RecordedSample[] {
    const row = csv.read(line);
    if (row === undefined) return [];
    return typeof row === 'string' ? [refusal(this.line, row, 'not_an_object')] : this.parse(row);
  }

  private parse(payload: unknown, line = this.line): RecordedSample[] {
    const { catalogue } = this;
    const knownType = this.typeOf.get(machineIdIn(payload)) ?? this.defaultType;
    const context = { findType: (name: string) => catalogue.findType(name), types: catalogue.types };
    const parsed = parsePayload(payload, knownType === undefined ? context : { ...context, defaultType: knownType });
    for (const result of parsed) if (result.ok) this.typeOf.set(result.value.machineId, result.value.machineType);
    return parsed.map((result) => ({ line, result }));
  }
}

const refusal = (line: number, message: string, reason: Rejection['reason'] = 'not_json'): RecordedSample => ({
  line,
  result: failure({ reason, message }),
});

const mostQuoted = 60;
/** A binary file must not speak to the terminal. */
const quote = (text: string): string => text.slice(0, mostQuoted).replace(/\p{C}|\uFFFD/gu, '·');

/** Of a sample, or of the first of a batch. */
function machineIdIn(payload: unknown): unknown {
  const object = payload as { machine_id?: unknown; samples?: unknown } | null;
  const first = Array.isArray(object?.samples) ? object.samples[0] : object;
  return (first as { machine_id?: unknown } | null)?.machine_id;
}

/** As a spreadsheet writes it where the decimal sign is a comma. */
const describeLine = (text: string): string =>
  /^[^{["]*[;\t]/.test(text) && !text.includes(',')
    ? 'line is not JSON, and as CSV its cells are parted by a semicolon or a tab, allowed is a comma'
    : 'line is not JSON';
