import type { SeriesOutcome, SeriesRow, SeriesWriter } from '../ports/series-writer.ts';
import { chunksOf, inParallel } from './in-parallel.ts';
import { toLine } from './line-protocol.ts';

export interface InfluxDbPlace {
  /** Takes line protocol in milliseconds: `https://host:8181/api/v3/write_lp?db=factory&precision=millisecond`. */
  readonly writeUrl: string;
  /** Null where the server asks for none. */
  readonly token: () => Promise<string | null>;
}

/** InfluxDB's own advice ("Optimize writes"): batches of up to ten thousand lines; ours are wide. */
const linesPerRequest = 2000;
const requestsInFlight = 2;
const timeoutMs = 10_000;

/**
 * Writes rows as line protocol. The same machine and moment overwrite themselves, so a repetition changes nothing and
 * is not told apart from a first write. A refused line comes back by its number where the server names it (version 3);
 * else the request is halved until the line that spoils it stands alone.
 */
export class InfluxDbSeriesWriter implements SeriesWriter {
  private readonly place: InfluxDbPlace;

  constructor(place: InfluxDbPlace) {
    this.place = place;
  }

  async write(rows: readonly SeriesRow[]): Promise<SeriesOutcome> {
    const outcomes = await inParallel(chunksOf(rows, linesPerRequest), requestsInFlight, (chunk) =>
      this.writeChunk(chunk),
    );
    return join(outcomes);
  }

  private async writeChunk(rows: readonly SeriesRow[]): Promise<SeriesOutcome> {
    const answer = await this.post(rows.map(toLine).join('\n'));
    if (answer === 'away') return { ...stored, unwritten: rows };
    if (answer.ok) return stored;
    const body = await answer.text();
    if (answer.status === 429 || answer.status >= 500) return { ...stored, unwritten: rows };
    if (answer.status !== 400 && answer.status !== 422) {
      throw new Error(`InfluxDB answered ${answer.status}: ${body.slice(0, 200)}`);
    }
    const named = readRefusedLines(body);
    if (named.length > 0)
      return { ...stored, refused: named.flatMap(({ line, reason }) => refuse(rows[line - 1], reason)) };
    if (rows.length === 1) return { ...stored, refused: refuse(rows[0], body.trim()) };
    const middle = Math.ceil(rows.length / 2);
    return join([await this.writeChunk(rows.slice(0, middle)), await this.writeChunk(rows.slice(middle))]);
  }

  private async post(body: string): Promise<Response | 'away'> {
    const token = await this.place.token();
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    try {
      return await fetch(this.place.writeUrl, {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      if (error instanceof TypeError || (error as Error).name === 'TimeoutError') return 'away'; // no connection, or too slow
      throw error;
    }
  }
}

const stored: SeriesOutcome = { duplicates: 0, refused: [], unwritten: [] };

const refuse = (row: SeriesRow | undefined, reason: string): SeriesOutcome['refused'] =>
  row === undefined ? [] : [{ row, reason }];

const join = (outcomes: readonly SeriesOutcome[]): SeriesOutcome => ({
  duplicates: 0,
  refused: outcomes.flatMap((outcome) => outcome.refused),
  unwritten: outcomes.flatMap((outcome) => outcome.unwritten),
});

interface PartialWrite {
  readonly data?: readonly { readonly line_number?: number; readonly error_message?: string }[];
}

/** Version 3 stores the good lines and lists the others; older ones say something in prose. */
function readRefusedLines(body: string): { readonly line: number; readonly reason: string }[] {
  try {
    const { data } = JSON.parse(body) as PartialWrite;
    if (!Array.isArray(data)) return [];
    return data.map(({ line_number: line = 0, error_message: reason = 'refused' }) => ({ line, reason }));
  } catch {
    return []; // prose
  }
}
