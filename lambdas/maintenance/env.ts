import { z } from 'zod';

/** What the maintenance function is told by its stack. */
export const maintenanceEnvSchema = z.object({
  STAGE: z.string().min(1),
  WORK_ORDER_TABLE: z.string().min(1),
  REGISTRY_TABLE: z.string().min(1),
  TWIN_TABLE: z.string().min(1),
  EVENT_BUS: z.string().min(1),
  STREAM_NAME: z.string().min(1),
  TOPIC_MAINTENANCE: z.string().min(1),
  TOPIC_ESCALATION: z.string().min(1),
  PAGE_URL: z.string().min(1),
  RUNBOOK_URL: z.string().min(1),
  DECIDE_WITHIN_S: z.coerce.number().positive(),
  REMIND_EVERY_S: z.coerce.number().positive(),
  DOWNTIME_EUR_PER_HOUR: z.coerce.number().nonnegative(),
});

export type MaintenanceEnv = Record<keyof z.output<typeof maintenanceEnvSchema>, string>;
