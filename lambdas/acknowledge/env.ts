import { z } from 'zod';
import { incidentsEnvSchema } from '../incidents/env.ts';

/** What the acknowledge function is told by its stack: as the incident function, but for its own address. */
export const acknowledgeEnvSchema = incidentsEnvSchema.omit({ ACKNOWLEDGE_URL: true }).extend({
  /** Empty where the stage has no Slack app. */
  SLACK_SIGNING_SECRET_ARN: z.string().default(''),
});

export type AcknowledgeEnv = Record<keyof z.output<typeof acknowledgeEnvSchema>, string>;
