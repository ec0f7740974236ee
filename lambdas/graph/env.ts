import { z } from 'zod';
import { type ApiEnv, apiEnvSchema } from '../api/env.ts';

const ownSchema = z.object({ INCIDENT_TABLE: z.string().min(1) });

/** What the graph's function is told by its stack; the stack is typed by the same schema. */
export const graphEnvSchema = z.intersection(ownSchema, apiEnvSchema);

/** Variables are text, whatever they mean. */
export type GraphEnv = ApiEnv & z.output<typeof ownSchema>;
