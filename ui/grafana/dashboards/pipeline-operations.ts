import type { Dashboard } from '../dashboard.ts';
import { type Metric, metric, noneIsGood, stat, timeSeries } from '../panel.ts';

/** Of the functions themselves: each names its service and its stage (lambdas/adapters/powertools-telling.ts). */
const ownOf =
  (stage: string) =>
  (name: string, statistic: Metric['statistic'], service = 'detection') =>
    metric({ namespace: 'FactoryTwin', name, statistic, dimensions: { service, stage } });

const aws = (namespace: string, name: string, statistic: Metric['statistic'], dimension: string) =>
  metric({ namespace, name, statistic, dimensions: { [dimension]: '*' } });

/** `*` is every stage of the account. */
export function pipelineOperations(stage: string): Dashboard {
  const own = ownOf(stage);
  return {
    uid: 'factory-twin-pipeline',
    title: 'Pipeline Operations',
    description: 'Whether samples come through, how fast, and what was set aside',
    range: '3h',
    refresh: '1m',
    store: null,
    panels: [
      stat({
        title: 'Samples observed',
        description: 'By the twins',
        unit: 'none',
        queries: [own('SamplesObserved', 'Sum')],
      }),
      stat({
        title: 'Samples quarantined',
        description: 'Set aside with a reason, to be redriven: runbook, “Quarantine”',
        unit: 'none',
        steps: noneIsGood,
        queries: [own('SamplesQuarantined', 'Sum')],
      }),
      stat({
        title: 'Machines silent',
        description: 'Not heard for longer than the stage allows: runbook, “Machine silent”',
        unit: 'none',
        steps: noneIsGood,
        queries: [own('MachinesSilent', 'Maximum', 'silence')],
      }),
      stat({
        title: 'Oldest record waiting',
        description: 'How far a function is behind its stream: runbook, “Detection behind”',
        unit: 'ms',
        queries: [aws('AWS/Lambda', 'IteratorAge', 'Maximum', 'FunctionName')],
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
        title: 'From sample to incident',
        description: 'From the first abnormal sample to the incident that tells of it',
        unit: 'ms',
        queries: [own('SampleToIncident', 'Average', 'incidents'), own('SampleToIncident', 'p99', 'incidents')],
      }),
      timeSeries({
        title: 'Promises broken',
        description: 'Episodes told late, samples no twin got, calls that failed: runbook, “Objective at risk”',
        unit: 'none',
        queries: [
          own('EpisodesToldLate', 'Sum', 'incidents'),
          own('SamplesQuarantined', 'Sum'),
          aws('AWS/ApiGateway', '5xx', 'Sum', 'ApiId'),
        ],
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
        title: 'API calls',
        description: 'All, those refused by a fault of the caller or of ours, and those whose role was not enough',
        unit: 'none',
        queries: [
          aws('AWS/ApiGateway', 'Count', 'Sum', 'ApiId'),
          aws('AWS/ApiGateway', '4xx', 'Sum', 'ApiId'),
          aws('AWS/ApiGateway', '5xx', 'Sum', 'ApiId'),
          own('ApiRefused', 'Sum', 'api'),
        ],
      }),
      timeSeries({
        title: 'API duration',
        description: 'One call in a hundred takes longer',
        unit: 'ms',
        queries: [aws('AWS/ApiGateway', 'Latency', 'p99', 'ApiId')],
      }),
      timeSeries({
        title: 'Queues',
        description: 'Messages that wait; in a queue of dead letters, for a person',
        unit: 'none',
        queries: [aws('AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum', 'QueueName')],
      }),
      timeSeries({
        title: 'Channels',
        description: 'Notices that a channel did not take: runbook, “Channel down”',
        unit: 'none',
        queries: [own('ChannelMessages', 'Sum', 'channels'), own('ChannelFailures', 'Sum', 'channels')],
      }),
    ],
  };
}
