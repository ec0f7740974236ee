import type { Json } from '../engine.ts';

type Mutable = Record<string, unknown>;

/** JSON carries blobs as base64; engines see bytes. Only these services have blobs here, DynamoDB's aside. */
const servicesWithData = new Set(['kinesis', 'firehose']);

export function decodeBinary(service: string, input: Json): void {
  if (!servicesWithData.has(service)) return;
  decodeData(input as Mutable);
  if (input.Record !== undefined) decodeData(input.Record as Mutable);
  for (const record of (input.Records ?? []) as Mutable[]) decodeData(record);
}

export function encodeBinary(service: string, operation: string, output: Json): Json {
  if (service !== 'kinesis' || operation !== 'GetRecords') return output;
  const records = (output.Records as Mutable[]).map((record) => ({ ...record, Data: encodeBytes(record.Data) }));
  return { ...output, Records: records };
}

function decodeData(holder: Mutable): void {
  if (typeof holder.Data === 'string') holder.Data = Buffer.from(holder.Data, 'base64');
}

function encodeBytes(data: unknown): string {
  const bytes = data as Uint8Array;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
