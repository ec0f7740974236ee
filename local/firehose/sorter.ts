/** Sorts records by where they go: by the keys that a query finds in them, and the hour of their arrival. */
import type { StreamRecord } from '../kinesis/shard-log.ts';
import { compileQuery, type PickKeys } from './jq.ts';
import { createPlaces, hourMs, type Keys } from './prefix.ts';

export interface SortingRules {
  readonly prefix: string;
  readonly errorPrefix: string;
  /** Null where the keys of a record do not matter. */
  readonly query: string | null;
  readonly delimiter: string;
  readonly isGzip: boolean;
}

/** Adds a record to its part; says by how many bytes. */
export type SortRecord = (record: StreamRecord, parts: Map<string, Uint8Array[]>) => number;

/** Refuses rules that it cannot follow. */
export function createSorter({ prefix, errorPrefix, query, delimiter }: SortingRules): SortRecord {
  const pickKeys = query === null ? null : compileQuery(query);
  const placeOf = createPlaces({ prefix, errorPrefix, keyNames: Object.keys(pickKeys?.({}) ?? {}) });
  const between = Buffer.from(delimiter);
  return ({ data, arrivalMs }, parts) => {
    const keys = pickKeys === null ? {} : readKeys(data, pickKeys);
    const place = placeOf(Math.floor(arrivalMs / hourMs), keys);
    const chunks = parts.get(place) ?? [];
    parts.set(place, chunks);
    chunks.push(data);
    if (between.byteLength > 0) chunks.push(between);
    return data.byteLength + between.byteLength;
  };
}

const isKey = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

/** Null for a record that lacks one: Firehose sets it aside when "it fails to extract the specified partitioning keys". */
function readKeys({ buffer, byteOffset, byteLength }: Uint8Array, pickKeys: PickKeys): Keys | null {
  try {
    const keys = pickKeys(JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString()));
    return Object.values(keys).every(isKey) ? keys : null;
  } catch {
    // What is no JSON goes under the error prefix.
    return null;
  }
}
