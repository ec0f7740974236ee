import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Channel } from '../../core/incidents/channels/channel.ts';
import type { ChannelEnv } from '../../lambdas/channels/env.ts';
import type { Bundles } from '../bundle.ts';
import { channelSecretName } from '../names.ts';
import type { Stage } from '../stage.ts';
import { acknowledge } from './acknowledge.ts';
import type { AcknowledgeLinks } from './acknowledge-links.ts';
import { runbookLink } from './alarms.ts';
import type { EventBus } from './event-bus.ts';
import { NodeFunction } from './node-function.ts';
import { removalPolicyOf } from './stage-defaults.ts';

export interface ChannelsProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly events: EventBus;
  readonly links: AcknowledgeLinks;
}

const timeoutS = 60;
/** Every two minutes for an hour: an outage of the receiver is sat out, then a person looks. */
const visibilityS = 120;
const attempts = 30;

/** One way out for each channel that a stage routes to: a queue that keeps order, a function, a secret to fill in. */
export class Channels extends Construct {
  readonly deadLetters: readonly Queue[];

  constructor(scope: Construct, id: string, props: ChannelsProps) {
    super(scope, id);
    const used = [...new Set(props.stage.alerting.routes.map(({ channel }) => channel))];
    this.deadLetters = used.map((channel) => this.add(channel, props));
  }

  private add(channel: Channel, props: ChannelsProps): Queue {
    const { events } = props;
    const scope = new Construct(this, channel);
    const fifo = {
      fifo: true,
      contentBasedDeduplication: true,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    };
    const deadLetters = new Queue(scope, 'DeadLetters', { ...fifo, retentionPeriod: Duration.days(14) });
    acknowledge(deadLetters, 'SQS3', 'It is a dead-letter queue: a person empties it, nothing is behind it.');
    const queue = new Queue(scope, 'Queue', {
      ...fifo,
      visibilityTimeout: Duration.seconds(visibilityS),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: attempts },
    });
    new Rule(scope, 'Incidents', {
      eventBus: events.bus,
      eventPattern: { source: ['factory.twin'], detailType: ['incident'] },
      targets: [new SqsQueue(queue, { messageGroupId: channel })],
    });
    const worker = this.createWorker(scope, channel, props);
    worker.role.addToPolicy(
      new PolicyStatement({
        actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        resources: [queue.queueArn],
      }),
    );
    new EventSourceMapping(scope, 'Source', {
      target: worker.function,
      eventSourceArn: queue.queueArn,
      batchSize: 5,
      reportBatchItemFailures: true,
    });
    return deadLetters;
  }

  private createWorker(scope: Construct, channel: Channel, { stage, bundles, links }: ChannelsProps): NodeFunction {
    const secret = new Secret(scope, 'Secret', {
      secretName: channelSecretName(stage.name, channel),
      description: `Address or key of ${channel}; a person fills it in`,
      removalPolicy: removalPolicyOf(stage),
    });
    acknowledge(secret, 'SMG4', 'The vendor makes it: only a person can make a new one there and fill it in.');
    const environment: ChannelEnv = {
      STAGE: stage.name,
      CHANNEL: channel,
      ROUTES: JSON.stringify(stage.alerting.routes),
      CHANNEL_SECRET_ARN: secret.secretArn,
      ACKNOWLEDGE_URL: links.url,
      LINK_SECRET_ARN: links.secret.secretArn,
      RUNBOOK_URL: runbookLink('').replace(/#$/, ''),
    };
    const worker = new NodeFunction(scope, 'Worker', {
      stage,
      bundles,
      name: 'channels',
      description: `Incidents to ${channel}`,
      environment,
      memoryMb: 256,
      timeoutS,
    });
    const resources = [secret.secretArn, links.secret.secretArn];
    worker.role.addToPolicy(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources }));
    return worker;
  }
}
