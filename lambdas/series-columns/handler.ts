import type { Log } from '../ports/telling.ts';
import { propertiesSchema, requestSchema } from './request.ts';

/** A column by a value in it, which means nothing. */
export interface Column {
  readonly name: string;
  readonly kind: 'double' | 'bigint' | 'varchar';
  readonly value: number | string;
}

/** One row that has these columns. */
export interface ColumnRow {
  readonly table: string;
  readonly measureName: string;
  readonly atMs: number;
  readonly columns: readonly Column[];
}

export interface SeriesColumnsDeps {
  /** What the tables of each kind may come to have. */
  readonly columns: { readonly samples: readonly Column[]; readonly rollups: readonly Column[] };
  write(database: string, rows: readonly ColumnRow[]): Promise<void>;
  answer(url: string, outcome: object): Promise<void>;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** A record has 2 KB at most, names and all (Timestream developer guide, "Quotas"): thirty names of up to forty letters fit. */
const columnsPerRow = 30;
/**
 * Old enough that no page shows it, and young enough for the memory store: what is older can be asked for within six hours
 * (Timestream developer guide, "Writes"), and the queries that need the columns are made within the same minute.
 */
const ageMs = (memoryHours: number): number => Math.min(12, memoryHours / 2) * 3_600_000;

/**
 * Timestream makes a column with the first value in it, and refuses a query over columns that are not there: no empty
 * account could take the rollups, and panels would fail until a machine's first fault. So rows of no machine bring the
 * columns of every machine type with the deployment.
 */
export function createSeriesColumnsHandler(deps: SeriesColumnsDeps) {
  const { answer, log } = deps;
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
      if (request.RequestType !== 'Delete') await writeColumns(request.ResourceProperties, deps);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.error('the columns could not be made', { reason });
      return reply({ Status: 'FAILED', Reason: reason.slice(0, 1000) });
    }
    return reply({ Status: 'SUCCESS' });
  };
}

async function writeColumns(properties: unknown, { write, columns, nowMs }: SeriesColumnsDeps): Promise<void> {
  const { Database, Samples, Rollups, MeasureName: measureName, MemoryHours } = propertiesSchema.parse(properties);
  const startMs = nowMs() - ageMs(MemoryHours);
  const rowsOf = (table: string, all: readonly Column[]): ColumnRow[] =>
    Array.from({ length: Math.ceil(all.length / columnsPerRow) }, (_, i) => ({
      ...{ table, measureName },
      atMs: startMs + i,
      columns: all.slice(i * columnsPerRow, (i + 1) * columnsPerRow),
    }));
  const ofRollups = Rollups.flatMap((table) => rowsOf(table, columns.rollups));
  await write(Database, [...rowsOf(Samples, columns.samples), ...ofRollups]);
}
