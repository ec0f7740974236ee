import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Audience, audiences } from '../../core/incidents/audience.ts';
import type { DeskPlaces } from '../../lambdas/adapters/connect-desk.ts';
import {
  alertTopicName,
  eventBusName,
  incidentQueueName,
  incidentTableName,
  workOrderTableName,
} from '../../lib/names.ts';
import type { Stage } from '../../lib/stage.ts';

/** Where a stage's incidents and work orders are; the queue's address names the account. */
export async function findPlaces(stage: Stage, connection: { readonly region: string }): Promise<DeskPlaces> {
  const sqs = new SQSClient(connection);
  const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: incidentQueueName(stage.name) }));
  const account = QueueUrl.split('/').at(-2) ?? '';
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
