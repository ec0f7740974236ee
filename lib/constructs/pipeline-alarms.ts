import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import type { Alarms } from './alarms.ts';
import { sumPerMinute } from './alarms.ts';
import type { Archive } from './archive.ts';
import type { Detection } from './detection.ts';
import type { Ingest } from './ingest.ts';
import type { TelemetryStream } from './telemetry-stream.ts';

export interface PipelineAlarmsProps {
  readonly stage: Stage;
  readonly alarms: Alarms;
  readonly telemetry: TelemetryStream;
  readonly archive: Archive;
  readonly ingest: Ingest;
  readonly detection: Detection;
}

/** What can go wrong between a machine and its twin, each with its page of the runbook. */
export class PipelineAlarms extends Construct {
  constructor(scope: Construct, id: string, props: PipelineAlarmsProps) {
    super(scope, id);
    watchIngest(props);
    watchStream(props);
    watchDetection(props);
  }
}

function watchIngest({ alarms, ingest, detection }: PipelineAlarmsProps): void {
  alarms.addQueue('IngestErrors', ingest.errors, {
    meaning: 'Messages of machines could not be put on the stream and wait in a queue.',
    runbook: 'ingest-errors',
  });
  alarms.addQueue('Quarantine', detection.quarantine, {
    meaning: 'Samples of unknown machines, or samples that cannot be read or stored, wait in quarantine.',
    runbook: 'quarantine',
  });
  ingest.ruleNames.forEach((ruleName) => {
    alarms.add(`RuleFailed-${ruleName}`, {
      metric: failedErrorActions(ruleName),
      threshold: 0,
      meaning: `The rule ${ruleName} could neither forward a message nor keep it in its error queue: messages are lost.`,
      runbook: 'rule-failed',
    });
  });
}

/**
 * IoT Core counts these by rule and by kind of action (its developer guide, "Rule action metrics"), and an alarm on one
 * metric needs every dimension as it is spelled there: asked for by the rule alone, it would never see one.
 */
const failedErrorActions = (ruleName: string): MathExpression =>
  new MathExpression({
    expression: `SELECT SUM(ErrorActionFailure) FROM "AWS/IoT" WHERE RuleName = '${ruleName}'`,
    period: Duration.minutes(1),
  });

function watchStream({ alarms, telemetry, archive }: PipelineAlarmsProps): void {
  const { stream } = telemetry;
  alarms.add('StreamWriteThrottled', {
    metric: stream.metricWriteProvisionedThroughputExceeded({ statistic: 'Sum', period: Duration.minutes(1) }),
    threshold: 0,
    evaluationPeriods: 5,
    meaning: 'The stream takes less than the machines send; the rest waits in the ingest error queue.',
    runbook: 'stream-throttled',
  });
  alarms.add('ArchiveBehind', {
    metric: new Metric({
      namespace: 'AWS/Firehose',
      metricName: 'DeliveryToS3.DataFreshness',
      dimensionsMap: { DeliveryStreamName: archive.delivery.ref },
      statistic: 'Maximum',
      period: Duration.minutes(5),
    }),
    threshold: Duration.hours(1).toSeconds(),
    meaning: 'The archive is more than an hour behind.',
    runbook: 'archive-behind',
  });
}

/** Past this a warning comes too late for the operator who could still stop the machine. */
const tolerableDelay = Duration.minutes(1);

function watchDetection({ stage, alarms, detection }: PipelineAlarmsProps): void {
  const worker = detection.worker.function;
  const period = Duration.minutes(1);
  alarms.add('DetectionBehind', {
    metric: worker.metric('IteratorAge', { period, statistic: 'Maximum' }),
    threshold: tolerableDelay.toMilliseconds(),
    evaluationPeriods: 3,
    meaning: 'Detection is more than a minute behind the machines: what the page shows is old.',
    runbook: 'detection-behind',
  });
  alarms.add('DetectionErrors', {
    metric: worker.metricErrors({ period, statistic: 'Sum' }),
    threshold: 0,
    evaluationPeriods: 3,
    meaning: 'Detection fails again and again; batches are tried anew and then set aside.',
    runbook: 'detection-errors',
  });
  alarms.add('DetectionThrottled', {
    metric: worker.metricThrottles({ period, statistic: 'Sum' }),
    threshold: 0,
    evaluationPeriods: 5,
    meaning: 'The account has no concurrency left for detection.',
    runbook: 'detection-throttled',
  });
  alarms.add('DetectionSlow', {
    metric: worker.metricDuration({ period, statistic: 'Maximum' }),
    threshold: stage.detection.timeoutS * 1000 * 0.8,
    meaning: 'A batch took more than four fifths of the time that a batch has.',
    runbook: 'detection-slow',
  });
  alarms.add('BatchesSetAside', {
    metric: sumPerMinute('AWS/Lambda', 'OnFailureDestinationDeliveredEventCount', detection.sourceDimensions),
    threshold: 0,
    meaning: 'Batches failed to the last attempt and lie in the failure bucket: their samples are not in the store.',
    runbook: 'batches-set-aside',
  });
  alarms.add('BatchesDropped', {
    metric: sumPerMinute('AWS/Lambda', 'DroppedEventCount', detection.sourceDimensions),
    threshold: 0,
    meaning: 'Batches were dropped without a trace in the failure bucket; the archive still has their messages.',
    runbook: 'batches-dropped',
  });
}
