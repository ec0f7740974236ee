import { SQSClient } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { routeSchema } from '../../core/incidents/routing.ts';
import { readEnvironment } from '../adapters/environment.ts';
import { HttpChannelSender } from '../adapters/http-channel-sender.ts';
import { createTelling } from '../adapters/powertools-telling.ts';
import { createMacLoader, createSecretLoader } from '../adapters/secret-mac.ts';
import { SnsChannelSender } from '../adapters/sns-channel-sender.ts';
import { SqsChannelQueue } from '../adapters/sqs-channel-queue.ts';
import { createLinks } from '../incidents/links.ts';
import { channelEnvSchema } from './env.ts';
import { createChannelsHandler } from './handler.ts';

const env = readEnvironment(channelEnvSchema);
const isTopic = env.CHANNEL === 'amazon_q';
export const handler = createChannelsHandler({
  ...createTelling('channels', env.STAGE),
  channel: env.CHANNEL,
  routes: z.array(routeSchema).parse(JSON.parse(env.ROUTES)),
  sender: isTopic ? new SnsChannelSender() : new HttpChannelSender(),
  queue: new SqsChannelQueue(new SQSClient({}), env.QUEUE_URL, env.DEAD_LETTERS_URL),
  spacing: { firstS: env.FIRST_RETRY_S, longestS: env.LONGEST_RETRY_S },
  loadSecret: isTopic ? async () => env.CHANNEL_SECRET_ARN : createSecretLoader(env.CHANNEL_SECRET_ARN),
  linksFor: createLinks({
    acknowledgeUrl: env.ACKNOWLEDGE_URL,
    pageUrl: env.PAGE_URL,
    runbookUrl: env.RUNBOOK_URL,
    slackButtons: env.SLACK_BUTTONS === 'true',
    loadMac: createMacLoader(env.LINK_SECRET_ARN),
  }),
});
