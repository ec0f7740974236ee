import { z } from 'zod';
import { type StoreEnv, storeEnvSchema } from '../ports/store-env.ts';

const ownSchema = z.object({
  STAGE: z.string().min(1),
  TWIN_TABLE: z.string().min(1),
  REGISTRY_TABLE: z.string().min(1),
  /** The claim of a token that lists its groups. */
  ROLE_CLAIM: z.string().min(1),
  STALE_AFTER_S: z.coerce.number().positive(),
  DOWNTIME_EUR_PER_HOUR: z.coerce.number().nonnegative(),
});

/** What the API's function is told by its stack; the stack is typed by the same schema. */
export const apiEnvSchema = z.intersection(ownSchema, storeEnvSchema);

/** Variables are text, whatever they mean. */
export type ApiEnv = Record<keyof z.output<typeof ownSchema>, string> & StoreEnv;
