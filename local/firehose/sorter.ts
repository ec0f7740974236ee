/** Sorts records into the objects that they go to: by the keys that a query finds in them, and the hour of their arrival. */
import { gzipSync } from 'node:zlib';
import type { PackedBytes } from '../kinesis/packed-records.ts';
import { compileQuery, type PickKeys } from './jq.ts';
import { createPlaces, hourMs, type Keys, type PlaceOf } from './prefix.ts';

export interface SortingRules {
  readonly prefix: string;
  readonly errorPrefix: string;
  /** Null where the keys of a record do not matter. */
  readonly query: string | null;
  readonly delimiter: string;
  readonly isGzip: boolean;
}

export interface Batch extends PackedBytes {
  readonly arrivalsMs: Float64Array;
}

export interface SortedObject {
  readonly prefix: string;
  readonly body: Uint8Array;
}

/** The fastest: a laptop has more disk than processor. */
const gzipLevel = 1;

export class Sorter {
  private readonly pickKeys: PickKeys | null;
  private readonly placeOf: PlaceOf;
  private readonly delimiter: Uint8Array;
  private readonly isGzip: boolean;
  private parts = new Map<string, Uint8Array[]>();

  constructor({ prefix, errorPrefix, query, delimiter, isGzip }: SortingRules) {
    this.pickKeys = query === null ? null : compileQuery(query);
    const keyNames = Object.keys(this.pickKeys?.({}) ?? {});
    this.placeOf = createPlaces({ prefix, errorPrefix, keyNames });
    this.delimiter = Buffer.from(delimiter);
    this.isGzip = isGzip;
  }

  add({ bytes, ends, arrivalsMs }: Batch): void {
    const all = Buffer.from(bytes.buffer);
    ends.forEach((end, i) => {
      const record = all.subarray(i === 0 ? 0 : ends[i - 1], end);
      const keys = this.pickKeys === null ? {} : readKeys(record, this.pickKeys);
      const chunks = this.partOf(this.placeOf(Math.floor(arrivalsMs[i]! / hourMs), keys));
      chunks.push(record);
      if (this.delimiter.byteLength > 0) chunks.push(this.delimiter);
    });
  }

  /** What was added since the last time. */
  take(): SortedObject[] {
    const taken = [...this.parts].map(([prefix, chunks]) => ({ prefix, body: this.pack(Buffer.concat(chunks)) }));
    this.parts = new Map();
    return taken;
  }

  private partOf(prefix: string): Uint8Array[] {
    const known = this.parts.get(prefix);
    if (known !== undefined) return known;
    const chunks: Uint8Array[] = [];
    this.parts.set(prefix, chunks);
    return chunks;
  }

  private pack(body: Buffer): Uint8Array {
    return this.isGzip ? gzipSync(body, { level: gzipLevel }) : body;
  }
}

const isKey = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

/** Null for a record that lacks one: Firehose sets it aside when "it fails to extract the specified partitioning keys". */
function readKeys(record: Buffer, pickKeys: PickKeys): Keys | null {
  try {
    const keys = pickKeys(JSON.parse(record.toString()));
    return Object.values(keys).every(isKey) ? keys : null;
  } catch {
    // What is no JSON goes under the error prefix.
    return null;
  }
}
