import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { StoreEnv } from '../ports/store-env.ts';
import { connectSeriesReader } from './connect-series-reader.ts';
import { DynamoDbMachineReader } from './dynamodb-machine-reader.ts';

export type ApiPlaces = StoreEnv & {
  readonly TWIN_TABLE: string;
  readonly REGISTRY_TABLE: string;
};

/** The AWS side of every port that the API has. */
export function connectApi(places: ApiPlaces) {
  const machines = new DynamoDbMachineReader(new DynamoDBClient({}), {
    registry: places.REGISTRY_TABLE,
    twins: places.TWIN_TABLE,
  });
  return { directory: machines, twins: machines, series: connectSeriesReader(places) };
}
