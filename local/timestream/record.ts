import { type Json, ServiceError } from '../engine.ts';
import { remember } from '../remember.ts';

/** Timestream's measure types and the columns that hold them here. */
export const columnTypes = {
  DOUBLE: 'DOUBLE',
  BIGINT: 'BIGINT',
  BOOLEAN: 'BOOLEAN',
  VARCHAR: 'VARCHAR',
  TIMESTAMP: 'TIMESTAMP',
} as const;
export type MeasureType = keyof typeof columnTypes;

export interface Measure {
  readonly column: string;
  readonly type: MeasureType;
  readonly value: string;
}

/** One record after CommonAttributes were merged into it. */
export interface TimestreamRecord {
  readonly dimensions: readonly { readonly name: string; readonly value: string }[];
  readonly measureName: string;
  readonly measures: readonly Measure[];
  readonly timeMs: number;
  readonly version: number;
}

/** Timestream's quotas for a write (developer guide, "Quotas"). */
export const maxRecordsPerWrite = 100;
const maxDimensions = 128;
const maxRecordBytes = 2048;
const maxNameBytes = 256;
const byteLengthOf = remember((name) => Buffer.byteLength(name));

const timeUnitMs: Readonly<Record<string, number>> = {
  SECONDS: 1000,
  MILLISECONDS: 1,
  MICROSECONDS: 1e-3,
  NANOSECONDS: 1e-6,
};

/** Merges and checks a record; throws ValidationException, which fails the whole call, as there. */
export function readRecord(raw: Json, common: Json): TimestreamRecord {
  const merged = { ...common, ...raw };
  const dimensions = [...list(common.Dimensions), ...list(raw.Dimensions)].map((d) => ({
    name: readName(d.Name, 'dimension'),
    value: String(d.Value),
  }));
  if (dimensions.length > maxDimensions)
    refuse(`a record has ${dimensions.length} dimensions, allowed are ${maxDimensions}`);
  const record = {
    dimensions: dimensions.sort((a, b) => (a.name < b.name ? -1 : 1)),
    measureName: readName(merged.MeasureName, 'measure'),
    measures: readMeasures(merged),
    timeMs: readTimeMs(merged.Time, merged.TimeUnit),
    version: readVersion(merged.Version ?? 1),
  };
  const bytes = sizeOf(record);
  if (bytes > maxRecordBytes) refuse(`a record has ${bytes} bytes, allowed are ${maxRecordBytes}`);
  return record;
}

/** Dimensions and measure name: which series a record belongs to. */
export const seriesKeyOf = (record: TimestreamRecord): string =>
  `${record.measureName}\n${record.dimensions.map((d) => `${d.name}=${d.value}`).join('\n')}`;

/** Whether two records of the same series, time and version say the same. */
export const contentOf = (record: TimestreamRecord): number =>
  hashContent(record.measures.map(({ column, value }) => [column, value]));

/** FNV-1a over names and values: a hundred times smaller to remember than the text. */
export function hashContent(measures: readonly (readonly [column: string, value: string])[]): number {
  let hash = 0x811c9dc5;
  for (const [column, value] of measures) {
    for (const text of [column, value]) {
      for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
      hash = Math.imul(hash ^ 0, 0x01000193);
    }
  }
  return hash;
}

function readMeasures(merged: Json): Measure[] {
  const type = String(merged.MeasureValueType ?? 'DOUBLE');
  if (type !== 'MULTI') {
    return [readMeasure(`measure_value::${type.toLowerCase()}`, type, merged.MeasureValue)];
  }
  const values = list(merged.MeasureValues);
  if (values.length === 0) refuse('a MULTI record needs MeasureValues');
  return values.map((m) => readMeasure(readName(m.Name, 'measure value'), String(m.Type), m.Value));
}

function readMeasure(column: string, type: string, value: unknown): Measure {
  if (!Object.hasOwn(columnTypes, type))
    refuse(`measure ${column}: type "${type}" is not one of ${Object.keys(columnTypes).join(', ')}`);
  if (typeof value !== 'string' || value === '')
    refuse(`measure ${column}: value ${JSON.stringify(value)} is not a text`);
  if (!isOfType[type as MeasureType](value)) refuse(`measure ${column}: "${value}" is not a ${type}`);
  return { column, type: type as MeasureType, value };
}

/** Of 64 bits, which eighteen digits always have room in: most values need no more than a look. */
const isWhole = (value: string): boolean =>
  /^[-+]?\d+$/.test(value) && (value.length <= 18 || BigInt.asIntN(64, BigInt(value)) === BigInt(value));

/** What the columns take: one value that they do not would fail the calls that share its commit. */
const isOfType: Readonly<Record<MeasureType, (value: string) => boolean>> = {
  // Number takes blanks alone for 0.
  DOUBLE: (value) => value.charCodeAt(0) > 32 && Number.isFinite(Number(value)),
  BIGINT: isWhole,
  TIMESTAMP: isWhole,
  BOOLEAN: (value) => /^(true|false)$/i.test(value),
  VARCHAR: () => true,
};

function readVersion(version: unknown): number {
  if (Number.isSafeInteger(version) && (version as number) >= 1) return version as number;
  return refuse(`Version ${JSON.stringify(version)} is not a whole number from 1`);
}

function readTimeMs(time: unknown, unit: unknown): number {
  const factor = timeUnitMs[String(unit ?? 'MILLISECONDS')];
  if (factor === undefined) refuse(`TimeUnit "${String(unit)}" is not one of ${Object.keys(timeUnitMs).join(', ')}`);
  const timeMs = Number(time) * (factor ?? 1);
  if (!/^\d+$/.test(String(time)) || !Number.isFinite(timeMs))
    refuse(`Time ${JSON.stringify(time)} is not a whole number`);
  return timeMs;
}

function readName(name: unknown, what: string): string {
  if (typeof name !== 'string' || name === '') refuse(`a ${what} needs a name`);
  if (byteLengthOf(name as string) > maxNameBytes) refuse(`${what} name has more than ${maxNameBytes} bytes`);
  return name as string;
}

function sizeOf(record: TimestreamRecord): number {
  const dimensions = record.dimensions.reduce((sum, d) => sum + d.name.length + d.value.length, 0);
  const measures = record.measures.reduce(
    (sum, m) => sum + m.column.length + (m.type === 'VARCHAR' ? m.value.length : 8),
    0,
  );
  return dimensions + measures + record.measureName.length + 8;
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);

function refuse(message: string): never {
  throw new ServiceError('ValidationException', message);
}
