/**
 * A shard's records on disk, in segments that are appended to and dropped whole once past retention.
 *
 * Appends of a few milliseconds are written together; `append` resolves when they are with the operating system,
 * so a killed process loses nothing that was acknowledged (a power cut may). The newest segments stay in memory, older
 * ones are read back when asked for. Frame: length u32 · arrival f64 · key length u16 · key · data, little endian; a
 * torn frame at the end of the newest segment is cut off at open.
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  unlinkSync,
  writevSync,
} from 'node:fs';
import { join } from 'node:path';

export interface StreamRecord {
  /** Position in the shard, from 0. */
  readonly index: number;
  readonly arrivalMs: number;
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

interface Segment {
  readonly firstIndex: number;
  readonly file: string;
  count: number;
  bytes: number;
  lastArrivalMs: number;
  records: StreamRecord[] | null;
}

export interface ShardLog {
  append(partitionKey: string, data: Uint8Array, arrivalMs: number): { index: number; written: Promise<void> };
  /** Records from `index` on, up to a count and a size; at least one where there is one. */
  read(index: number, maxRecords: number, maxBytes: number): StreamRecord[];
  readonly firstIndex: number;
  /** Where the next record goes. */
  readonly nextIndex: number;
  /** Since it was opened. */
  readonly appendedBytes: number;
  findIndexAt(arrivalMs: number): number;
  dropOlderThan(arrivalMs: number): void;
  close(): void;
}

export interface ShardLogOptions {
  readonly segmentBytes?: number;
  readonly segmentsInMemory?: number;
}

const headerBytes = 14;
/** A write costs the same for one record as for fifty; those that come within this time are written together. */
const gatherMs = 3;
const defaultSegmentBytes = 8 * 1024 * 1024;
const defaultSegmentsInMemory = 4;

export function openShardLog(folder: string, options: ShardLogOptions = {}): ShardLog {
  return new SegmentedLog(folder, options);
}

class SegmentedLog implements ShardLog {
  readonly #folder: string;
  readonly #segmentBytes: number;
  readonly #segmentsInMemory: number;
  readonly #segments: Segment[] = [];
  #descriptor = -1;
  #appendedBytes = 0;
  #pending: Uint8Array[] = [];
  #written: Promise<void> | null = null;

  constructor(folder: string, options: ShardLogOptions) {
    this.#folder = folder;
    this.#segmentBytes = options.segmentBytes ?? defaultSegmentBytes;
    this.#segmentsInMemory = options.segmentsInMemory ?? defaultSegmentsInMemory;
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder).sort()) this.#segments.push(openSegment(join(folder, name)));
    const last = this.#segments.at(-1);
    if (last !== undefined) this.#descriptor = openSync(last.file, 'a');
  }

  get appendedBytes(): number {
    return this.#appendedBytes;
  }

  get firstIndex(): number {
    return this.#segments[0]?.firstIndex ?? 0;
  }

  get nextIndex(): number {
    const last = this.#segments.at(-1);
    return last === undefined ? 0 : last.firstIndex + last.count;
  }

  append(partitionKey: string, data: Uint8Array, arrivalMs: number): { index: number; written: Promise<void> } {
    const segment = this.#segmentForAppend();
    const index = segment.firstIndex + segment.count;
    const header = Buffer.allocUnsafe(headerBytes + Buffer.byteLength(partitionKey));
    header.writeUInt32LE(header.length - 4 + data.byteLength, 0);
    header.writeDoubleLE(arrivalMs, 4);
    header.writeUInt16LE(header.length - headerBytes, 12);
    header.write(partitionKey, headerBytes);
    this.#pending.push(header, data);
    segment.records?.push({ index, arrivalMs, partitionKey, data });
    segment.count += 1;
    segment.bytes += header.length + data.byteLength;
    segment.lastArrivalMs = arrivalMs;
    this.#appendedBytes += data.byteLength;
    this.#written ??= new Promise((done, fail) => {
      setTimeout(() => {
        try {
          this.#flush();
          done();
        } catch (error) {
          fail(error);
        }
      }, gatherMs);
    });
    return { index, written: this.#written };
  }

  read(index: number, maxRecords: number, maxBytes: number): StreamRecord[] {
    const found: StreamRecord[] = [];
    let bytes = 0;
    let at = Math.max(index, this.firstIndex);
    for (let s = this.#findSegment(at); s < this.#segments.length; s++) {
      const segment = this.#segments[s]!;
      const records = segment.records ?? readSegment(segment.file, segment.firstIndex).records;
      for (let i = at - segment.firstIndex; i < records.length; i++) {
        const record = records[i]!;
        bytes += record.data.byteLength;
        if (found.length >= maxRecords || (bytes > maxBytes && found.length > 0)) return found;
        found.push(record);
        at += 1;
      }
    }
    return found;
  }

  findIndexAt(arrivalMs: number): number {
    const segment = this.#segments.find((candidate) => candidate.lastArrivalMs >= arrivalMs);
    if (segment === undefined) return this.nextIndex;
    const records = segment.records ?? readSegment(segment.file, segment.firstIndex).records;
    return segment.firstIndex + records.findIndex((record) => record.arrivalMs >= arrivalMs);
  }

  dropOlderThan(arrivalMs: number): void {
    while (this.#segments.length > 1 && this.#segments[0]!.lastArrivalMs < arrivalMs) {
      unlinkSync(this.#segments.shift()!.file);
    }
  }

  close(): void {
    this.#flush();
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
  }

  #findSegment(index: number): number {
    return this.#segments.findLastIndex((segment) => segment.firstIndex <= index);
  }

  #segmentForAppend(): Segment {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.bytes < this.#segmentBytes) {
      last.records ??= readSegment(last.file, last.firstIndex).records;
      return last;
    }
    this.close();
    const firstIndex = this.nextIndex;
    const file = join(this.#folder, `${String(firstIndex).padStart(16, '0')}.log`);
    const segment: Segment = { firstIndex, file, count: 0, bytes: 0, lastArrivalMs: 0, records: [] };
    this.#segments.push(segment);
    this.#descriptor = openSync(file, 'a');
    const evicted = this.#segments.at(-1 - this.#segmentsInMemory);
    if (evicted !== undefined) evicted.records = null;
    return segment;
  }

  #flush(): void {
    const pending = this.#pending;
    this.#pending = [];
    this.#written = null;
    // The kernel takes at most 1024 buffers a call (IOV_MAX).
    for (let i = 0; i < pending.length; i += 1024) writevSync(this.#descriptor, pending.slice(i, i + 1024));
  }
}

function openSegment(file: string): Segment {
  const firstIndex = Number(file.slice(-20, -4));
  const { records, validBytes, torn } = readSegment(file, firstIndex);
  if (torn) truncateSync(file, validBytes);
  const lastArrivalMs = records.at(-1)?.arrivalMs ?? 0;
  return { firstIndex, file, count: records.length, bytes: validBytes, lastArrivalMs, records: null };
}

function readSegment(file: string, firstIndex: number): { records: StreamRecord[]; validBytes: number; torn: boolean } {
  const bytes = readFileSync(file);
  const records: StreamRecord[] = [];
  let at = 0;
  while (at + headerBytes <= bytes.length) {
    const end = at + 4 + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    const dataAt = at + headerBytes + bytes.readUInt16LE(at + 12);
    records.push({
      index: firstIndex + records.length,
      arrivalMs: bytes.readDoubleLE(at + 4),
      partitionKey: bytes.toString('utf8', at + headerBytes, dataAt),
      data: bytes.subarray(dataAt, end),
    });
    at = end;
  }
  return { records, validBytes: at, torn: at < bytes.length };
}
