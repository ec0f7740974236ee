import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TimestreamQueryClient } from '@aws-sdk/client-timestream-query';
import { DynamoDbMachineReader } from './dynamodb-machine-reader.ts';
import { TimestreamSeriesReader } from './timestream-series-reader.ts';

export interface ApiPlaces {
  readonly STORE_DATABASE: string;
  readonly STORE_TABLE: string;
  readonly TWIN_TABLE: string;
  readonly REGISTRY_TABLE: string;
}

/** The AWS side of every port that the API has. */
export function connectApi(places: ApiPlaces) {
  const machines = new DynamoDbMachineReader(new DynamoDBClient({}), {
    registry: places.REGISTRY_TABLE,
    twins: places.TWIN_TABLE,
  });
  const place = { database: places.STORE_DATABASE, table: places.STORE_TABLE };
  return {
    directory: machines,
    twins: machines,
    series: new TimestreamSeriesReader(new TimestreamQueryClient({}), place, Date.now),
  };
}
