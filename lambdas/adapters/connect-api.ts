import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { StoreEnv } from '../ports/store-env.ts';
import { connectSeriesReader } from './connect-series-reader.ts';
import { DynamoDbMachineReader } from './dynamodb-machine-reader.ts';
import { rememberFound } from './remembered-directory.ts';

export type ApiPlaces = StoreEnv & {
  readonly TWIN_TABLE: string;
  readonly REGISTRY_TABLE: string;
};

/** The AWS side of every port that the API has. */
export function connectApi(places: ApiPlaces) {
  const client = new DynamoDBClient({});
  // It walks each answer once more for a log that nobody has.
  client.middlewareStack.remove('loggerMiddleware');
  const machines = new DynamoDbMachineReader(client, {
    registry: places.REGISTRY_TABLE,
    twins: places.TWIN_TABLE,
  });
  return { directory: rememberFound(machines, Date.now), twins: machines, series: connectSeriesReader(places) };
}
