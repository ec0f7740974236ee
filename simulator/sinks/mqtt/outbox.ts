/**
 * The queue of one connection: in order, bounded, on disk where memory ends or a restart could lose it.
 * The head of the queue is held in memory (the window); entries that overflow it, and window entries still unacknowledged
 * when `flush` comes round twice, are appended to the file. In ordinary work acknowledgements are faster and nothing is written.
 * A killed process loses at most what came since the last flush but one; one killed while it drains repeats what it had delivered
 * since the file was last emptied: at least once, never silently fewer.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../output-folder.ts';

export interface Entry {
  readonly topic: string;
  readonly text: string;
  readonly sampleCount: number;
  readonly bytes: number;
  onDisk: boolean;
  /** Has met a flush: at the next one it is overdue. */
  isOverdue: boolean;
  /** How often the connection ended while this entry alone was in flight. */
  strikes: number;
}

/** Shared by all outboxes of a process. */
export interface OutboxBudget {
  readonly limitBytes: number;
  usedBytes: number;
}

const windowEntries = 256;
/** What one read brings back into memory, of each connection that drains. */
const readChunkBytes = 65_536;
const compactAboveBytes = 16_777_216;

export class Outbox {
  /** Samples found in the file at the start. */
  readonly carriedOver: number;
  private readonly path: string;
  private readonly budget: OutboxBudget;
  /** Entries 0…sentCount−1 are in flight, the others wait. */
  private window: Entry[] = [];
  private sentCount = 0;
  private overflow: Entry[] = [];
  /** Behind the window and the in-memory overflow there are this many entries in the file, from this offset on. */
  private restEntries = 0;
  private restOffset = 0;
  private fileBytes = 0;
  private samples = 0;

  constructor(path: string, budget: OutboxBudget) {
    this.path = path;
    this.budget = budget;
    if (existsSync(path)) this.adopt();
    this.carriedOver = this.samples;
  }

  get queuedSamples(): number {
    return this.samples;
  }

  get inFlight(): number {
    return this.sentCount;
  }

  /** False when the bound is reached: the newest is refused, never an older one. */
  push(topic: string, text: string, sampleCount: number): boolean {
    const bytes = Buffer.byteLength(text);
    if (this.budget.usedBytes + bytes > this.budget.limitBytes) return false;
    this.budget.usedBytes += bytes;
    this.samples += sampleCount;
    const entry = { topic, text, sampleCount, bytes, onDisk: false, isOverdue: false, strikes: 0 };
    const behindWindow = this.restEntries > 0 || this.overflow.length > 0 || this.window.length >= windowEntries;
    (behindWindow ? this.overflow : this.window).push(entry);
    return true;
  }

  /** The oldest entry that is not in flight. */
  peek(): Entry | undefined {
    if (this.sentCount >= this.window.length) this.refill();
    return this.window[this.sentCount];
  }

  /** The entry that `peek` gave is in flight from now on. */
  markSent(): void {
    this.sentCount++;
  }

  /** Acknowledged or refused: either way it is gone. */
  remove(entry: Entry): void {
    const index = this.window.indexOf(entry);
    if (index >= 0) this.window.splice(index, 1);
    if (index >= 0 && index < this.sentCount) this.sentCount--;
    this.samples -= entry.sampleCount;
    this.budget.usedBytes -= entry.bytes;
    if (this.samples === 0 && this.fileBytes > 0) this.dropFile();
  }

  /** The connection is gone: what was in flight waits again, in its order. */
  rewind(): void {
    this.sentCount = 0;
  }

  /** Writes what is overdue, or everything that a restart would lose. */
  flush(everything = false): void {
    // The file is in order: what overflowed comes after all of the window.
    const all = everything || this.overflow.length > 0;
    const fromWindow = this.window.filter((entry) => !entry.onDisk && (all || entry.isOverdue));
    for (const entry of this.window) entry.isOverdue = true;
    if (fromWindow.length + this.overflow.length === 0) return;
    const windowLines = fromWindow.map(formatLine).join('');
    const overflowLines = this.overflow.map(formatLine).join('');
    if (this.fileBytes === 0) makeFolder(dirname(this.path));
    this.append(windowLines + overflowLines);
    // Window entries unwritten until now were never behind entries in the file, so the rest begins after them.
    if (this.restEntries === 0) this.restOffset = this.fileBytes + Buffer.byteLength(windowLines);
    this.fileBytes += Buffer.byteLength(windowLines) + Buffer.byteLength(overflowLines);
    this.restEntries += this.overflow.length;
    this.overflow = [];
    for (const entry of fromWindow) entry.onDisk = true;
    if (this.restOffset > compactAboveBytes) this.compact();
  }

  /** Leaves on disk exactly what is still queued. */
  close(): void {
    if (this.samples === 0) return;
    this.flush(true);
    this.compact();
  }

  /** Gives up what could not be written, and says how many samples that were. */
  abandonUnwritten(): number {
    const unwritten = [...this.window.filter((entry) => !entry.onDisk), ...this.overflow];
    this.overflow = [];
    for (const entry of unwritten) this.remove(entry);
    return unwritten.reduce((sum, entry) => sum + entry.sampleCount, 0);
  }

  /** All or nothing: half a line would hide every line after it. */
  private append(lines: string): void {
    try {
      appendFileSync(this.path, lines);
    } catch (error) {
      if (existsSync(this.path)) truncateSync(this.path, this.fileBytes);
      throw error;
    }
  }

  private refill(): void {
    if (this.restEntries === 0) {
      this.window.push(...this.overflow.splice(0, windowEntries));
      return;
    }
    // The overflow is younger than the rest; as long as there is a rest it waits.
    const { lines, bytes } = readLines(this.path, this.restOffset);
    for (const line of lines) this.window.push(parseLine(line)!);
    this.restOffset += bytes;
    this.restEntries -= lines.length;
  }

  /** Rewrites the file without what is already delivered. */
  private compact(): void {
    const head = Buffer.from(this.window.map(formatLine).join(''));
    const rest = this.restEntries > 0 ? readFileSync(this.path).subarray(this.restOffset) : Buffer.alloc(0);
    writeFileSync(`${this.path}.new`, Buffer.concat([head, rest]));
    renameSync(`${this.path}.new`, this.path);
    this.restOffset = head.length;
    this.fileBytes = head.length + rest.length;
  }

  private adopt(): void {
    const content = readFileSync(this.path);
    // A process killed in mid-write leaves a torn last line; it was never counted as kept.
    const whole = content.subarray(0, content.lastIndexOf(10) + 1);
    if (whole.length < content.length) writeFileSync(this.path, whole);
    this.fileBytes = whole.length;
    for (const line of whole.toString('utf8').split('\n').slice(0, -1)) {
      const entry = parseLine(line);
      if (entry === undefined)
        throw new Error(`outbox "${this.path}" holds a line that is no message: ${line.slice(0, 60)}`);
      this.restEntries++;
      this.samples += entry.sampleCount;
      this.budget.usedBytes += entry.bytes;
    }
  }

  private dropFile(): void {
    rmSync(this.path, { force: true });
    this.fileBytes = 0;
    this.restOffset = 0;
  }
}

const formatLine = (entry: Entry): string => `${JSON.stringify([entry.topic, entry.sampleCount, entry.text])}\n`;

function parseLine(line: string): Entry | undefined {
  try {
    const [topic, sampleCount, text] = JSON.parse(line) as [string, number, string];
    return { topic, text, sampleCount, bytes: Buffer.byteLength(text), onDisk: true, isOverdue: true, strikes: 0 };
  } catch {
    return undefined;
  }
}

/** Whole lines from an offset on: at least one, however long. */
function readLines(path: string, offset: number): { lines: string[]; bytes: number } {
  const file = openSync(path, 'r');
  try {
    for (let length = readChunkBytes; ; length *= 2) {
      const buffer = Buffer.allocUnsafe(length);
      const chunk = buffer.subarray(0, readSync(file, buffer, 0, length, offset));
      const bytes = chunk.lastIndexOf(10) + 1;
      if (bytes > 0) return { lines: chunk.toString('utf8', 0, bytes - 1).split('\n'), bytes };
      if (chunk.length < length) throw new Error(`outbox "${path}" ends in the middle of a message`);
    }
  } finally {
    closeSync(file);
  }
}
