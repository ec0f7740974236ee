import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { knownTypes } from '../../core/machine-types/known.ts';
import { connectLive, startFeederBy } from '../adapters/connect-live.ts';
import { listLiveIncidents } from '../adapters/dynamodb-incident-lists.ts';
import { DynamoDbMachineReader } from '../adapters/dynamodb-machine-reader.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { liveFeedEnvSchema } from './env.ts';
import { createFeederHandler } from './handler.ts';
import { TopicReader } from './topic-reader.ts';

const env = readEnvironment(liveFeedEnvSchema);
const dynamoDb = new DynamoDBClient({});
const machines = new DynamoDbMachineReader(dynamoDb, { registry: env.REGISTRY_TABLE, twins: env.TWIN_TABLE });
const reader = new TopicReader({
  directory: machines,
  twins: machines,
  listIncidents: (site) => listLiveIncidents(dynamoDb, env.INCIDENT_TABLE, site),
  findType: knownTypes.findType,
  staleAfterMs: env.STALE_AFTER_S * 1000,
});

export const handler = createFeederHandler({
  ...connectLive(env),
  ...createTelling('live-feed', env.STAGE),
  read: (topics, nowMs) => reader.read(topics, nowMs),
  startFeeder: startFeederBy(process.env.AWS_LAMBDA_FUNCTION_NAME ?? ''),
  everyMs: env.LIVE_EVERY_S * 1000,
  sleep,
  nowMs: Date.now,
});
