import { z } from 'zod';
import { type StoreEnv, storeEnvSchema } from '../ports/store-env.ts';

const ownSchema = z.object({
  STAGE: z.string().min(1),
  WORKSPACE_ID: z.string().min(1),
  /** A host, without scheme. */
  WORKSPACE_ENDPOINT: z.string().min(1),
  REGION: z.string().min(1),
  PAGE_URL: z.string().min(1),
  /** Empty where no runbook is published. */
  RUNBOOK_URL: z.string(),
  DOWNTIME_EUR_PER_HOUR: z.coerce.number().nonnegative(),
});

export const dashboardsEnvSchema = z.intersection(ownSchema, storeEnvSchema);

/** Variables are text, whatever they mean. */
export type DashboardsEnv = Record<keyof z.output<typeof ownSchema>, string> & StoreEnv;
