import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DynamoDbMachineReader } from '../adapters/dynamodb-machine-reader.ts';
import { DynamoDbSilenceStore } from '../adapters/dynamodb-silence-store.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { EventBridgePublisher } from '../adapters/eventbridge-publisher.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { silenceEnvSchema } from './env.ts';
import { createSilenceHandler } from './handler.ts';

const env = readEnvironment(silenceEnvSchema);
const dynamoDb = new DynamoDBClient({});
const machines = new DynamoDbMachineReader(dynamoDb, { registry: env.REGISTRY_TABLE, twins: env.TWIN_TABLE });
export const handler = createSilenceHandler({
  ...createTelling('silence', env.STAGE),
  directory: machines,
  twins: machines,
  store: new DynamoDbSilenceStore(dynamoDb, env.INCIDENT_TABLE),
  events: new EventBridgePublisher(new EventBridgeClient({}), env.EVENT_BUS),
  staleAfterMs: env.SILENT_AFTER_S * 1000,
  nowMs: Date.now,
});
