import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { connectIncidents, type IncidentPlaces } from './connect-incidents.ts';
import { DynamoDbWorkOrderStore } from './dynamodb-work-order-store.ts';
import { SfnWorkflow } from './sfn-workflow.ts';

export interface DeskPlaces extends IncidentPlaces {
  readonly WORK_ORDER_TABLE: string;
}

/** The AWS side of the desk: incidents as their function sees them, work orders and their workflow. */
export function connectDesk(places: DeskPlaces) {
  return {
    ...connectIncidents(places),
    workOrders: new DynamoDbWorkOrderStore(new DynamoDBClient({}), places.WORK_ORDER_TABLE),
    workflow: new SfnWorkflow(new SFNClient({})),
  };
}
