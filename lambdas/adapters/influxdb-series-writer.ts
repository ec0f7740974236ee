import type { RefusedRow, SeriesOutcome, SeriesRow, SeriesWriter } from '../ports/series-writer.ts';
import { chunksOf, inParallel } from './in-parallel.ts';
import type { InfluxDbCaller } from './influxdb-caller.ts';
import type { InfluxDbPlace } from './influxdb-place.ts';
import { toLine } from './line-protocol.ts';

/** InfluxDB's own advice ("Optimize writes"): batches of up to ten thousand lines; ours are wide. */
const linesPerRequest = 2000;
const requestsInFlight = 2;
/** What fewer lines may mend: a wrong one among them, or more than 10 MB (InfluxDB 3, `max-http-request-size`). */
const contentFaults: ReadonlySet<number> = new Set([400, 413, 422]);

/**
 * Writes rows as line protocol. The same machine and moment overwrite themselves, so a repetition changes nothing and
 * is not told apart from a first write. A refused line comes back by its number where the server names it (version 3);
 * else the request is halved until the line that spoils it stands alone.
 */
export class InfluxDbSeriesWriter implements SeriesWriter {
  private readonly caller: InfluxDbCaller;
  private readonly place: InfluxDbPlace;
  private hasDatabase: boolean;

  constructor(caller: InfluxDbCaller, place: InfluxDbPlace) {
    this.caller = caller;
    this.place = place;
    this.hasDatabase = place.creation === null;
  }

  async write(rows: readonly SeriesRow[]): Promise<SeriesOutcome> {
    if (rows.length === 0) return stored;
    if (!(await this.makeDatabase())) return { ...stored, unwritten: rows };
    const outcomes = await inParallel(chunksOf(rows, linesPerRequest), requestsInFlight, (chunk) =>
      this.writeChunk(chunk),
    );
    return join(outcomes);
  }

  /** Once a container; 409 says that it is there already, which is the rule. */
  private async makeDatabase(): Promise<boolean> {
    const { creation } = this.place;
    if (this.hasDatabase || creation === null) return true;
    const answer = await this.caller.post(creation.url, creation.body, 'application/json');
    if (answer === 'busy') return false;
    const body = await answer.text();
    if (!answer.ok && answer.status !== 409) throw refusal(answer, body);
    this.hasDatabase = true;
    return true;
  }

  private async writeChunk(rows: readonly SeriesRow[]): Promise<SeriesOutcome> {
    const answer = await this.caller.post(this.place.writeUrl, rows.map(toLine).join('\n'), 'text/plain');
    if (answer === 'busy') return { ...stored, unwritten: rows };
    const body = await answer.text();
    if (answer.ok) return stored;
    if (!contentFaults.has(answer.status)) throw refusal(answer, body);
    const refused = readRefusedRows(body, rows);
    if (refused !== null) return { ...stored, refused };
    const [only] = rows;
    if (only !== undefined && rows.length === 1) return { ...stored, refused: [{ row: only, reason: body.trim() }] };
    const middle = Math.ceil(rows.length / 2);
    return join([await this.writeChunk(rows.slice(0, middle)), await this.writeChunk(rows.slice(middle))]);
  }
}

const stored: SeriesOutcome = { duplicates: 0, refused: [], unwritten: [] };

const refusal = ({ status }: Response, body: string): Error =>
  new Error(`InfluxDB answered ${status}: ${body.slice(0, 200)}`);

const join = (outcomes: readonly SeriesOutcome[]): SeriesOutcome => ({
  duplicates: 0,
  refused: outcomes.flatMap((outcome) => outcome.refused),
  unwritten: outcomes.flatMap((outcome) => outcome.unwritten),
});

interface PartialWrite {
  readonly data?: readonly { readonly line_number?: number; readonly error_message?: string }[];
}

/**
 * Version 3 stores the good lines and lists the others; null when the answer lists none, or a line that was not
 * sent: then it can't be relied on to have stored the rest.
 */
function readRefusedRows(body: string, rows: readonly SeriesRow[]): RefusedRow[] | null {
  const { data } = parse(body);
  if (!Array.isArray(data) || data.length === 0) return null;
  const refused = data.flatMap(({ line_number: line = 0, error_message: reason = 'refused' }) => {
    const row = rows[line - 1];
    return row === undefined ? [] : [{ row, reason }];
  });
  return refused.length === data.length ? refused : null;
}

function parse(body: string): PartialWrite {
  try {
    return JSON.parse(body) as PartialWrite;
  } catch {
    return {}; // prose
  }
}
