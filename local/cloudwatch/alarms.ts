/**
 * Alarms on one metric, on metric math or on a Metrics Insights query, by CloudWatch's rules: the last periods' datapoints against the
 * threshold, M out of N, missing data as told. Source: CloudWatch user guide, "Using Amazon CloudWatch alarms".
 */
import type { Json } from '../engine.ts';
import { compileMetricMath, type MetricMath } from './metric-math.ts';
import type { Metrics, Series } from './metrics.ts';
import { readMetricsQuery } from './metrics-query.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface Alarm {
  readonly name: string;
  readonly description: string;
  /** As the template has it. */
  readonly settings: Json;
  readonly actions: Readonly<Record<AlarmState, readonly string[]>>;
  evaluate(metrics: Metrics, nowMs: number, before: AlarmState): AlarmState;
}

export const alarmProperties = [
  'AlarmName',
  'AlarmDescription',
  'Namespace',
  'MetricName',
  'Dimensions.Name',
  'Dimensions.Value',
  'Statistic',
  'ExtendedStatistic',
  'Period',
  'EvaluationPeriods',
  'DatapointsToAlarm',
  'Threshold',
  'ComparisonOperator',
  'TreatMissingData',
  'AlarmActions',
  'OKActions',
  'InsufficientDataActions',
  'ActionsEnabled',
  'Unit',
  'Tags.*',
  'Metrics.Id',
  'Metrics.Expression',
  'Metrics.Label',
  'Metrics.ReturnData',
  'Metrics.Period',
  'Metrics.MetricStat.Period',
  'Metrics.MetricStat.Stat',
  'Metrics.MetricStat.Unit',
  'Metrics.MetricStat.Metric.Namespace',
  'Metrics.MetricStat.Metric.MetricName',
  'Metrics.MetricStat.Metric.Dimensions.Name',
  'Metrics.MetricStat.Metric.Dimensions.Value',
];

type Compare = (value: number, threshold: number) => boolean;
const comparisons: Readonly<Record<string, Compare>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

interface MetricSource {
  readonly find: (metrics: Metrics) => readonly Series[];
  readonly statistic: string;
  readonly periodMs: number;
}

/** The value of a period; undefined where there is no data. */
type ReadPeriod = (metrics: Metrics, startMs: number) => number | undefined;

export function readAlarm(name: string, properties: Json): Alarm {
  const compares = comparisons[String(properties.ComparisonOperator)];
  if (compares === undefined) {
    const allowed = Object.keys(comparisons).join(', ');
    throw new Error(`ComparisonOperator: got "${String(properties.ComparisonOperator)}", modelled are ${allowed}`);
  }
  const { read, periodMs } = readSource(properties);
  const periods = Number(properties.EvaluationPeriods);
  const needed = Number(properties.DatapointsToAlarm ?? periods);
  const threshold = Number(properties.Threshold);
  const missing = String(properties.TreatMissingData ?? 'missing');
  return {
    name,
    description: String(properties.AlarmDescription ?? ''),
    settings: properties,
    actions: {
      ALARM: (properties.AlarmActions ?? []) as string[],
      OK: (properties.OKActions ?? []) as string[],
      INSUFFICIENT_DATA: (properties.InsufficientDataActions ?? []) as string[],
    },
    evaluate: (metrics, nowMs, before) => {
      const presentMs = Math.floor(nowMs / periodMs) * periodMs;
      // The present period counts once it has data; until then nothing is missing.
      const lastStartMs = read(metrics, presentMs) === undefined ? presentMs - periodMs : presentMs;
      const values = Array.from({ length: periods }, (_, i) => read(metrics, lastStartMs - i * periodMs));
      const breaches = values.map((value) =>
        value === undefined ? missing === 'breaching' : compares(value, threshold),
      );
      if (missing === 'ignore' && values.every((value) => value === undefined)) return before;
      if (missing === 'missing' && values.every((value) => value === undefined)) return 'INSUFFICIENT_DATA';
      return breaches.filter(Boolean).length >= needed ? 'ALARM' : 'OK';
    },
  };
}

function readSource(properties: Json): { read: ReadPeriod; periodMs: number } {
  if (properties.Metrics === undefined) {
    const source = readMetric(
      properties,
      String(properties.Statistic ?? properties.ExtendedStatistic),
      properties.Period,
    );
    return { read: (metrics, startMs) => readPeriod(metrics, source, startMs), periodMs: source.periodMs };
  }
  const entries = properties.Metrics as Json[];
  const sources = new Map<string, MetricSource>();
  const expressions = new Map<string, MetricMath>();
  for (const entry of entries) {
    const stat = entry.MetricStat as Json | undefined;
    const query = readMetricsQuery(String(entry.Expression));
    if (stat !== undefined)
      sources.set(String(entry.Id), readMetric(stat.Metric as Json, String(stat.Stat), stat.Period));
    else if (query !== null) sources.set(String(entry.Id), { ...query, periodMs: Number(entry.Period) * 1000 });
    else expressions.set(String(entry.Id), compileMetricMath(String(entry.Expression)));
  }
  const result = String(entries.find((entry) => entry.ReturnData !== false)?.Id);
  const lookUp = (id: string, metrics: Metrics, startMs: number): number | undefined => {
    const source = sources.get(id);
    if (source !== undefined) return readPeriod(metrics, source, startMs);
    return expressions.get(id)?.((other) => lookUp(other, metrics, startMs));
  };
  const periodMs = [...sources.values()][0]?.periodMs ?? 60_000;
  return { read: (metrics, startMs) => lookUp(result, metrics, startMs), periodMs };
}

function readMetric(metric: Json, statistic: string, period: unknown): MetricSource {
  if (!['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount'].includes(statistic) && !/^p\d/.test(statistic)) {
    throw new Error(
      `Statistic: got "${statistic}", modelled are Sum, Average, Minimum, Maximum, SampleCount and percentiles`,
    );
  }
  const listed = (metric.Dimensions ?? []) as { Name: string; Value: string }[];
  const dimensions = Object.fromEntries(listed.map(({ Name, Value }) => [Name, Value]));
  return {
    find: (metrics) => {
      const series = metrics.find(String(metric.Namespace), String(metric.MetricName), dimensions);
      return series === undefined ? [] : [series];
    },
    statistic,
    periodMs: Number(period) * 1000,
  };
}

function readPeriod(metrics: Metrics, source: MetricSource, startMs: number): number | undefined {
  const buckets = source
    .find(metrics)
    .flatMap((series) => series.buckets)
    .filter((b) => b.startMs >= startMs && b.startMs < startMs + source.periodMs);
  if (buckets.length === 0) return undefined;
  const total = (pick: (bucket: (typeof buckets)[number]) => number): number =>
    buckets.reduce((sum, b) => sum + pick(b), 0);
  switch (source.statistic) {
    case 'Sum':
      return total((b) => b.sum);
    case 'SampleCount':
      return total((b) => b.count);
    case 'Average':
      return total((b) => b.sum) / total((b) => b.count);
    case 'Minimum':
      return Math.min(...buckets.map((b) => b.min));
    default:
      // Buckets keep no distribution: for a high percentile the maximum is the cautious answer.
      return Math.max(...buckets.map((b) => b.max));
  }
}
