import type { Log } from '../ports/telling.ts';
import { propertiesSchema, requestSchema } from './request.ts';

/** One row that has these columns; its value means nothing. */
export interface ColumnRow {
  readonly table: string;
  readonly measureName: string;
  readonly atMs: number;
  readonly columns: readonly string[];
}

export interface SeriesColumnsDeps {
  write(database: string, rows: readonly ColumnRow[]): Promise<void>;
  answer(url: string, outcome: object): Promise<void>;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** A record has 2 KB at most (Timestream developer guide, "Quotas"): forty names of up to forty letters fit. */
const columnsPerRow = 40;
/** Old enough that no page shows it, young enough for every retention that a stage may have. */
const ageMs = 12 * 3_600_000;

/**
 * Timestream makes a column with the first value in it, and refuses a scheduled query over columns that are not there: no
 * empty account could take the stack. So rows of no machine bring the columns of every machine type with the deployment.
 */
export function createSeriesColumnsHandler({ write, answer, nowMs, log }: SeriesColumnsDeps) {
  return async (event: unknown): Promise<void> => {
    const request = requestSchema.parse(event);
    const reply = (outcome: object): Promise<void> =>
      answer(request.ResponseURL, {
        StackId: request.StackId,
        RequestId: request.RequestId,
        LogicalResourceId: request.LogicalResourceId,
        PhysicalResourceId: request.PhysicalResourceId ?? 'series-columns',
        ...outcome,
      });
    try {
      // The columns go with their tables.
      if (request.RequestType !== 'Delete') await writeColumns(request.ResourceProperties, { write, nowMs });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error('the columns could not be made', { reason });
      return reply({ Status: 'FAILED', Reason: reason.slice(0, 1000) });
    }
    return reply({ Status: 'SUCCESS' });
  };
}

async function writeColumns(
  properties: unknown,
  { write, nowMs }: Pick<SeriesColumnsDeps, 'write' | 'nowMs'>,
): Promise<void> {
  const { Database, Tables, MeasureName, Columns } = propertiesSchema.parse(properties);
  const startMs = nowMs() - ageMs;
  const rows = Tables.flatMap((table) =>
    Array.from({ length: Math.ceil(Columns.length / columnsPerRow) }, (_, i) => ({
      table,
      measureName: MeasureName,
      atMs: startMs + i,
      columns: Columns.slice(i * columnsPerRow, (i + 1) * columnsPerRow),
    })),
  );
  await write(Database, rows);
}
