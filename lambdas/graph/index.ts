import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { presentIncident } from '../../core/api/desk.ts';
import { knownTypes } from '../../core/machine-types/known.ts';
import { connectApi } from '../adapters/connect-api.ts';
import { listIncidentsOpened, listLiveIncidents } from '../adapters/dynamodb-incident-lists.ts';
import { DynamoDbIncidentStore } from '../adapters/dynamodb-incident-store.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { uuidOf } from '../adapters/uuid.ts';
import { calls } from '../api/calls.ts';
import { listIncidents, type OpenedIn } from '../desk/calls.ts';
import { Refusal } from '../http/reply.ts';
import type { Asked } from '../http/server.ts';
import { graphEnvSchema } from './env.ts';
import { createGraphHandler } from './handler.ts';

const env = readEnvironment(graphEnvSchema);
const dynamoDb = new DynamoDBClient({});
const incidents = new DynamoDbIncidentStore(dynamoDb, env.INCIDENT_TABLE);
const telling = createTelling('graph', env.STAGE);
const deps = {
  ...connectApi(env),
  ...telling,
  findType: knownTypes.findType,
  staleAfterMs: env.STALE_AFTER_S * 1000,
  downtimeEurPerHour: env.DOWNTIME_EUR_PER_HOUR,
  uuidOf: (name: string) => uuidOf(`${env.STAGE}/${name}`),
  listLive: (site: string) => listLiveIncidents(dynamoDb, env.INCIDENT_TABLE, site),
  listOpened: (asked: OpenedIn) => listIncidentsOpened(dynamoDb, env.INCIDENT_TABLE, asked),
};
const bound = Object.entries(calls).map(([id, call]) => [id, (asked: Asked) => call(deps, asked)] as const);

export const handler = createGraphHandler({
  calls: { ...Object.fromEntries(bound), listIncidents: (asked) => listIncidents(deps, asked) },
  findIncident: async (incidentId) => {
    const incident = (await incidents.load([incidentId])).get(incidentId);
    if (incident === undefined) throw new Refusal(404, `incidentId: there is no incident "${incidentId}"`);
    return presentIncident(incident);
  },
  roleClaim: env.ROLE_CLAIM,
  nowMs: Date.now,
  log: telling.log,
});
