import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Stage } from '../stage.ts';
import { removalPolicyOf } from './stage-defaults.ts';

export interface AlarmOptions {
  /** The section of docs/runbook.md that says what to do; a test says that it exists. */
  readonly runbook: string;
  /** One sentence: what it means for the plant. */
  readonly meaning: string;
  readonly metric: IMetric;
  /** Alarms above this. */
  readonly threshold: number;
  readonly evaluationPeriods?: number;
  /** The stack that has what is watched, where it is another one than that of the topic. */
  readonly scope?: Construct;
}

export const runbookLink = (section: string): string => `docs/runbook.md#${section}`;

/** Everything that calls a person: each alarm says what it means and where the runbook goes on. */
export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: { readonly stage: Stage }) {
    super(scope, id);
    const { stage } = props;
    const key = new Key(this, 'Key', { enableKeyRotation: true, removalPolicy: removalPolicyOf(stage) });
    // CloudWatch cannot publish under the account's own SNS key, whose policy cannot be changed.
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
      }),
    );
    this.topic = new Topic(this, 'Topic', { masterKey: key, enforceSSL: true });
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
      }),
    );
    for (const address of stage.alertEmails) this.topic.addSubscription(new EmailSubscription(address));
  }

  add(id: string, options: AlarmOptions): Alarm {
    const alarm = new Alarm(options.scope ?? this, id, {
      metric: options.metric,
      threshold: options.threshold,
      evaluationPeriods: options.evaluationPeriods ?? 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: `${options.meaning} What to do: ${runbookLink(options.runbook)}`,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    return alarm;
  }

  /** Work that waits for a person. */
  addQueue(id: string, queue: Queue, options: Pick<AlarmOptions, 'runbook' | 'meaning' | 'scope'>): void {
    const metric = queue.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(1),
      statistic: 'Maximum',
    });
    this.add(id, { ...options, metric, threshold: 0 });
  }
}

/** A metric of the function itself, counted over a minute. */
export function sumPerMinute(
  namespace: string,
  metricName: string,
  dimensionsMap: Readonly<Record<string, string>>,
): Metric {
  return new Metric({ namespace, metricName, dimensionsMap, statistic: 'Sum', period: Duration.minutes(1) });
}
