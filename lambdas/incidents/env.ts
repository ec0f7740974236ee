import { z } from 'zod';

/** What the incident function is told by its stack. */
export const incidentsEnvSchema = z.object({
  STAGE: z.string().min(1),
  INCIDENT_TABLE: z.string().min(1),
  INCIDENT_QUEUE_URL: z.string().min(1),
  EVENT_BUS: z.string().min(1),
  TOPIC_CRITICAL: z.string().min(1),
  TOPIC_WARNING: z.string().min(1),
  TOPIC_WATCH: z.string().min(1),
  TOPIC_ESCALATION: z.string().min(1),
  TOPIC_MAINTENANCE: z.string().min(1),
  /** Unacknowledged for longer goes to the next level. */
  ACKNOWLEDGE_CRITICAL_S: z.coerce.number().positive(),
  ACKNOWLEDGE_WARNING_S: z.coerce.number().positive(),
  FLAP_HOLD_S: z.coerce.number().positive(),
  PAGE_BUDGET: z.coerce.number().positive(),
  RUNBOOK_URL: z.string().min(1),
  PAGE_URL: z.string().min(1),
  /** Where a link of a mail leads, and the secret it is signed with. */
  ACKNOWLEDGE_URL: z.url(),
  LINK_SECRET_ARN: z.string().min(1),
});

export type IncidentsEnv = Record<keyof z.output<typeof incidentsEnvSchema>, string>;
