import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { connectIncidents } from '../adapters/connect-incidents.ts';
import { listLiveIncidents } from '../adapters/dynamodb-live-incidents.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { actOnIncident } from '../incidents/act.ts';
import type { CommitDeps } from '../incidents/commit.ts';
import { deskEnvSchema } from './env.ts';
import { createDeskHandler } from './handler.ts';

const env = readEnvironment(deskEnvSchema);
const aws = connectIncidents(env);
const dynamoDb = new DynamoDBClient({});
const links = { incident: null, acknowledge: null, runbook: env.RUNBOOK_URL };
// Mails are the incident function's to send.
const commitDeps: CommitDeps = { ...aws, mayTell: ({ kind }) => kind === 'acknowledged', linksFor: async () => links };

export const handler = createDeskHandler({
  ...createTelling('desk', env.STAGE),
  listLive: (site) => listLiveIncidents(dynamoDb, env.INCIDENT_TABLE, site),
  find: async (incidentId) => (await aws.store.load([incidentId])).get(incidentId),
  act: (incidentId, event) => actOnIncident(commitDeps, incidentId, event),
  roleClaim: env.ROLE_CLAIM,
  nowMs: Date.now,
});
