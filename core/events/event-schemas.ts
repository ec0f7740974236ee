import { z } from 'zod';
import { decisions, severities, valueQualities } from '../detection/observation.ts';
import { caseFileSchema } from '../incidents/case-file.ts';
import { incidentStates } from '../incidents/incident.ts';
import { noticeKinds } from '../incidents/lifecycle.ts';
import { maintenanceRequestSchema, remainingLifeSchema } from '../maintenance/request.ts';
import { maintenanceNews } from '../maintenance/wording.ts';
import { workOrderStates } from '../maintenance/work-order.ts';
import { urgencies } from '../prognosis/urgency.ts';
import type { DetailType } from './event-types.ts';

/**
 * The `detail` of every event of the bus, version 1: what a receiver may rely on. Fields beyond these may come; a field
 * named here goes or changes its meaning only with a new version.
 */
const versioned = {
  schemaVersion: z.literal(1),
  /** The same on every replay: a receiver that keeps it takes each event once. */
  eventId: z.string().min(1),
  machineId: z.string().min(1),
  atMs: z.number(),
};

const machine = z.object({
  machineId: z.string(),
  machineType: z.string(),
  name: z.string(),
  site: z.string(),
  line: z.string(),
});
const severity = z.enum(severities);
const advice = z.object({ decision: z.enum(decisions), action: z.string(), requiredCheck: z.string() });
const health = z.object({ machine: z.number(), components: z.record(z.string(), z.number()) });
const condition = z.object({
  state: z.string(),
  probabilities: z.record(z.string(), z.number()),
  modelVersion: z.string(),
});
const transition = caseFileSchema.shape.transition;
const value = z.object({ value: z.number().nullable(), unit: z.string(), quality: z.enum(valueQualities) });

export const eventSchemas: Readonly<Record<DetailType, z.ZodType>> = {
  anomaly: caseFileSchema.extend(versioned),
  data_quality: z.object({ ...versioned, machine, transition, signals: z.record(z.string(), value) }),
  health: z.object({ ...versioned, machine, health, severity, advice, condition: condition.nullable() }),
  rul: z.object({ ...versioned, machine, forecast: z.object({ components: z.array(z.object({})) }).nullable() }),
  rul_crossed: z.object({
    ...versioned,
    machine,
    severity,
    gate: z.enum(decisions),
    remainingLife: remainingLifeSchema.nullable(),
    crossing: z.object({
      from: z.enum(urgencies),
      to: z.enum(urgencies),
      due: z.object({
        component: z.string(),
        part: z.string().nullable(),
        failureMode: z.string(),
        action: z.string(),
        orderWithinHours: z.number(),
      }),
    }),
  }),
  machine_stale: z.object({
    ...versioned,
    machine,
    state: z.enum(['silent', 'speaking']),
    /** When it was last heard. */
    sinceMs: z.number(),
    staleAfterMs: z.number(),
  }),
  lifecycle: z.object({
    ...versioned,
    machine,
    event: z.string(),
    component: z.string().nullable(),
    part: z.string().nullable(),
  }),
  /** Versions of the state model; from is the one that was in force before. */
  model_changed: z.object({ ...versioned, machine, from: z.string(), to: z.string() }),
  /** The machine is unlike those its model was trained on; never an alarm of the machine. */
  model_drift: z.object({
    ...versioned,
    machine,
    modelVersion: z.string(),
    fits: z.boolean(),
    features: z.array(z.object({ feature: z.string(), index: z.number(), limit: z.number() })),
  }),
  incident: z.object({
    ...versioned,
    kind: z.enum(noticeKinds),
    incident: z.object({ incidentId: z.string(), state: z.enum(incidentStates), severity, caseFile: caseFileSchema }),
    page: z.object({ isPage: z.boolean(), number: z.int(), budget: z.int() }),
  }),
  maintenance_request: maintenanceRequestSchema.extend(versioned),
  maintenance: z.object({
    ...versioned,
    news: z.enum(maintenanceNews),
    order: z.object({ workOrderId: z.string(), state: z.enum(workOrderStates), site: z.string() }),
  }),
};
