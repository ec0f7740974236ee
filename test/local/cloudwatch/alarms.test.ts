import { describe, expect, it } from 'vitest';
import { type AlarmState, readAlarm } from '../../../local/cloudwatch/alarms.ts';
import { takeEmbeddedMetrics } from '../../../local/cloudwatch/embedded-metrics.ts';
import { compileMetricMath } from '../../../local/cloudwatch/metric-math.ts';
import { createMetrics } from '../../../local/cloudwatch/metrics.ts';
import type { Json } from '../../../local/engine.ts';

const minuteMs = 60_000;
const basic = {
  Namespace: 'N',
  MetricName: 'Errors',
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 3,
  DatapointsToAlarm: 2,
  Threshold: 0,
  ComparisonOperator: 'GreaterThanThreshold',
};

/** The alarm's state after minutes with these values; null is a minute without data. */
function stateAfter(values: readonly (number | null)[], properties: Json, before: AlarmState = 'OK'): AlarmState {
  let nowMs = 0;
  const metrics = createMetrics(() => nowMs);
  values.forEach((value, minute) => {
    nowMs = minute * minuteMs;
    if (value !== null) metrics.put('N', 'Errors', {}, value);
  });
  return readAlarm('a', { ...basic, ...properties }).evaluate(metrics, nowMs, before);
}

describe('an alarm', () => {
  it('goes off when enough of the last periods breach', () => {
    expect(stateAfter([0, 1, 0], {})).toBe('OK');
    expect(stateAfter([1, 0, 1], {})).toBe('ALARM');
    expect(stateAfter([1, 1, 0, 0], {})).toBe('OK');
  });

  it('does not take a period that has just begun for one without data: it would end and go off again each minute', () => {
    const lasting = { DatapointsToAlarm: 3, TreatMissingData: 'notBreaching' };
    expect(stateAfter([1, 1, 1], lasting)).toBe('ALARM');
    expect(stateAfter([1, 1, 1, null], lasting, 'ALARM')).toBe('ALARM');
    expect(stateAfter([1, 1, 1, null, null], lasting, 'ALARM')).toBe('OK');
  });

  it('takes missing data as it is told', () => {
    expect(stateAfter([5, 5, null], { TreatMissingData: 'missing' })).toBe('ALARM');
    expect(stateAfter([], { TreatMissingData: 'missing' })).toBe('INSUFFICIENT_DATA');
    expect(stateAfter([], { TreatMissingData: 'breaching' })).toBe('ALARM');
    expect(stateAfter([], { TreatMissingData: 'notBreaching' })).toBe('OK');
    expect(stateAfter([], { TreatMissingData: 'ignore' }, 'ALARM')).toBe('ALARM');
  });

  it('goes by a quotient of metrics, which has no value over nothing', () => {
    const metric = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: { Stat: 'Sum', Period: 60, Metric: { Namespace: 'N', MetricName } },
    });
    const Metrics = [
      metric('e', 'Errors'),
      metric('i', 'Invocations'),
      { Id: 'rate', Expression: '100 * e / FILL(i, 0)' },
    ];
    expect(stateAfter([5], { Metrics, EvaluationPeriods: 1, DatapointsToAlarm: 1, Threshold: 1 })).toBe(
      'INSUFFICIENT_DATA',
    );
    const math = compileMetricMath('MAX([a, b]) + (a - b) * 2');
    expect(math((id) => (id === 'a' ? 3 : 1))).toBe(7);
    expect(() => compileMetricMath('ANOMALY_DETECTION_BAND(m1)')).toThrow('"ANOMALY_DETECTION_BAND" is not modelled');
  });

  it('goes by a query over a metric, with whatever dimensions it came beside the ones asked for', () => {
    const metrics = createMetrics(() => 0);
    metrics.put('AWS/IoT', 'Failed', { RuleName: 'r', ActionType: 'Sqs' }, 2);
    metrics.put('AWS/IoT', 'Failed', { RuleName: 'other', ActionType: 'Sqs' }, 5);
    const alarm = (expression: string, Threshold: number) =>
      readAlarm('a', {
        ...{ EvaluationPeriods: 1, Threshold, ComparisonOperator: 'GreaterThanThreshold' },
        Metrics: [{ Id: 'q', Period: 60, Expression: expression }],
      }).evaluate(metrics, 0, 'OK');
    const query = `SELECT SUM(Failed) FROM "AWS/IoT" WHERE RuleName = 'r'`;
    expect([1, 2].map((threshold) => alarm(query, threshold))).toEqual(['ALARM', 'OK']);
    expect(() => alarm('SELECT SUM(Failed) FROM SCHEMA("AWS/IoT", RuleName)', 1)).toThrow('modelled is SELECT SUM');
  });

  it('counts what a function says in its log', () => {
    const metrics = createMetrics(() => 0);
    const directive = { Namespace: 'F', Dimensions: [['stage']], Metrics: [{ Name: 'Stored' }] };
    takeEmbeddedMetrics(
      JSON.stringify({ _aws: { CloudWatchMetrics: [directive] }, stage: 'local', Stored: [2, 3] }),
      metrics,
    );
    takeEmbeddedMetrics('{"_aws" no JSON', metrics);
    expect(metrics.find('F', 'Stored', { stage: 'local' })?.buckets).toMatchObject([{ sum: 5, count: 2 }]);
  });
});
