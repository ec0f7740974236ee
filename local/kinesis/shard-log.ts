/**
 * A shard's records on disk, in segments that are appended to and dropped whole once past retention.
 *
 * Appends of a few milliseconds are written together; `append` resolves when they are with the operating system,
 * so a killed process loses nothing that was acknowledged (a power cut may); until then no reader sees them. The newest
 * segments stay in memory as the bytes of their files, older ones are read back when asked for. Frame: length u32 ·
 * arrival f64 · key length u16 · key · data, little endian; a torn frame at the end of the newest segment is cut off at
 * open.
 */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  unlinkSync,
  writeSync,
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
  frames: Frames | null;
}

/** A segment's bytes, and where in them each record's frame begins. */
interface Frames {
  bytes: Buffer;
  readonly starts: number[];
}

export interface ShardLog {
  append(partitionKey: string, data: Uint8Array, arrivalMs: number): { index: number; written: Promise<void> };
  /** Records from `index` on, up to a count and a size; at least one where there is one. */
  read(index: number, maxRecords: number, maxBytes: number): StreamRecord[];
  readonly firstIndex: number;
  /** After the last record that is written. */
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
/** A write, and the acknowledgements after it, cost the same for one record as for fifty: these come together. */
const gatherMs = 10;
/** What is not written is not acknowledged: machines hold back until there is room. */
const fullDiskRetryMs = 200;
const firstBufferBytes = 64 * 1024;
const defaultSegmentBytes = 8 * 1024 * 1024;
const defaultSegmentsInMemory = 2;

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
  #nextIndex = 0;
  #writtenBytes = 0;
  #written: Promise<void> | null = null;
  /** The segment that was read from its file last. Whoever reads on comes back for it, and its records lie in it. */
  #readBack: { readonly segment: Segment; readonly frames: Frames } | null = null;

  constructor(folder: string, options: ShardLogOptions) {
    this.#folder = folder;
    this.#segmentBytes = options.segmentBytes ?? defaultSegmentBytes;
    this.#segmentsInMemory = options.segmentsInMemory ?? defaultSegmentsInMemory;
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder).sort()) this.#segments.push(openSegment(join(folder, name)));
    const last = this.#segments.at(-1);
    if (last === undefined) return;
    this.#descriptor = openSync(last.file, 'a');
    this.#writtenBytes = last.bytes;
    this.#nextIndex = last.firstIndex + last.count;
  }

  get appendedBytes(): number {
    return this.#appendedBytes;
  }

  get firstIndex(): number {
    return this.#segments[0]?.firstIndex ?? 0;
  }

  get nextIndex(): number {
    return this.#nextIndex;
  }

  append(partitionKey: string, data: Uint8Array, arrivalMs: number): { index: number; written: Promise<void> } {
    const segment = this.#segmentForAppend();
    const index = segment.firstIndex + segment.count;
    const at = segment.bytes;
    const keyBytes = Buffer.byteLength(partitionKey);
    const { bytes, starts } = makeRoom(segment, headerBytes + keyBytes + data.byteLength);
    bytes.writeUInt32LE(headerBytes + keyBytes - 4 + data.byteLength, at);
    bytes.writeDoubleLE(arrivalMs, at + 4);
    bytes.writeUInt16LE(keyBytes, at + 12);
    bytes.write(partitionKey, at + headerBytes);
    bytes.set(data, at + headerBytes + keyBytes);
    starts.push(at);
    segment.count += 1;
    segment.bytes += headerBytes + keyBytes + data.byteLength;
    segment.lastArrivalMs = arrivalMs;
    this.#appendedBytes += data.byteLength;
    this.#written ??= this.#writeSoon();
    return { index, written: this.#written };
  }

  read(index: number, maxRecords: number, maxBytes: number): StreamRecord[] {
    const found: StreamRecord[] = [];
    let bytes = 0;
    let at = Math.max(index, this.firstIndex);
    for (let s = this.#findSegment(at); s < this.#segments.length; s++) {
      const segment = this.#segments[s]!;
      const frames = this.#framesOf(segment);
      const end = Math.min(segment.firstIndex + frames.starts.length, this.#nextIndex);
      for (; at < end; at++) {
        const record = readRecord(frames, at - segment.firstIndex, at);
        bytes += record.data.byteLength;
        if (found.length >= maxRecords || (bytes > maxBytes && found.length > 0)) return found;
        found.push(record);
      }
    }
    return found;
  }

  findIndexAt(arrivalMs: number): number {
    const segment = this.#segments.find((candidate) => candidate.lastArrivalMs >= arrivalMs);
    if (segment === undefined) return this.nextIndex;
    const { bytes, starts } = this.#framesOf(segment);
    return segment.firstIndex + starts.findIndex((start) => bytes.readDoubleLE(start + 4) >= arrivalMs);
  }

  dropOlderThan(arrivalMs: number): void {
    while (this.#segments.length > 1 && this.#segments[0]!.lastArrivalMs < arrivalMs) {
      unlinkSync(this.#segments.shift()!.file);
    }
  }

  close(): void {
    this.#write();
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
  }

  #framesOf(segment: Segment): Frames {
    if (segment.frames !== null) return segment.frames;
    if (this.#readBack?.segment !== segment) this.#readBack = { segment, frames: readFrames(segment.file) };
    return this.#readBack.frames;
  }

  #findSegment(index: number): number {
    return this.#segments.findLastIndex((segment) => segment.firstIndex <= index);
  }

  #segmentForAppend(): Segment & { frames: Frames } {
    const last = this.#segments.at(-1);
    if (last !== undefined && (last.bytes < this.#segmentBytes || !this.#tryWrite())) {
      last.frames ??= readFrames(last.file);
      // It grows from here on; what was read back of it would not.
      if (this.#readBack?.segment === last) this.#readBack = null;
      return last as Segment & { frames: Frames };
    }
    this.close();
    const firstIndex = this.#nextIndex;
    const file = join(this.#folder, `${String(firstIndex).padStart(16, '0')}.log`);
    const frames = { bytes: Buffer.allocUnsafeSlow(firstBufferBytes), starts: [] };
    const segment = { firstIndex, file, count: 0, bytes: 0, lastArrivalMs: 0, frames };
    this.#segments.push(segment);
    this.#descriptor = openSync(file, 'a');
    this.#writtenBytes = 0;
    const evicted = this.#segments.at(-1 - this.#segmentsInMemory);
    if (evicted !== undefined) evicted.frames = null;
    return segment;
  }

  #writeSoon(): Promise<void> {
    return new Promise((done, fail) => {
      const attempt = (): void => {
        try {
          if (this.#tryWrite()) done();
          else setTimeout(attempt, fullDiskRetryMs);
        } catch (error) {
          this.#written = null;
          fail(error);
        }
      };
      setTimeout(attempt, gatherMs);
    });
  }

  /** False while the disk is full. The records are among the others and would be read later, refused or not: so they wait. */
  #tryWrite(): boolean {
    try {
      this.#write();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
      throw error;
    }
  }

  #write(): void {
    const segment = this.#segments.at(-1);
    if (segment?.frames === undefined || segment.frames === null) return;
    while (this.#writtenBytes < segment.bytes) {
      const { bytes } = segment.frames;
      this.#writtenBytes += writeSync(this.#descriptor, bytes, this.#writtenBytes, segment.bytes - this.#writtenBytes);
    }
    this.#nextIndex = segment.firstIndex + segment.count;
    this.#written = null;
  }
}

/** Records that were read keep the bytes they lie in: a greater buffer takes their place, it does not move them. */
function makeRoom(segment: Segment & { frames: Frames }, moreBytes: number): Frames {
  const { frames } = segment;
  const neededBytes = segment.bytes + moreBytes;
  if (neededBytes > frames.bytes.length) {
    const grown = Buffer.allocUnsafeSlow(Math.max(neededBytes, 2 * frames.bytes.length));
    frames.bytes.copy(grown, 0, 0, segment.bytes);
    frames.bytes = grown;
  }
  return frames;
}

function openSegment(file: string): Segment {
  const firstIndex = Number(file.slice(-20, -4));
  const bytes = readFileSync(file);
  const { starts, end } = findFrames(bytes);
  if (end < bytes.length) truncateSync(file, end);
  const lastStart = starts.at(-1);
  const lastArrivalMs = lastStart === undefined ? 0 : bytes.readDoubleLE(lastStart + 4);
  return { firstIndex, file, count: starts.length, bytes: end, lastArrivalMs, frames: null };
}

function readFrames(file: string): Frames {
  const bytes = readFileSync(file);
  return { bytes, starts: findFrames(bytes).starts };
}

function findFrames(bytes: Buffer): { starts: number[]; end: number } {
  const starts: number[] = [];
  let at = 0;
  while (at + headerBytes <= bytes.length) {
    const end = at + 4 + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    starts.push(at);
    at = end;
  }
  return { starts, end: at };
}

function readRecord({ bytes, starts }: Frames, place: number, index: number): StreamRecord {
  const at = starts[place]!;
  const end = at + 4 + bytes.readUInt32LE(at);
  const dataAt = at + headerBytes + bytes.readUInt16LE(at + 12);
  return {
    index,
    arrivalMs: bytes.readDoubleLE(at + 4),
    partitionKey: bytes.toString('utf8', at + headerBytes, dataAt),
    data: bytes.subarray(dataAt, end),
  };
}
