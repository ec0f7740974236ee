import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { knownTypes } from '../../core/machine-types/known.ts';
import { connectDesk } from '../adapters/connect-desk.ts';
import { listIncidentsOpened, listLiveIncidents } from '../adapters/dynamodb-incident-lists.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { createDesk } from '../incidents/desk.ts';
import { deskEnvSchema } from './env.ts';
import { createDeskHandler } from './handler.ts';

const env = readEnvironment(deskEnvSchema);
const aws = connectDesk(env);
const dynamoDb = new DynamoDBClient({});
const links = { incident: null, acknowledge: null, runbook: env.RUNBOOK_URL };

export const handler = createDeskHandler({
  ...createTelling('desk', env.STAGE),
  // Mails are the incident function's to send.
  desk: createDesk({ ...aws, mayTell: ({ kind }) => kind === 'acknowledged', linksFor: async () => links }),
  listLive: (site) => listLiveIncidents(dynamoDb, env.INCIDENT_TABLE, site),
  listOpened: (asked) => listIncidentsOpened(dynamoDb, env.INCIDENT_TABLE, asked),
  find: async (incidentId) => (await aws.store.load([incidentId])).get(incidentId),
  workOrders: aws.workOrders,
  directory: aws.twins,
  twins: aws.twins,
  events: aws.events,
  findType: knownTypes.findType,
  staleAfterMs: env.STALE_AFTER_S * 1000,
  roleClaim: env.ROLE_CLAIM,
  nowMs: Date.now,
});
