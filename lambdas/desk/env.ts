import { z } from 'zod';
import { acknowledgeEnvSchema } from '../acknowledge/env.ts';

/** What the desk's function is told by its stack. */
export const deskEnvSchema = acknowledgeEnvSchema
  .omit({ LINK_SECRET_ARN: true, SLACK_SIGNING_SECRET_ARN: true })
  .extend({
    WORK_ORDER_TABLE: z.string().min(1),
    REGISTRY_TABLE: z.string().min(1),
    TWIN_TABLE: z.string().min(1),
    STALE_AFTER_S: z.coerce.number().positive(),
    /** The claim of a token that lists its groups. */
    ROLE_CLAIM: z.string().min(1),
  });

/** Variables are text, whatever they mean. */
export type DeskEnv = Record<keyof z.output<typeof deskEnvSchema>, string>;
