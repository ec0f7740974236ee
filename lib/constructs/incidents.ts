import { Duration } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { IncidentsEnv } from '../../lambdas/incidents/env.ts';
import type { Bundles } from '../bundle.ts';
import { anomalyRuleName, deadLettersName, incidentQueueName, incidentTableName } from '../names.ts';
import type { Stage } from '../stage.ts';
import { runbookLink } from './alarms.ts';
import type { AlertTopics } from './alert-topics.ts';
import { createDeadLetterQueue } from './dead-letter-queue.ts';
import type { EventBus } from './event-bus.ts';
import { NodeFunction } from './node-function.ts';
import { removalPolicyOf } from './stage-defaults.ts';

export interface IncidentsProps {
  readonly stage: Stage;
  readonly bundles: Bundles;
  readonly events: EventBus;
  readonly topics: AlertTopics;
  /** The operator page. */
  readonly pageUrl: string;
}

type LinkEnv = Pick<IncidentsEnv, 'ACKNOWLEDGE_URL' | 'LINK_SECRET_ARN'>;

const timeoutS = 10;
/** AWS advises six times the function's timeout (Lambda developer guide, "Using Lambda with Amazon SQS"). */
const visibilityS = 6 * timeoutS;
/** A site's events are decided one after the other anyway: more at once would only collide. */
const concurrency = 2;

/** One incident of each episode: anomaly events wait in a queue, a function decides, a table remembers. */
export class Incidents extends Construct {
  readonly table: Table;
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly worker: NodeFunction;
  readonly environment: Omit<IncidentsEnv, keyof LinkEnv>;

  constructor(scope: Construct, id: string, props: IncidentsProps) {
    super(scope, id);
    const { stage, events, topics } = props;
    this.table = new Table(this, 'Table', {
      tableName: incidentTableName(stage.name),
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAtS',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: removalPolicyOf(stage),
    });
    this.table.addGlobalSecondaryIndex({
      indexName: 'live',
      partitionKey: { name: 'liveSite', type: AttributeType.STRING },
      sortKey: { name: 'openedAtMs', type: AttributeType.NUMBER },
      projectionType: ProjectionType.ALL,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: 'site',
      partitionKey: { name: 'site', type: AttributeType.STRING },
      sortKey: { name: 'openedAtMs', type: AttributeType.NUMBER },
      projectionType: ProjectionType.ALL,
    });
    this.deadLetters = createDeadLetterQueue(this, 'DeadLetters', deadLettersName(incidentQueueName(stage.name)));
    this.queue = new Queue(this, 'Queue', {
      queueName: incidentQueueName(stage.name),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(visibilityS),
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 10 },
    });
    new Rule(this, 'Anomalies', {
      ruleName: anomalyRuleName(stage.name),
      eventBus: events.bus,
      eventPattern: { source: ['factory.twin'], detailType: ['anomaly'] },
      targets: [new SqsQueue(this.queue, { deadLetterQueue: this.deadLetters })],
    });
    this.environment = this.describeEnvironment(props);
    this.worker = new NodeFunction(this, 'Worker', {
      stage,
      bundles: props.bundles,
      name: 'incidents',
      description: 'Anomaly events in, incidents and notifications out',
      environment: this.environment,
      memoryMb: 512,
      timeoutS,
    });
    const { role } = this.worker;
    this.grantTable(role);
    this.grantRemind(role);
    events.grantPut(role);
    topics.grantPublish(role, ['critical', 'warning', 'watch', 'escalation']);
    this.readQueue();
  }

  private describeEnvironment({ stage, events, topics, pageUrl }: IncidentsProps): Omit<IncidentsEnv, keyof LinkEnv> {
    const { alerting } = stage;
    return {
      STAGE: stage.name,
      INCIDENT_TABLE: this.table.tableName,
      INCIDENT_QUEUE_URL: this.queue.queueUrl,
      EVENT_BUS: events.bus.eventBusName,
      TOPIC_CRITICAL: topics.arnOf('critical'),
      TOPIC_WARNING: topics.arnOf('warning'),
      TOPIC_WATCH: topics.arnOf('watch'),
      TOPIC_ESCALATION: topics.arnOf('escalation'),
      TOPIC_MAINTENANCE: topics.arnOf('maintenance'),
      ACKNOWLEDGE_CRITICAL_S: String(alerting.acknowledgeCriticalMin * 60),
      ACKNOWLEDGE_WARNING_S: String(alerting.acknowledgeWarningMin * 60),
      FLAP_HOLD_S: String(alerting.flapHoldMin * 60),
      PAGE_BUDGET: String(alerting.pagesPerShift),
      RUNBOOK_URL: runbookLink('').replace(/#$/, ''),
      PAGE_URL: pageUrl,
    };
  }

  /** Where the links of its mails lead. */
  useLinks(links: LinkEnv): void {
    for (const [name, value] of Object.entries(links)) this.worker.function.addEnvironment(name, value);
  }

  grantRemind(role: Role): void {
    role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] }));
  }

  grantTable(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({
        actions: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'].map(
          (a) => `dynamodb:${a}`,
        ),
        resources: [this.table.tableArn],
      }),
    );
  }

  private readQueue(): void {
    this.worker.role.addToPolicy(
      new PolicyStatement({
        actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        resources: [this.queue.queueArn],
      }),
    );
    new EventSourceMapping(this, 'Source', {
      target: this.worker.function,
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      maxConcurrency: concurrency,
      reportBatchItemFailures: true,
    });
  }
}
