import { z } from 'zod';
import { type StoreEnv, storeEnvSchema } from '../ports/store-env.ts';

const ownSchema = z.object({
  STAGE: z.string().min(1),
  STREAM_NAME: z.string().min(1),
  TWIN_TABLE: z.string().min(1),
  REGISTRY_TABLE: z.string().min(1),
  LEASE_TABLE: z.string().min(1),
  CHECKPOINT_BUCKET: z.string().min(1),
  /** Models that this plant trained itself. */
  MODEL_BUCKET: z.string().min(1),
  LIFE_TABLE: z.string().min(1),
  EVENT_BUS: z.string().min(1),
  QUARANTINE_QUEUE_URL: z.string().min(1),
  TWIN_EVERY_S: z.coerce.number().positive(),
  CHECKPOINT_EVERY_S: z.coerce.number().positive(),
});

/** What the detection function is told by its stack; the stack is typed by the same schema. */
export const detectionEnvSchema = z.intersection(ownSchema, storeEnvSchema);

/** Variables are text, whatever they mean. */
export type DetectionEnv = Record<keyof z.output<typeof ownSchema>, string> & StoreEnv;
