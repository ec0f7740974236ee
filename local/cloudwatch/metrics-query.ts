import type { Metrics, Series } from './metrics.ts';

/**
 * Metrics Insights as far as alarms here use it: SELECT SUM(metric) FROM "namespace" WHERE dimension = 'value' [AND …]. A
 * namespace without SCHEMA means its metrics with whatever dimensions (CloudWatch user guide, "Metrics Insights query
 * components and syntax").
 */
export interface MetricsQuery {
  readonly statistic: string;
  readonly find: (metrics: Metrics) => readonly Series[];
}

const statistics: Readonly<Record<string, string>> = {
  SUM: 'Sum',
  AVG: 'Average',
  MIN: 'Minimum',
  MAX: 'Maximum',
  COUNT: 'SampleCount',
};
const queryPattern = /^SELECT\s+([A-Z]+)\((\w+)\)\s+FROM\s+"([^"]+)"\s+WHERE\s+(.+)$/;
const conditionPattern = /^(\w+)\s*=\s*'([^']*)'$/;

/** Null where it is no query. */
export function readMetricsQuery(text: string): MetricsQuery | null {
  if (!/^SELECT\s/.test(text)) return null;
  const [, aggregate = '', name, namespace, where = ''] = queryPattern.exec(text) ?? [];
  const statistic = statistics[aggregate];
  const conditions = where.split(/\s+AND\s+/).map((condition) => conditionPattern.exec(condition));
  if (statistic === undefined || conditions.includes(null)) {
    throw new Error(
      `Expression: got "${text}", modelled is SELECT SUM(metric) FROM "namespace" WHERE dimension = 'value'`,
    );
  }
  const matches = ({ dimensions }: Series): boolean =>
    conditions.every((condition) => dimensions[condition![1]!] === condition![2]);
  return {
    statistic,
    find: (metrics) =>
      [...metrics.list()].filter((series) => series.namespace === namespace && series.name === name && matches(series)),
  };
}
