import { z } from 'zod';

/** What the detection function is told by its stack; the stack is typed by the same schema. */
export const detectionEnvSchema = z.object({
  STAGE: z.string().min(1),
  STREAM_ARN: z.string().min(1),
  STORE_DATABASE: z.string().min(1),
  STORE_TABLE: z.string().min(1),
  TWIN_TABLE: z.string().min(1),
  REGISTRY_TABLE: z.string().min(1),
  LEASE_TABLE: z.string().min(1),
  CHECKPOINT_BUCKET: z.string().min(1),
  EVENT_BUS: z.string().min(1),
  QUARANTINE_QUEUE_URL: z.string().min(1),
  TWIN_EVERY_S: z.coerce.number().positive(),
  CHECKPOINT_EVERY_S: z.coerce.number().positive(),
});

/** Variables are text, whatever they mean. */
export type DetectionEnv = Record<keyof z.output<typeof detectionEnvSchema>, string>;
