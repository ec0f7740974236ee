import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { StartFeeder } from '../ports/live.ts';
import { DynamoDbLiveStore } from './dynamodb-live-store.ts';
import { GatewayPoster, postsInFlight } from './gateway-poster.ts';

export interface LivePlaces {
  readonly LIVE_TABLE: string;
  /** `wss://…/stage`, as clients open it: the same place takes what is sent to them. */
  readonly LIVE_URL: string;
}

/** A beat must not wait for one client: who does not take a message in this time is told later. */
const postTimeoutMs = 1000;

/** The AWS side of the live feed's store and of its clients. */
export function connectLive(places: LivePlaces) {
  const store = new DynamoDbLiveStore(new DynamoDBClient({}), places.LIVE_TABLE);
  const gateway = new ApiGatewayManagementApiClient({
    endpoint: places.LIVE_URL.replace(/^ws/, 'http'),
    maxAttempts: 1,
    requestHandler: {
      requestTimeout: postTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: postsInFlight },
      httpsAgent: { maxSockets: postsInFlight },
    },
  });
  return { store, lease: store, poster: new GatewayPoster(gateway) };
}

export function startFeederBy(functionName: string): StartFeeder {
  const client = new LambdaClient({});
  return async () => {
    await client.send(new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event' }));
  };
}
