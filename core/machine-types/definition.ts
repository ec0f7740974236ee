import { z } from 'zod';
import { detectionSchema } from '../detection/config.ts';
import { prognosisSchema } from '../prognosis/config.ts';
import { drawingsSchema } from './drawings.ts';
import { limitsSchema as limits, nameSchema as name } from './name.ts';

/**
 * What a machine type is: data, not code. The four built-in types are written in this form and a plant adds its own
 * as a JSON file; both pass through the same schema.
 */
const path = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/,
    'use field names joined by dots, like "spindle.load_percent"',
  );

const range = z
  .strictObject({ min: z.number(), max: z.number() })
  .refine((r) => r.min < r.max, { message: 'min must be below max' });

const signal = z.strictObject({
  name,
  /** Where the value stands in the payload. */
  path,
  unit: z.string(),
  title: z.string().optional(),
  component: name.optional(),
  /** What the sensor can show at all; outside it the value is a broken sensor, not a broken machine. */
  physicalRange: range,
  /** What a healthy machine shows in any phase. */
  normalLimits: limits.optional(),
  /** A sample without it is a dropout; signals that only some machines have are optional. */
  required: z.boolean().default(true),
});

const contextField = z.strictObject({ name, path });

const phase = z.strictObject({
  name: z.string().min(1),
  title: z.string().optional(),
  /** Limits that hold in this phase, by signal name. */
  limits: z.record(z.string(), limits).default({}),
});

const component = z.strictObject({
  name,
  title: z.string(),
  /** Weibull life of the fleet before anything is known of this one machine. */
  life: z.strictObject({ shape: z.number().positive(), scaleHours: z.number().positive() }).optional(),
  /**
   * By which powers of load and of speed its life falls, as far as known: ISO 281 has load 3, speed 1 for ball bearings; Taylor's
   * rule speed 4 for carbide edges (n = .25).
   */
  lifePowers: z
    .strictObject({ load: z.number().min(0).max(20).optional(), speed: z.number().min(0).max(20).optional() })
    .optional(),
});

export const signatureDirections = ['up', 'down', 'either', 'noisier', 'stuck'] as const;

const failureMode = z.strictObject({
  name,
  title: z.string(),
  component: name,
  /** Which signals move which way when this mode grows. */
  signature: z.record(z.string(), z.enum(signatureDirections)),
  actions: z.array(name).default([]),
});

const maintenanceAction = z.strictObject({
  name,
  title: z.string(),
  component: name,
  durationHours: z.number().nonnegative(),
  leadTimeHours: z.number().nonnegative().default(0),
  parts: z
    .array(z.strictObject({ name: z.string(), quantity: z.number().positive(), priceEur: z.number().nonnegative() }))
    .default([]),
});

export const machineTypeSchema = z.strictObject({
  schemaVersion: z.literal(1),
  name,
  title: z.string(),
  /** A payload that names no `machine_type` is of this type when it has all of these paths. */
  identifiedBy: z.array(path).default([]),
  signals: z.array(signal).min(1),
  context: z.array(contextField).default([]),
  /** Where the payload says which phase the machine is in; null for machines without phases. */
  phasePath: path.nullable().default(null),
  phases: z.array(phase).default([]),
  components: z.array(component).default([]),
  failureModes: z.array(failureMode).default([]),
  actions: z.array(maintenanceAction).default([]),
  /** Thresholds and choices of the detection chain. */
  detection: detectionSchema.prefault({}),
  /** What wears, by which signal it shows, and where it has failed. */
  prognosis: prognosisSchema.prefault({}),
  drawings: drawingsSchema.prefault({}),
});

export type MachineType = z.output<typeof machineTypeSchema>;
export type MachineTypeInput = z.input<typeof machineTypeSchema>;
export type SignalDefinition = MachineType['signals'][number];
