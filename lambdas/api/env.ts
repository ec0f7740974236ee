import { z } from 'zod';

/** What the API's function is told by its stack; the stack is typed by the same schema. */
export const apiEnvSchema = z.object({
  STAGE: z.string().min(1),
  STORE_DATABASE: z.string().min(1),
  STORE_TABLE: z.string().min(1),
  TWIN_TABLE: z.string().min(1),
  REGISTRY_TABLE: z.string().min(1),
  /** The claim of a token that lists its groups. */
  ROLE_CLAIM: z.string().min(1),
  STALE_AFTER_S: z.coerce.number().positive(),
});

/** Variables are text, whatever they mean. */
export type ApiEnv = Record<keyof z.output<typeof apiEnvSchema>, string>;
