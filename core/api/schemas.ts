import { z } from 'zod';
import { evidenceSchema } from '../detection/evidence-schema.ts';
import { decisions, severities, valueQualities } from '../detection/observation.ts';
import { drawingsSchema } from '../machine-types/drawings.ts';
import { criticalities } from './criticality.ts';
import { nextMaintenanceSchema } from './life.ts';

/** What the API answers: one schema for the handler's types, the OpenAPI document and the contract tests. */

/** `stale`: the twin has heard nothing for too long. `never`: registered, and not a sample yet. */
export const freshnesses = ['live', 'stale', 'never'] as const;
const severity = z.enum(severities);
const decision = z.enum(decisions);
const quality = z.enum(valueQualities);
const number = z.number().nullable();
const moment = z.iso.datetime({ offset: true });

const registered = z.object({
  machineId: z.string(),
  machineType: z.string(),
  name: z.string(),
  site: z.string(),
  line: z.string(),
  criticality: z.enum(criticalities).describe('How much the plant depends on it'),
});

export const machineSummarySchema = registered.extend({
  freshness: z.enum(freshnesses),
  sampledAt: moment.nullable(),
  ageMs: number.describe('Since the newest sample arrived'),
  severity: severity.nullable().describe('Of the newest sample; says nothing of now when freshness is not live'),
  decision: decision.describe('do_not_proceed whenever freshness is not live'),
  healthPercent: number,
});

const finding = z.object({
  code: z.string(),
  title: z.string(),
  component: z.string().nullable(),
  severity,
  detector: z.object({ name: z.string(), version: z.number() }),
  evidence: z.array(evidenceSchema),
});

export const twinSchema = machineSummarySchema.extend({
  asOf: moment,
  commissionedOn: z.string().nullable().describe('The day it went into service; null where the registry does not say'),
  rebuilt: z
    .object({ fromSampleAt: moment.nullable(), unknown: z.array(z.string()) })
    .nullable()
    .describe('Of a past time: rebuilt from the history’s last sample before it, and what a history does not keep'),
  phase: z.string().nullable(),
  context: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .describe('Part, program, block, tool: where in its work the machine stands'),
  sequence: number,
  advice: z.object({
    decision,
    action: z.string(),
    requiredCheck: z.string(),
    rationale: z.string(),
    confidence: z.number(),
    wouldChange: z.array(z.string()),
  }),
  components: z.array(z.object({ component: z.string(), title: z.string(), healthPercent: z.number() })),
  remainingLife: z
    .array(
      z.object({
        component: z.string(),
        title: z.string(),
        part: z.string().nullable().describe('Which of several: the tool in the magazine'),
        status: z.enum(['none_seen', 'wearing', 'failed', 'withheld']),
        hours: z
          .object({ p10: z.number(), p50: z.number(), p90: z.number() })
          .nullable()
          .describe('One in ten ends before p10, one in two before p50; of a tool, hours of cutting'),
        method: z.string().nullable(),
        why: z.string(),
        confidence: z.number(),
      }),
    )
    .describe('The soonest first'),
  nextMaintenance: nextMaintenanceSchema.nullable(),
  /** The state by the machine's trained model; null where its type has none, and when the data are stale. */
  condition: z
    .object({
      state: z.string(),
      probabilities: z.record(z.string(), z.number()),
      modelVersion: z.string(),
      /** Features in which the machine is unlike those the model was trained on: a fault of the model, not of the machine. */
      drift: z.array(z.object({ feature: z.string(), index: z.number(), limit: z.number() })),
    })
    .nullable(),
  findings: z.array(finding),
  causes: z.array(z.object({ failureMode: z.string(), title: z.string(), component: z.string(), weight: z.number() })),
  values: z.array(
    z.object({
      signal: z.string(),
      title: z.string(),
      component: z.string().nullable(),
      value: number,
      expected: number,
      unit: z.string(),
      ageMs: z.number(),
      quality,
    }),
  ),
});

export const machinePageSchema = z.object({
  asOf: moment,
  machines: z.array(machineSummarySchema),
  next: z.string().nullable().describe('Pass as `cursor` for the next page; null on the last. A page may be short.'),
});

const column = z.array(number);

export const historySchema = z.object({
  machineId: z.string(),
  from: moment,
  to: moment,
  resolutionS: z.number(),
  timesMs: z.array(z.number()).describe('Start of each interval; intervals without a sample are left out'),
  samples: z.array(z.number()),
  healthPercent: column.describe('Lowest of the interval'),
  remainingHours: z
    .object({ p10: column, p50: column, p90: column })
    .describe('Of the component that ends first, as it was told then; null in intervals without a new forecast'),
  signals: z.record(
    z.string(),
    z.object({ unit: z.string(), mean: column, min: column, max: column, expected: column }),
  ),
  next: z.string().nullable().describe('Pass as `cursor` for the intervals after these'),
});

export const anomaliesSchema = z.object({
  from: moment,
  to: moment,
  anomalies: z.array(
    z.object({
      anomalyId: z.string(),
      machineId: z.string(),
      code: z.string(),
      title: z.string().describe('What the machine’s type calls the code'),
      severity: severity.describe('The worst while it stood'),
      firstSeen: moment.describe('As far back as this page looked'),
      lastSeen: moment,
      samples: z.number(),
      lowestHealthPercent: number,
    }),
  ),
  next: z.string().nullable().describe('Pass as `cursor` for older ones; null on the last page. A page may be short.'),
});

export const machineTypeSummarySchema = z.object({
  name: z.string(),
  title: z.string(),
  signals: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      unit: z.string(),
      component: z.string().nullable(),
      required: z.boolean(),
      normalLimits: z.object({ min: z.number().optional(), max: z.number().optional() }).nullable(),
    }),
  ),
  components: z.array(z.object({ name: z.string(), title: z.string() })),
  failureModes: z.array(z.object({ name: z.string(), title: z.string(), component: z.string() })),
  actions: z
    .array(z.object({ name: z.string(), title: z.string(), component: z.string(), durationHours: z.number() }))
    .describe('What maintenance can do'),
  codes: z.record(z.string(), z.string()).describe('Title of each code this type can raise'),
  drawings: drawingsSchema.describe('What to draw besides signals over time: an operating map, a tool path'),
});

/** RFC 9457. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  requestId: z.string(),
});

export type MachineSummary = z.output<typeof machineSummarySchema>;
export type Twin = z.output<typeof twinSchema>;
export type MachinePage = z.output<typeof machinePageSchema>;
export type History = z.output<typeof historySchema>;
export type Anomalies = z.output<typeof anomaliesSchema>;
export type Anomaly = Anomalies['anomalies'][number];
export type MachineTypeSummary = z.output<typeof machineTypeSummarySchema>;
export type Problem = z.output<typeof problemSchema>;
