import { deflateRawSync, inflateRawSync } from 'node:zlib';

/**
 * A compressor takes 256 KB by default and lives until V8 collects, which it does for memory outside of the heap too: at 250 states a second
 * every 1.6 s, 45 ms each time (docs/adr/0018). This window takes 32 KB and packs as well; a collection took 10 ms with it.
 */
const packing = { level: 1, windowBits: 12, memLevel: 5, chunkSize: 4096 };

/**
 * JSON as DynamoDB is charged for it: by the kilobyte written. A present state of 7 to 10 KB packs to a fifth, at the
 * fastest level; what is filtered or sorted by stands beside it in attributes of its own.
 */
export const packJson = (value: unknown): Uint8Array => deflateRawSync(JSON.stringify(value), packing);

export const unpackJson = (packed: Uint8Array): unknown => JSON.parse(inflateRawSync(packed).toString('utf8'));
