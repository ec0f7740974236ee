import type { MachineType } from '../machine-types/definition.ts';
import { failure, type Result, success } from '../result.ts';
import { type Sample, type SignalQuality, signalQualities } from './sample.ts';
import { parseTimestamp } from './timestamp.ts';
import { isMachineId, machineIdRule } from './topic.ts';

export const rejectionReasons = [
  'not_json',
  'not_an_object',
  'empty_batch',
  'bad_machine_id',
  'machine_id_mismatch',
  'unknown_machine_type',
  'bad_timestamp',
  'bad_sequence',
  'bad_quality',
  'bad_value',
] as const;
export type RejectionReason = (typeof rejectionReasons)[number];

/** Why a sample was refused: a code to count and one sentence to read. */
export interface Rejection {
  readonly reason: RejectionReason;
  readonly message: string;
}

export interface ParseContext {
  /** Finds a type by name; undefined where there is none. */
  readonly findType: (name: string) => MachineType | undefined;
  /** All types, in the order they are tried on a payload that names none. */
  readonly types: readonly MachineType[];
  /** The machine id in the topic: a payload that claims another is refused. */
  readonly topicMachineId?: string;
  /** Taken when the payload names no type. */
  readonly defaultType?: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Parses a message's text: one sample, or `{"samples":[…]}`. Each sample stands or falls alone. */
export function parseMessage(text: string, context: ParseContext): Result<Sample, Rejection>[] {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return [refuse('not_json', `message is not JSON: ${quote(text)}`)];
  }
  return parsePayload(message, context);
}

/** As parseMessage, for a payload that is already an object. */
export function parsePayload(message: unknown, context: ParseContext): Result<Sample, Rejection>[] {
  if (!isObject(message) || !Array.isArray(message.samples)) return [parseSample(message, context)];
  if (message.samples.length === 0)
    return [refuse('empty_batch', 'samples: got an empty list, at least one is needed')];
  return message.samples.map((sample: unknown) => parseSample(sample, context));
}

export function parseSample(payload: unknown, context: ParseContext): Result<Sample, Rejection> {
  if (!isObject(payload)) return refuse('not_an_object', `sample is not an object: ${quote(payload)}`);
  const type = findMachineType(payload, context);
  if (type === undefined) return refuseType(payload, context);
  const problem = checkIdentity(payload, context);
  if (problem !== undefined) return failure(problem);
  const sampledAtMs = parseTimestamp(payload.timestamp);
  if (Number.isNaN(sampledAtMs)) {
    return refuse(
      'bad_timestamp',
      `timestamp: got ${quote(payload.timestamp)}, allowed is ISO 8601 with a zone, like "2026-01-31T08:00:00.000Z", or milliseconds since 1970`,
    );
  }
  const sequence = payload.sequence ?? null;
  if (sequence !== null && !isSequence(sequence)) {
    return refuse('bad_sequence', `sequence: got ${quote(sequence)}, allowed is a whole number from 0`);
  }
  const quality = readQuality(payload.quality);
  if (quality === undefined) {
    return refuse(
      'bad_quality',
      `quality: got ${quote(payload.quality)}, allowed per signal: ${signalQualities.join(', ')}`,
    );
  }
  const reader = readerOf(type);
  const values: number[] = new Array(reader.paths.length);
  for (let i = 0; i < values.length; i++) {
    const value = readPath(payload, reader.paths[i]!);
    if (typeof value === 'number') values[i] = value;
    else if (value === undefined || value === null) values[i] = Number.NaN;
    else return refuse('bad_value', `${reader.paths[i]!.join('.')}: got ${quote(value)}, allowed is a number or null`);
  }
  return success({
    machineId: payload.machine_id as string,
    machineType: type.name,
    sampledAtMs,
    sequence,
    values,
    declaredQuality: quality,
    phase: readPhase(payload, reader),
    context: readContext(payload, reader),
  });
}

interface Reader {
  readonly paths: readonly (readonly string[])[];
  readonly phasePath: readonly string[] | null;
  readonly context: readonly { readonly name: string; readonly path: readonly string[] }[];
}

const readers = new WeakMap<MachineType, Reader>();

function readerOf(type: MachineType): Reader {
  let reader = readers.get(type);
  if (reader === undefined) {
    reader = {
      paths: type.signals.map((s) => s.path.split('.')),
      phasePath: type.phasePath?.split('.') ?? null,
      context: type.context.map((c) => ({ name: c.name, path: c.path.split('.') })),
    };
    readers.set(type, reader);
  }
  return reader;
}

function findMachineType(payload: Json, context: ParseContext): MachineType | undefined {
  if (typeof payload.machine_type === 'string') return context.findType(payload.machine_type);
  if (payload.machine_type !== undefined) return undefined;
  if (context.defaultType !== undefined) return context.findType(context.defaultType);
  return context.types.find(
    (type) => type.identifiedBy.length > 0 && type.identifiedBy.every((p) => hasPath(payload, p)),
  );
}

function refuseType(payload: Json, context: ParseContext): Result<Sample, Rejection> {
  const allowed = context.types.map((t) => t.name).join(', ');
  return refuse('unknown_machine_type', `machine_type: got ${quote(payload.machine_type)}, allowed are ${allowed}`);
}

function checkIdentity(payload: Json, context: ParseContext): Rejection | undefined {
  const id = payload.machine_id;
  if (typeof id !== 'string' || !isMachineId(id)) {
    return { reason: 'bad_machine_id', message: `machine_id: got ${quote(id)}, allowed is ${machineIdRule}` };
  }
  if (context.topicMachineId !== undefined && context.topicMachineId !== id) {
    const message = `machine_id: got "${id}" under the topic of "${context.topicMachineId}"; a machine speaks for itself only`;
    return { reason: 'machine_id_mismatch', message };
  }
  return undefined;
}

const noQuality: Readonly<Record<string, SignalQuality>> = Object.freeze({});

function readQuality(value: unknown): Readonly<Record<string, SignalQuality>> | undefined {
  if (value === undefined || value === null) return noQuality;
  if (!isObject(value)) return undefined;
  const isQuality = (q: unknown): boolean => (signalQualities as readonly unknown[]).includes(q);
  if (!Object.values(value).every(isQuality)) return undefined;
  return value as Readonly<Record<string, SignalQuality>>;
}

function readPhase(payload: Json, reader: Reader): string | null {
  if (reader.phasePath === null) return null;
  const phase = readPath(payload, reader.phasePath);
  return typeof phase === 'string' ? phase : null;
}

function readContext(payload: Json, reader: Reader): Record<string, string | number> {
  const context: Record<string, string | number> = {};
  for (const field of reader.context) {
    const value = readPath(payload, field.path);
    if (typeof value === 'string' || Number.isFinite(value)) context[field.name] = value as string | number;
  }
  return context;
}

function readPath(payload: Json, path: readonly string[]): unknown {
  let value: unknown = payload[path[0]!];
  for (let i = 1; i < path.length; i++) {
    if (!isObject(value)) return undefined;
    value = value[path[i]!];
  }
  return value;
}

const hasPath = (payload: Json, path: string): boolean => readPath(payload, path.split('.')) !== undefined;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSequence = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const refuse = (reason: RejectionReason, message: string): Result<never, Rejection> => failure({ reason, message });

function quote(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `"${text.slice(0, 60)}…"` : `"${text}"`;
}
