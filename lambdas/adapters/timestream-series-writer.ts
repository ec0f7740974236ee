import {
  type RejectedRecord,
  RejectedRecordsException,
  type TimestreamWriteClient,
  ValidationException,
  type _Record as WriteRecord,
  WriteRecordsCommand,
} from '@aws-sdk/client-timestream-write';
import type { RefusedRow, SeriesOutcome, SeriesRow, SeriesWriter } from '../ports/series-writer.ts';
import { chunksOf, inParallel } from './in-parallel.ts';
import { fieldsOf, type SeriesField, tagsOf } from './series-layout.ts';

/** Per request, whatever the account (Timestream for LiveAnalytics developer guide, "Quotas"). */
const recordsPerRequest = 100;
/** Requests at a time: one connection writes some 25 requests a second, and the batch waits for the last. */
const requestsInFlight = 8;

/**
 * Writes rows as multi-measure records, a hundred a request. Refused rows come back by index while the others are
 * stored, so each row is judged alone; a request that fails as a whole for its content is halved until the row that
 * spoils it stands alone. What the SDK's own retries could not place is given back as unwritten.
 */
export class TimestreamSeriesWriter implements SeriesWriter {
  private readonly client: TimestreamWriteClient;
  private readonly table: { readonly DatabaseName: string; readonly TableName: string };

  constructor(client: TimestreamWriteClient, table: { readonly database: string; readonly table: string }) {
    this.client = client;
    this.table = { DatabaseName: table.database, TableName: table.table };
  }

  async write(rows: readonly SeriesRow[]): Promise<SeriesOutcome> {
    const outcomes = await inParallel(chunksOf(rows, recordsPerRequest), requestsInFlight, (chunk) =>
      this.writeChunk(chunk),
    );
    return {
      duplicates: outcomes.reduce((sum, outcome) => sum + outcome.duplicates, 0),
      refused: outcomes.flatMap((outcome) => outcome.refused),
      unwritten: outcomes.flatMap((outcome) => outcome.unwritten),
    };
  }

  private async writeChunk(rows: readonly SeriesRow[]): Promise<SeriesOutcome> {
    try {
      await this.client.send(
        new WriteRecordsCommand({ ...this.table, CommonAttributes: common, Records: rows.map(toRecord) }),
      );
      return { duplicates: 0, refused: [], unwritten: [] };
    } catch (error) {
      if (error instanceof RejectedRecordsException) return sortRejections(rows, error.RejectedRecords ?? []);
      if (error instanceof ValidationException) return this.findSpoiler(rows, error.message);
      if (isPassing(error)) return { duplicates: 0, refused: [], unwritten: rows };
      throw error;
    }
  }

  private async findSpoiler(rows: readonly SeriesRow[], reason: string): Promise<SeriesOutcome> {
    const [only] = rows;
    if (only !== undefined && rows.length === 1)
      return { duplicates: 0, refused: [{ row: only, reason }], unwritten: [] };
    const middle = Math.ceil(rows.length / 2);
    const halves = [await this.writeChunk(rows.slice(0, middle)), await this.writeChunk(rows.slice(middle))] as const;
    return {
      duplicates: halves[0].duplicates + halves[1].duplicates,
      refused: [...halves[0].refused, ...halves[1].refused],
      unwritten: [...halves[0].unwritten, ...halves[1].unwritten],
    };
  }
}

const common = { MeasureValueType: 'MULTI', TimeUnit: 'MILLISECONDS' } as const;
const kinds = { double: 'DOUBLE', bigint: 'BIGINT', varchar: 'VARCHAR' } as const;

function toRecord(row: SeriesRow): WriteRecord {
  return {
    Dimensions: tagsOf(row).map(([Name, Value]) => ({ Name, Value })),
    MeasureName: row.sample.machineType,
    Time: String(row.sample.sampledAtMs),
    MeasureValues: fieldsOf(row).map(toMeasure),
  };
}

const toMeasure = ({ name, kind, value }: SeriesField) => ({ Name: name, Type: kinds[kind], Value: String(value) });

/** A row that stands there already, under the same or a higher version, is a duplicate and no loss. */
function sortRejections(rows: readonly SeriesRow[], rejected: readonly RejectedRecord[]): SeriesOutcome {
  const refused: RefusedRow[] = [];
  let duplicates = 0;
  for (const { RecordIndex = -1, Reason = 'no reason given', ExistingVersion } of rejected) {
    const row = rows[RecordIndex];
    if (ExistingVersion !== undefined) duplicates++;
    else if (row !== undefined) refused.push({ row, reason: Reason });
  }
  return { duplicates, refused, unwritten: [] };
}

const passingFaults: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'InternalServerException',
  'TimeoutError',
  'ECONNRESET',
  'ECONNREFUSED',
]);

function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
  const code = (error as { code?: string }).code ?? '';
  return passingFaults.has(error.name) || passingFaults.has(code) || status >= 500;
}
