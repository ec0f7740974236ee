import { connectIncidents } from '../adapters/connect-incidents.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { incidentsEnvSchema } from './env.ts';
import { createIncidentsHandler } from './handler.ts';

const env = readEnvironment(incidentsEnvSchema);
const runbook = `${env.RUNBOOK_URL}#incidents`;
const linksFor = async () => ({ incident: null, acknowledge: null, runbook });
export const handler = createIncidentsHandler({
  ...connectIncidents(env),
  ...createTelling('incidents', env.STAGE),
  linksFor,
});
