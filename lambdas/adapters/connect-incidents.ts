import { createHash } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { defaultIncidentPolicy, type IncidentPolicy } from '../../core/incidents/policy.ts';
import { DynamoDbIncidentStore } from './dynamodb-incident-store.ts';
import { EventBridgePublisher } from './eventbridge-publisher.ts';
import { SnsNotifier } from './sns-notifier.ts';
import { SqsReminder } from './sqs-reminder.ts';

export interface IncidentPlaces {
  readonly INCIDENT_TABLE: string;
  readonly INCIDENT_QUEUE_URL: string;
  readonly EVENT_BUS: string;
  readonly TOPIC_CRITICAL: string;
  readonly TOPIC_WARNING: string;
  readonly TOPIC_WATCH: string;
  readonly TOPIC_ESCALATION: string;
  readonly TOPIC_MAINTENANCE: string;
  readonly ACKNOWLEDGE_CRITICAL_S: number;
  readonly ACKNOWLEDGE_WARNING_S: number;
  readonly FLAP_HOLD_S: number;
  readonly PAGE_BUDGET: number;
}

/** The AWS side of every port that incidents have, and the stage's policy. */
export function connectIncidents(places: IncidentPlaces) {
  const topics = {
    critical: places.TOPIC_CRITICAL,
    warning: places.TOPIC_WARNING,
    watch: places.TOPIC_WATCH,
    escalation: places.TOPIC_ESCALATION,
    maintenance: places.TOPIC_MAINTENANCE,
  };
  return {
    store: new DynamoDbIncidentStore(new DynamoDBClient({}), places.INCIDENT_TABLE),
    notifier: new SnsNotifier(new SNSClient({}), topics),
    reminder: new SqsReminder(new SQSClient({}), places.INCIDENT_QUEUE_URL, Date.now),
    events: new EventBridgePublisher(new EventBridgeClient({}), places.EVENT_BUS),
    policy: policyOf(places),
    hash: (text: string) => createHash('sha256').update(text).digest('hex'),
    nowMs: Date.now,
  };
}

const policyOf = (places: IncidentPlaces): IncidentPolicy => ({
  ...defaultIncidentPolicy,
  acknowledgeWithinMs: {
    normal: null,
    watch: null,
    warning: places.ACKNOWLEDGE_WARNING_S * 1000,
    critical: places.ACKNOWLEDGE_CRITICAL_S * 1000,
  },
  flapHoldMs: places.FLAP_HOLD_S * 1000,
  pageBudget: places.PAGE_BUDGET,
});
