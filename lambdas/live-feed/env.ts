import { z } from 'zod';

/** What the feeder is told by its stack; the stack is typed by the same schema. */
export const liveFeedEnvSchema = z.object({
  STAGE: z.string().min(1),
  LIVE_TABLE: z.string().min(1),
  LIVE_URL: z.url({ protocol: /^wss?$/ }),
  TWIN_TABLE: z.string().min(1),
  REGISTRY_TABLE: z.string().min(1),
  INCIDENT_TABLE: z.string().min(1),
  STALE_AFTER_S: z.coerce.number().positive(),
  /** From one beat to the next. */
  LIVE_EVERY_S: z.coerce.number().positive(),
});

/** Variables are text, whatever they mean. */
export type LiveFeedEnv = Record<keyof z.output<typeof liveFeedEnvSchema>, string>;
