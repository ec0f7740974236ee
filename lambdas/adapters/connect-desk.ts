import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { connectIncidents, type IncidentPlaces } from './connect-incidents.ts';
import { DynamoDbMachineReader } from './dynamodb-machine-reader.ts';
import { DynamoDbWorkOrderStore } from './dynamodb-work-order-store.ts';
import { SfnWorkflow } from './sfn-workflow.ts';

export interface DeskPlaces extends IncidentPlaces {
  readonly WORK_ORDER_TABLE: string;
  readonly REGISTRY_TABLE: string;
  readonly TWIN_TABLE: string;
}

/** The AWS side of the desk: incidents as their function sees them, work orders and their workflow. */
export function connectDesk(places: DeskPlaces) {
  const dynamoDb = new DynamoDBClient({});
  return {
    ...connectIncidents(places),
    workOrders: new DynamoDbWorkOrderStore(dynamoDb, places.WORK_ORDER_TABLE),
    twins: new DynamoDbMachineReader(dynamoDb, { registry: places.REGISTRY_TABLE, twins: places.TWIN_TABLE }),
    workflow: new SfnWorkflow(new SFNClient({})),
  };
}
