import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { defaultMaintenancePolicy, type MaintenancePolicy } from '../../core/maintenance/plan.ts';
import { DynamoDbMachineFacts } from './dynamodb-machine-facts.ts';
import { DynamoDbWorkOrderStore } from './dynamodb-work-order-store.ts';
import { EventBridgePublisher } from './eventbridge-publisher.ts';
import { KinesisRenewals } from './kinesis-renewals.ts';
import { SfnWorkflow } from './sfn-workflow.ts';
import { SnsNotifier } from './sns-notifier.ts';

export interface MaintenancePlaces {
  readonly WORK_ORDER_TABLE: string;
  readonly REGISTRY_TABLE: string;
  readonly TWIN_TABLE: string;
  readonly EVENT_BUS: string;
  readonly STREAM_NAME: string;
  readonly TOPIC_MAINTENANCE: string;
  readonly TOPIC_ESCALATION: string;
  readonly DECIDE_WITHIN_S: number;
  readonly REMIND_EVERY_S: number;
  readonly DOWNTIME_EUR_PER_HOUR: number;
}

/** The AWS side of every port that maintenance has, and the stage's policy. */
export function connectMaintenance(places: MaintenancePlaces) {
  const dynamoDb = new DynamoDBClient({});
  return {
    store: new DynamoDbWorkOrderStore(dynamoDb, places.WORK_ORDER_TABLE),
    facts: new DynamoDbMachineFacts(dynamoDb, { registry: places.REGISTRY_TABLE, twins: places.TWIN_TABLE }, Date.now),
    workflow: new SfnWorkflow(new SFNClient({})),
    renewals: new KinesisRenewals(new KinesisClient({}), places.STREAM_NAME),
    notifier: new SnsNotifier(new SNSClient({}), {
      maintenance: places.TOPIC_MAINTENANCE,
      escalation: places.TOPIC_ESCALATION,
    }),
    events: new EventBridgePublisher(new EventBridgeClient({}), places.EVENT_BUS),
    policy: policyOf(places),
    nowMs: Date.now,
  };
}

const policyOf = (places: MaintenancePlaces): MaintenancePolicy => ({
  ...defaultMaintenancePolicy,
  decideWithinMs: places.DECIDE_WITHIN_S * 1000,
  remindEveryMs: places.REMIND_EVERY_S * 1000,
  downtimeEurPerHour: places.DOWNTIME_EUR_PER_HOUR,
});
