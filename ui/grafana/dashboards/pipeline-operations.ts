import type { Dashboard } from '../dashboard.ts';
import { type Metric, metric, stat, timeSeries } from '../panel.ts';

const own = (name: string, statistic: Metric['statistic'], service = 'detection') =>
  metric({ namespace: 'FactoryTwin', name, statistic, dimensions: { service, stage: '*' } });

const aws = (namespace: string, name: string, statistic: Metric['statistic'], dimension: string) =>
  metric({ namespace, name, statistic, dimensions: { [dimension]: '*' } });

const anyIsBad = [
  { color: 'green', from: null },
  { color: 'red', from: 1 },
] as const;

export const pipelineOperations: Dashboard = {
  uid: 'factory-twin-pipeline',
  title: 'Pipeline Operations',
  description: 'Whether samples come through, how fast, and what was set aside',
  range: '3h',
  refresh: '1m',
  variables: [],
  annotations: [],
  panels: [
    stat({
      title: 'Samples observed',
      description: 'By the twins',
      unit: 'none',
      queries: [own('SamplesObserved', 'Sum')],
    }),
    stat({
      title: 'Samples quarantined',
      description: 'Set aside with a reason, to be redriven',
      unit: 'none',
      steps: anyIsBad,
      queries: [own('SamplesQuarantined', 'Sum')],
    }),
    stat({
      title: 'Oldest record waiting',
      description: 'How far detection is behind the stream',
      unit: 'ms',
      queries: [aws('AWS/Kinesis', 'GetRecords.IteratorAgeMilliseconds', 'Maximum', 'StreamName')],
    }),
    timeSeries({
      title: 'Samples',
      description: 'Observed, repeated, quarantined',
      unit: 'none',
      queries: ['SamplesObserved', 'SamplesDuplicate', 'SamplesQuarantined'].map((name) => own(name, 'Sum')),
    }),
    timeSeries({
      title: 'Duration of a batch',
      description: 'From records to everything written',
      unit: 'ms',
      queries: [own('BatchDuration', 'Average'), own('BatchDuration', 'p99')],
    }),
    timeSeries({
      title: 'Replays',
      description: 'Records read again after a cold start, or found done already',
      unit: 'none',
      queries: [own('RecordsReplayed', 'Sum'), own('RecordsAlreadyDone', 'Sum')],
    }),
    timeSeries({
      title: 'Functions',
      description: 'Errors and throttles, all functions of the account',
      unit: 'none',
      queries: [
        aws('AWS/Lambda', 'Errors', 'Sum', 'FunctionName'),
        aws('AWS/Lambda', 'Throttles', 'Sum', 'FunctionName'),
      ],
    }),
    timeSeries({
      title: 'API',
      description: 'Calls, refusals, duration',
      unit: 'none',
      queries: [own('ApiCalls', 'Sum', 'api'), own('ApiRefused', 'Sum', 'api'), own('ApiDuration', 'p99', 'api')],
    }),
    timeSeries({
      title: 'Dead letters',
      description: 'Messages that wait for a person',
      unit: 'none',
      queries: [aws('AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum', 'QueueName')],
    }),
  ],
};
