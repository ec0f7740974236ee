import type { Delivery } from '../run.ts';
import type { Encoder } from './encoder.ts';
import type { Message } from './sink.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * Comma-separated rows (RFC 4180) under a header of dotted paths, `spindle.rpm`. The columns are those of the first payloads, so
 * that machines of several types share one file; a value without a column would be lost silently and is therefore an error.
 */
export function createCsvEncoder(firstPayloads: readonly Json[]): Encoder {
  const columns = [...new Set(firstPayloads.flatMap((payload) => listPaths(payload)))];
  const known = new Set(columns);
  let headerPending = true;
  const encode = (delivery: Delivery): Message => {
    const stranger = listPaths(delivery.payload).find((path) => !known.has(path));
    if (stranger !== undefined) {
      throw new Error(
        `csv: ${delivery.machineId} sent "${stranger}", which its first sample had not; write --out file`,
      );
    }
    const row = columns.map((path) => formatCell(readPath(delivery.payload, path))).join(',');
    const text = headerPending ? `${columns.join(',')}\n${row}` : row;
    headerPending = false;
    return { machineId: delivery.machineId, channel: delivery.channel, text, sampleCount: 1 };
  };
  return { encode, flush: () => [], heldSamples: () => 0 };
}

function listPaths(payload: Json, prefix = ''): string[] {
  return Object.entries(payload).flatMap(([key, value]) =>
    isObject(value) ? listPaths(value, `${prefix}${key}.`) : [prefix + key],
  );
}

function readPath(payload: Json, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), payload);
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function formatCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
