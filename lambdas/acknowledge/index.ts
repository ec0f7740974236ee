import { connectIncidents } from '../adapters/connect-incidents.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { HttpChannelSender } from '../adapters/http-channel-sender.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { createMacLoader } from '../adapters/secret-mac.ts';
import { actOnIncident } from '../incidents/act.ts';
import type { CommitDeps } from '../incidents/commit.ts';
import { acknowledgeEnvSchema } from './env.ts';
import { createAcknowledgeHandler } from './handler.ts';

const env = readEnvironment(acknowledgeEnvSchema);
const aws = connectIncidents(env);
const links = { incident: null, acknowledge: null, runbook: env.RUNBOOK_URL };
const commitDeps: CommitDeps = {
  ...aws,
  // Mails are the incident function's to send: this one, open to the world, may not.
  mayTell: ({ kind }) => kind === 'acknowledged',
  linksFor: async () => links,
};
export const handler = createAcknowledgeHandler({
  store: aws.store,
  act: (incidentId, event) => actOnIncident(commitDeps, incidentId, event),
  loadMac: createMacLoader(env.LINK_SECRET_ARN),
  slack:
    env.SLACK_SIGNING_SECRET_ARN === ''
      ? null
      : { loadMac: createMacLoader(env.SLACK_SIGNING_SECRET_ARN), sender: new HttpChannelSender() },
  nowMs: Date.now,
  log: createTelling('acknowledge', env.STAGE).log,
});
