import type { Variable } from './dashboard.ts';

/** What the dashboards' queries have in common: the store's columns are those of lambdas/adapters/series-layout.ts. */
export const from = 'FROM $__database.$__table';
/** Only the machines chosen above the panels, in the range shown. */
export const where = 'WHERE $__timeFilter AND machine_id IN (${machine:singlequote})';
export const bin = 'bin(time, $__interval_ms)';

const listOf = (column: string): string =>
  `SELECT DISTINCT ${column} ${from} WHERE time > ago(1d) AND ${column} IS NOT NULL ORDER BY 1`;

/** A machine without a site or a line still stands in the list of machines. */
export const machineVariables: readonly Variable[] = [
  { name: 'site', label: 'Site', query: listOf('site') },
  { name: 'line', label: 'Line', query: listOf('line') },
  { name: 'type', label: 'Type', query: listOf('machine_type') },
  {
    name: 'machine',
    label: 'Machine',
    query: `SELECT DISTINCT machine_id ${from} WHERE time > ago(1d) AND (site IS NULL OR site IN (\${site:singlequote})) AND (line IS NULL OR line IN (\${line:singlequote})) AND machine_type IN (\${type:singlequote}) ORDER BY 1`,
  },
];

export const anomalyAnnotation = {
  name: 'Anomalies',
  query: `SELECT min(time) AS time, machine_id || ': ' || codes AS text ${from} ${where} AND codes IS NOT NULL AND severity IN ('warning', 'critical') GROUP BY machine_id, codes, bin(time, 1m) ORDER BY 1 LIMIT 200`,
};
