import { Duration, SecretValue } from 'aws-cdk-lib';
import { CfnSlackChannelConfiguration } from 'aws-cdk-lib/aws-chatbot';
import { type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { type CfnTopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { eventSource } from '../../core/events/event-types.ts';
import type { Channel } from '../../core/incidents/channels/channel.ts';
import { switchedOff } from '../../core/incidents/channels/channel-request.ts';
import type { ChannelEnv } from '../../lambdas/channels/env.ts';
import type { Bundles } from '../bundle.ts';
import {
  alertTopicName,
  channelQueueName,
  channelSecretName,
  deadLettersName,
  nameInStage,
  undeliveredQueueName,
} from '../names.ts';
import type { Stage } from '../stage.ts';
import { acknowledge } from './acknowledge.ts';
import type { AcknowledgeLinks } from './acknowledge-links.ts';
import { runbookLink } from './alarms.ts';
import { accountKey } from './alert-topics.ts';
import { createDeadLetterQueue } from './dead-letter-queue.ts';
import type { EventBus } from './event-bus.ts';
import { NodeFunction } from './node-function.ts';
import { removalPolicyOf } from './stage-defaults.ts';

export interface ChannelsProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly events: EventBus;
  readonly links: AcknowledgeLinks;
  /** The operator page. */
  readonly pageUrl: string;
}

const timeoutS = 60;
/** Where its function could not say how long: twice what it may take. */
const visibilityS = 120;
/** After 5, 10, 20 … 160 s, then every five minutes: an outage of an hour is sat out, then a person looks. */
const spacing = { firstS: 5, longestS: 300 };
const attempts = 18;

/** One way out for each channel that a stage routes to: a queue that keeps order, a function, a secret to fill in. */
export class Channels extends Construct {
  /** Of each channel, and of the rules that bring them notices: those are no FIFO queue's to take. */
  readonly deadLetters: readonly Queue[];

  constructor(scope: Construct, id: string, props: ChannelsProps) {
    super(scope, id);
    const used = [...new Set(props.stage.alerting.routes.map(({ channel }) => channel))];
    if (used.length === 0) {
      this.deadLetters = [];
      return;
    }
    const undelivered = createDeadLetterQueue(this, 'Undelivered', undeliveredQueueName(props.stage.name));
    this.deadLetters = [...used.map((channel) => this.add(channel, undelivered, props)), undelivered];
  }

  private add(channel: Channel, undelivered: Queue, props: ChannelsProps): Queue {
    const { events } = props;
    const scope = new Construct(this, channel);
    const queues = this.createQueues(scope, channel, props.stage);
    const { queue, deadLetters } = queues;
    new Rule(scope, 'Incidents', {
      eventBus: events.bus,
      // A replay of the archive is for who asks for it: nobody is told a second time.
      eventPattern: {
        source: [eventSource],
        detailType: ['incident'],
        'replay-name': [{ exists: false }],
      } as EventPattern,
      targets: [new SqsQueue(queue, { messageGroupId: channel, deadLetterQueue: undelivered })],
    });
    const worker = this.createWorker(scope, channel, { ...props, ...queues });
    worker.role.addToPolicy(
      new PolicyStatement({
        actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
        resources: [queue.queueArn],
      }),
    );
    const setAside = { actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] };
    worker.role.addToPolicy(new PolicyStatement(setAside));
    new EventSourceMapping(scope, 'Source', {
      target: worker.function,
      eventSourceArn: queue.queueArn,
      batchSize: 5,
      reportBatchItemFailures: true,
    });
    return deadLetters;
  }

  private createQueues(scope: Construct, channel: Channel, stage: Stage): Queues {
    const fifo = {
      fifo: true,
      contentBasedDeduplication: true,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    };
    const queueName = channelQueueName(stage.name, channel);
    const deadLetters = new Queue(scope, 'DeadLetters', {
      ...fifo,
      queueName: deadLettersName(queueName),
      retentionPeriod: Duration.days(14),
    });
    acknowledge(deadLetters, 'SQS3', 'It is a dead-letter queue: a person empties it, nothing is behind it.');
    const queue = new Queue(scope, 'Queue', {
      ...fifo,
      queueName,
      visibilityTimeout: Duration.seconds(visibilityS),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: attempts },
    });
    return { queue, deadLetters };
  }

  private createWorker(scope: Construct, channel: Channel, props: ChannelsProps & Queues): NodeFunction {
    const { stage, bundles, links, pageUrl, queue, deadLetters } = props;
    const place = channel === 'amazon_q' ? this.createTopic(scope, stage) : this.createSecret(scope, channel, stage);
    const environment: ChannelEnv = {
      STAGE: stage.name,
      CHANNEL: channel,
      ROUTES: JSON.stringify(stage.alerting.routes),
      CHANNEL_SECRET_ARN: place.arn,
      ACKNOWLEDGE_URL: links.url,
      LINK_SECRET_ARN: links.secret.secretArn,
      RUNBOOK_URL: runbookLink('').replace(/#$/, ''),
      PAGE_URL: pageUrl,
      QUEUE_URL: queue.queueUrl,
      DEAD_LETTERS_URL: deadLetters.queueUrl,
      FIRST_RETRY_S: String(spacing.firstS),
      LONGEST_RETRY_S: String(spacing.longestS),
      SLACK_BUTTONS: String(stage.alerting.slackButtons),
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
    const read = { actions: ['secretsmanager:GetSecretValue'], resources: [links.secret.secretArn] };
    worker.role.addToPolicy(new PolicyStatement(read));
    worker.role.addToPolicy(new PolicyStatement({ actions: [place.action], resources: [place.arn] }));
    return worker;
  }

  private createSecret(scope: Construct, channel: Channel, stage: Stage): Place {
    const secret = new Secret(scope, 'Secret', {
      secretName: channelSecretName(stage.name, channel),
      description: `Address or key of ${channel}; a person fills it in, or "${switchedOff}"`,
      removalPolicy: removalPolicyOf(stage),
      // A laptop has nobody to tell until somebody names one; elsewhere an empty channel is a fault that shows.
      ...(stage.laptop ? { secretStringValue: SecretValue.unsafePlainText(switchedOff) } : {}),
    });
    acknowledge(secret, 'SMG4', 'The vendor makes it: only a person can make a new one there and fill it in.');
    return { arn: secret.secretArn, action: 'secretsmanager:GetSecretValue' };
  }

  /** Amazon Q Developer reads a topic and writes to the Slack channel that an administrator has authorised. */
  private createTopic(scope: Construct, { name, alerting }: Stage): Place {
    const { amazonQ } = alerting;
    if (amazonQ === undefined)
      throw new Error('alerting.amazonQ: got nothing; the route to amazon_q needs its Slack channel');
    const topic = new Topic(scope, 'Topic', { topicName: alertTopicName(name, 'chat'), enforceSSL: true });
    (topic.node.defaultChild as CfnTopic).kmsMasterKeyId = accountKey;
    const role = new Role(scope, 'ChatRole', { assumedBy: new ServicePrincipal('chatbot.amazonaws.com') });
    new CfnSlackChannelConfiguration(scope, 'Chat', {
      configurationName: nameInStage(name, 'incidents'),
      slackWorkspaceId: amazonQ.workspaceId,
      slackChannelId: amazonQ.channelId,
      iamRoleArn: role.roleArn,
      snsTopicArns: [topic.topicArn],
      // The role may nothing: people read there, and act on the page.
      guardrailPolicies: [denyAllPolicy],
      loggingLevel: 'ERROR',
    });
    return { arn: topic.topicArn, action: 'sns:Publish' };
  }
}

interface Queues {
  readonly queue: Queue;
  readonly deadLetters: Queue;
}

/** Where a channel's worker sends, and what it needs to be allowed for it. */
interface Place {
  readonly arn: string;
  readonly action: string;
}

const denyAllPolicy = 'arn:aws:iam::aws:policy/AWSDenyAll';
