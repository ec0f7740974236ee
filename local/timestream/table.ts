import { setTimeout as sleep } from 'node:timers/promises';
import { contentOf, seriesKeyOf, type TimestreamRecord } from './record.ts';
import type { Column, DuckStore, StoredTable } from './store.ts';

/** Why one record of a call was refused; the others of the call are stored. */
export interface RejectedRecord {
  readonly RecordIndex: number;
  readonly Reason: string;
  readonly ExistingVersion?: number;
}

export interface Retention {
  readonly memoryStoreMs: number;
  readonly magneticStoreMs: number;
  /** Records older than the memory store go to the magnetic store instead of being refused. */
  readonly magneticWrites: boolean;
}

interface Remembered {
  readonly version: number;
  /** A hash of the measures. */
  readonly content: number;
}

interface Series {
  /** The newest time that is in the file and not in `recent`: what is newer needs no look-up, in whatever order it comes. */
  forgottenMs: number;
  /** The last records by time: a redelivered batch is recognised without asking the file. */
  readonly recent: Map<number, Remembered>;
}

export interface WriteOutcome {
  readonly rejected: readonly RejectedRecord[];
  readonly newRows: readonly TimestreamRecord[];
}

interface Call {
  readonly records: readonly TimestreamRecord[];
  readonly nowMs: number;
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** What goes into the file at once. */
interface Batch {
  readonly rows: TimestreamRecord[];
  readonly replaced: TimestreamRecord[];
}

/** How long a call waits for others to share its commit. */
const gatherMs = 10;
/** The last records of a series: a redelivered batch, or a rollup made anew, is recognised without asking the file. */
const rememberedPerSeries = 1024;
const maxFutureMs = 15 * 60_000;

/** Upserts into one table by Timestream's rules: series and time are the key, the higher version wins. */
export class TimestreamTable {
  readonly stored: StoredTable;
  private readonly store: DuckStore;
  private readonly retention: Retention;
  private series: Map<string, Series>;
  private readonly waiting: Call[] = [];
  private isWriting = false;
  private readonly touched = new Set<Series>();

  private constructor(store: DuckStore, stored: StoredTable, retention: Retention, newest: Map<string, number>) {
    this.store = store;
    this.stored = stored;
    this.retention = retention;
    this.series = startSeries(newest);
  }

  static async open(
    store: DuckStore,
    name: { database: string; table: string },
    retention: Retention,
  ): Promise<TimestreamTable> {
    const stored = await store.openTable(name.database, name.table);
    return new TimestreamTable(store, stored, retention, await store.newestTimes(stored));
  }

  /**
   * Stores what may be stored. Calls are taken in turn, so that each sees what the one before it wrote; those that come
   * while the file is busy are written together, for a commit costs much the same for one call as for twenty.
   */
  write(records: readonly TimestreamRecord[], nowMs: number): Promise<WriteOutcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ records, nowMs, resolve, reject });
      if (!this.isWriting) void this.writeWaiting();
    });
  }

  async dropExpired(nowMs: number): Promise<void> {
    await this.store.dropBefore(this.stored, nowMs - this.retention.magneticStoreMs);
  }

  private async writeWaiting(): Promise<void> {
    this.isWriting = true;
    while (this.waiting.length > 0) {
      await sleep(gatherMs);
      const calls = this.waiting.splice(0);
      try {
        const batch: Batch = { rows: [], replaced: [] };
        const outcomes: WriteOutcome[] = [];
        for (const call of calls) outcomes.push(await this.sortIn(call, batch));
        if (batch.rows.length > 0) await this.commit(batch.rows, batch.replaced);
        this.forgetOld();
        for (const [i, call] of calls.entries()) call.resolve(outcomes[i]!);
      } catch (error) {
        for (const call of calls) call.reject(error);
      }
    }
    this.isWriting = false;
  }

  private async sortIn({ records, nowMs }: Call, { rows, replaced }: Batch): Promise<WriteOutcome> {
    const rejected: RejectedRecord[] = [];
    const newRows: TimestreamRecord[] = [];
    for (const [i, record] of records.entries()) {
      const seriesKey = seriesKeyOf(record);
      const problem =
        this.findTimeProblem(record, nowMs) ?? (this.hasColumns(record) ? null : await this.prepareColumns(record));
      const existing = problem === null ? await this.findExisting(record, seriesKey) : undefined;
      const verdict = problem === null ? judge(record, existing) : { kind: 'refuse' as const, reason: problem };
      if (verdict.kind === 'refuse') {
        rejected.push({
          RecordIndex: i,
          Reason: verdict.reason,
          ...(existing && { ExistingVersion: existing.version }),
        });
        continue;
      }
      if (verdict.kind === 'same') continue;
      if (verdict.kind === 'replace') makeRoom(record, rows, replaced);
      else newRows.push(record);
      rows.push(record);
      this.remember(record, seriesKey);
    }
    return { rejected, newRows };
  }

  private findTimeProblem(record: TimestreamRecord, nowMs: number): string | null {
    if (record.timeMs > nowMs + maxFutureMs)
      return `The record timestamp is more than 15 minutes in the future: ${record.timeMs}`;
    const oldestMs =
      nowMs - (this.retention.magneticWrites ? this.retention.magneticStoreMs : this.retention.memoryStoreMs);
    return record.timeMs < oldestMs
      ? `The record timestamp is outside the time range of the data ingestion window: ${record.timeMs}`
      : null;
  }

  private hasColumns({ dimensions, measures }: TimestreamRecord): boolean {
    const { columns } = this.stored;
    for (const { name } of dimensions) if (columns.get(name)?.kind !== 'dimension') return false;
    for (const { column, type } of measures) {
      const known = columns.get(column);
      if (known?.kind !== 'measure' || known.type !== type) return false;
    }
    return true;
  }

  /** Adds the columns a record brings; a name that already means something else refuses the record, and it brings none. */
  private async prepareColumns({ dimensions, measures }: TimestreamRecord): Promise<string | null> {
    const { columns } = this.stored;
    const added = new Map<string, Column>();
    for (const { name } of dimensions) {
      const known = columns.get(name);
      if (known === undefined) added.set(name, { kind: 'dimension', type: 'VARCHAR' });
      else if (known.kind !== 'dimension') return `Dimension name ${name} is already a measure or a reserved name`;
    }
    for (const { column, type } of measures) {
      const known = columns.get(column) ?? added.get(column);
      if (known === undefined) added.set(column, { kind: 'measure', type });
      else if (known.kind !== 'measure') return `Measure name ${column} is already a dimension or a reserved name`;
      else if (known.type !== type) return `Measure ${column} is stored as ${known.type}, got ${type}`;
    }
    if (added.size > 0) await this.store.addColumns(this.stored, added);
    return null;
  }

  private async findExisting(record: TimestreamRecord, seriesKey: string): Promise<Remembered | undefined> {
    const series = this.series.get(seriesKey);
    if (series === undefined) return undefined;
    const known = series.recent.get(record.timeMs);
    return known === undefined && record.timeMs <= series.forgottenMs ? this.store.find(this.stored, record) : known;
  }

  /** Where the file fails, what was remembered of this call is forgotten: the caller will send it again. */
  private async commit(rows: readonly TimestreamRecord[], replaced: readonly TimestreamRecord[]): Promise<void> {
    try {
      await this.store.write(this.stored, rows, replaced);
    } catch (error) {
      this.series = startSeries(await this.store.newestTimes(this.stored));
      throw error;
    }
  }

  /** Only what is in the file may be forgotten: until then it is found nowhere else. */
  private forgetOld(): void {
    for (const series of this.touched) {
      const times = series.recent.keys();
      while (series.recent.size > rememberedPerSeries) {
        const timeMs = times.next().value!;
        series.recent.delete(timeMs);
        series.forgottenMs = Math.max(series.forgottenMs, timeMs);
      }
    }
    this.touched.clear();
  }

  private remember(record: TimestreamRecord, key: string): void {
    let series = this.series.get(key);
    if (series === undefined) {
      series = { forgottenMs: Number.NEGATIVE_INFINITY, recent: new Map() };
      this.series.set(key, series);
    }
    series.recent.set(record.timeMs, { version: record.version, content: contentOf(record) });
    this.touched.add(series);
  }
}

const startSeries = (newest: ReadonlyMap<string, number>): Map<string, Series> =>
  new Map([...newest].map(([key, newestMs]) => [key, { forgottenMs: newestMs, recent: new Map() }]));

/** A newer version takes the place of the row in this very call, or of the one in the file. */
function makeRoom(record: TimestreamRecord, rows: TimestreamRecord[], replaced: TimestreamRecord[]): void {
  const key = seriesKeyOf(record);
  const inCall = rows.findIndex((row) => row.timeMs === record.timeMs && seriesKeyOf(row) === key);
  if (inCall >= 0) rows.splice(inCall, 1);
  else replaced.push(record);
}

type Verdict = { readonly kind: 'new' | 'same' | 'replace' } | { readonly kind: 'refuse'; readonly reason: string };

function judge(record: TimestreamRecord, existing: Remembered | undefined): Verdict {
  if (existing === undefined) return { kind: 'new' };
  if (record.version > existing.version) return { kind: 'replace' };
  const isSame = record.version === existing.version && contentOf(record) === existing.content;
  if (isSame) return { kind: 'same' };
  return {
    kind: 'refuse',
    reason: `The record version ${record.version} is not higher than the existing version ${existing.version}.`,
  };
}
