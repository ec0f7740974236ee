import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Audience, audiences } from '../../core/incidents/audience.ts';
import type { DeskPlaces } from '../../lambdas/adapters/connect-desk.ts';
import {
  alertTopicName,
  eventBusName,
  incidentQueueName,
  incidentTableName,
  registryTableName,
  twinTableName,
  workOrderTableName,
} from '../../lib/names.ts';
import type { Stage } from '../../lib/stage.ts';

/** The stage's topic for an audience, or `chat`, which Amazon Q reads. */
export async function findTopic(stage: Stage, connection: { readonly region: string }, name: string): Promise<string> {
  return `arn:aws:sns:${connection.region}:${accountOf(await findQueue(stage, connection))}:${alertTopicName(stage.name, name)}`;
}

async function findQueue(stage: Stage, connection: { readonly region: string }): Promise<string> {
  const QueueName = incidentQueueName(stage.name);
  const { QueueUrl = '' } = await new SQSClient(connection).send(new GetQueueUrlCommand({ QueueName }));
  return QueueUrl;
}

const accountOf = (queueUrl: string): string => queueUrl.split('/').at(-2) ?? '';

/** Where a stage's incidents and work orders are; the queue's address names the account. */
export async function findPlaces(stage: Stage, connection: { readonly region: string }): Promise<DeskPlaces> {
  const QueueUrl = await findQueue(stage, connection);
  const account = accountOf(QueueUrl);
  const arnOf = (audience: Audience): string =>
    `arn:aws:sns:${connection.region}:${account}:${alertTopicName(stage.name, audience)}`;
  const topics = Object.fromEntries(audiences.map((audience) => [audience, arnOf(audience)])) as Record<
    Audience,
    string
  >;
  const { alerting } = stage;
  return {
    INCIDENT_TABLE: incidentTableName(stage.name),
    INCIDENT_QUEUE_URL: QueueUrl,
    WORK_ORDER_TABLE: workOrderTableName(stage.name),
    REGISTRY_TABLE: registryTableName(stage.name),
    TWIN_TABLE: twinTableName(stage.name),
    EVENT_BUS: eventBusName(stage.name),
    TOPIC_CRITICAL: topics.critical,
    TOPIC_WARNING: topics.warning,
    TOPIC_WATCH: topics.watch,
    TOPIC_ESCALATION: topics.escalation,
    TOPIC_MAINTENANCE: topics.maintenance,
    ACKNOWLEDGE_CRITICAL_S: alerting.acknowledgeCriticalMin * 60,
    ACKNOWLEDGE_WARNING_S: alerting.acknowledgeWarningMin * 60,
    FLAP_HOLD_S: alerting.flapHoldMin * 60,
    PAGE_BUDGET: alerting.pagesPerShift,
  };
}
