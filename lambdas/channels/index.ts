import { z } from 'zod';
import { routeSchema } from '../../core/incidents/routing.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { HttpChannelSender } from '../adapters/http-channel-sender.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { createMacLoader, createSecretLoader } from '../adapters/secret-mac.ts';
import { createLinks } from '../incidents/links.ts';
import { channelEnvSchema } from './env.ts';
import { createChannelsHandler } from './handler.ts';

const env = readEnvironment(channelEnvSchema);
export const handler = createChannelsHandler({
  ...createTelling('channels', env.STAGE),
  channel: env.CHANNEL,
  routes: z.array(routeSchema).parse(JSON.parse(env.ROUTES)),
  sender: new HttpChannelSender(),
  loadSecret: createSecretLoader(env.CHANNEL_SECRET_ARN),
  linksFor: createLinks({
    acknowledgeUrl: env.ACKNOWLEDGE_URL,
    runbook: `${env.RUNBOOK_URL}#incidents`,
    loadMac: createMacLoader(env.LINK_SECRET_ARN),
  }),
});
