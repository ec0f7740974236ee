import { z } from 'zod';

export const provisioningEnvSchema = z.object({
  STAGE: z.string().min(1),
  REGISTRY_TABLE: z.string().min(1),
  /** A thing type is this and the machine's type. */
  THING_TYPE_PREFIX: z.string().min(1),
});

/** Variables are text, whatever they mean. */
export type ProvisioningEnv = Record<keyof z.output<typeof provisioningEnvSchema>, string>;
