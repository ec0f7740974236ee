import { z } from 'zod';

/** What the function that listens for silence is told by its stack. */
export const silenceEnvSchema = z.object({
  STAGE: z.string().min(1),
  REGISTRY_TABLE: z.string().min(1),
  TWIN_TABLE: z.string().min(1),
  INCIDENT_TABLE: z.string().min(1),
  EVENT_BUS: z.string().min(1),
  SILENT_AFTER_S: z.coerce.number().positive(),
});

export type SilenceEnv = Record<keyof z.output<typeof silenceEnvSchema>, string>;
