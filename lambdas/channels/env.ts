import { z } from 'zod';
import { channels } from '../../core/incidents/channels/channel.ts';

/** What a channel's function is told by its stack. */
export const channelEnvSchema = z.object({
  STAGE: z.string().min(1),
  CHANNEL: z.enum(channels),
  /** The stage's routes, as JSON. */
  ROUTES: z.string().min(2),
  /** Where its address or key is; of amazon_q its topic. */
  CHANNEL_SECRET_ARN: z.string().min(1),
  ACKNOWLEDGE_URL: z.string().min(1),
  LINK_SECRET_ARN: z.string().min(1),
  RUNBOOK_URL: z.string().min(1),
  PAGE_URL: z.string().min(1),
  QUEUE_URL: z.string().min(1),
  DEAD_LETTERS_URL: z.string().min(1),
  FIRST_RETRY_S: z.coerce.number().positive(),
  LONGEST_RETRY_S: z.coerce.number().positive(),
  SLACK_BUTTONS: z.enum(['true', 'false']),
});

export type ChannelEnv = Record<keyof z.output<typeof channelEnvSchema>, string>;
