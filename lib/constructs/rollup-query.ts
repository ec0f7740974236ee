import { type RollupKind, rollupKinds, samplesColumn } from '../../core/api/series-rollups.ts';

/** Rows that only give a table its columns, and are nobody's samples (lambdas/series-columns). */
export const columnsMeasure = 'columns';

export interface RollupQuery {
  /** `"database"."table"` */
  readonly source: string;
  readonly isFromSamples: boolean;
  readonly seconds: number;
  /** How far back each run looks: what comes later than this is in the samples only. */
  readonly lookBackS: number;
  readonly columns: readonly string[];
}

/** One row of each kind, machine and interval; only intervals that are over. */
export function writeRollupQuery(query: RollupQuery): string {
  return rollupKinds.map((kind) => selectKind(query, kind)).join('\nUNION ALL\n');
}

function selectKind({ source, isFromSamples, seconds, lookBackS, columns }: RollupQuery, kind: RollupKind): string {
  const interval = `bin(time, ${seconds}s)`;
  const end = `bin(@scheduled_runtime, ${seconds}s)`;
  const roll = isFromSamples ? fromSamples[kind] : fromRollup[kind];
  const samples = isFromSamples ? 'cast(count(*) AS DOUBLE)' : `sum("${samplesColumn}")`;
  const rows = isFromSamples ? `measure_name <> '${columnsMeasure}'` : `measure_name = '${kind}'`;
  const rolled = columns.map((column) => `${roll(`"${column}"`)} AS "${column}"`).join(', ');
  return `SELECT machine_id, machine_type, ${interval} AS binned, '${kind}' AS kind, ${samples} AS "${samplesColumn}", ${rolled}
FROM ${source}
WHERE time >= ${end} - ${lookBackS}s AND time < ${end} AND ${rows}
GROUP BY machine_id, machine_type, ${interval}`;
}

type Roll = (column: string) => string;

const fromSamples: Readonly<Record<RollupKind, Roll>> = {
  sum: (column) => `sum(${column})`,
  // A machine has no column of another type's: null, and not a zero that would be stored.
  count: (column) => `cast(nullif(count(${column}), 0) AS DOUBLE)`,
  min: (column) => `min(${column})`,
  max: (column) => `max(${column})`,
};

const fromRollup: Readonly<Record<RollupKind, Roll>> = { ...fromSamples, count: fromSamples.sum };
