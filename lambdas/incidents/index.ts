import { connectIncidents } from '../adapters/connect-incidents.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { createMacLoader } from '../adapters/secret-mac.ts';
import { incidentsEnvSchema } from './env.ts';
import { createIncidentsHandler } from './handler.ts';
import { createLinks } from './links.ts';

const env = readEnvironment(incidentsEnvSchema);
const linksFor = createLinks({
  acknowledgeUrl: env.ACKNOWLEDGE_URL,
  pageUrl: env.PAGE_URL,
  runbookUrl: env.RUNBOOK_URL,
  slackButtons: false,
  loadMac: createMacLoader(env.LINK_SECRET_ARN),
});
export const handler = createIncidentsHandler({
  ...connectIncidents(env),
  ...createTelling('incidents', env.STAGE),
  linksFor,
});
