import { z } from 'zod';

/** How a machine type says what wears and when it has failed: data, like the rest of the type. */
const name = z.string().min(1);

const degradation = z.strictObject({
  kind: z.literal('degradation'),
  component: name,
  failureMode: name,
  signal: name,
  /** The signal itself, how large it is whatever its sign, or its distance from what the twin expects of it. */
  of: z.enum(['value', 'magnitude', 'residual']).default('value'),
  /** Where the component has failed, in the signal's unit (of the residual, where that is taken). */
  failureAt: z.number(),
  scale: z.enum(['linear', 'log']).default('linear'),
  /** Only these phases show the wear; empty means all. */
  phases: z.array(z.string()).default([]),
  /** What the signal shows whatever the wear, taken off first: of a pump's head, the lift to where it pumps is no friction. */
  countedFrom: z.number().default(0),
  /** Only while this signal is at least so high: a standing machine shows nothing. */
  while: z.strictObject({ signal: name, atLeast: z.number() }).optional(),
  /** Values smaller than this say nothing: an axis that did not turn shows no reversal error. */
  ignoreBelow: z.number().nonnegative().default(0),
  /** What the work does to the signal: it is told as it would be at the reference, by a power (vibration: speed²). */
  normalisedBy: z.strictObject({ signal: name, reference: z.number().positive(), power: z.number() }).optional(),
  /** What another signal adds, whatever the wear: told as it would be at the reference (a hall that warms up). */
  compensatedBy: z.strictObject({ signal: name, reference: z.number(), perUnit: z.number() }).optional(),
  /** The signal follows what wears only after this long (a housing that warms up): it is told as it will be once it has. */
  followsWithinS: z.number().positive().optional(),
  baselineSamples: z.number().int().positive().default(120),
  onsetAt: z.number().positive().default(0.05),
  persistSamples: z.number().int().positive().default(20),
});

const toolWear = z.strictObject({
  kind: z.literal('tool_wear'),
  component: name,
  failureMode: name,
  /** Wear as the machine measures or computes it. */
  signal: name,
  failureAt: z.number().positive(),
  /** Minutes this edge has cut; null counts the time it was the one at work. */
  minutesSignal: name.nullable().default(null),
  /** The context field that names the tool; each one has a forecast of its own. */
  partField: name.nullable().default(null),
  expectedLifeMinutes: z.number().positive().nullable().default(null),
  lifeScatter: z.number().positive().default(0.22),
  readingNoise: z.number().positive().default(0.03),
});

export const prognosisSchema = z.strictObject({
  wears: z.array(z.discriminatedUnion('kind', [degradation, toolWear])).default([]),
  /** A signal that starts again at each cycle or part: forecasts are told in these too. */
  cycleSignal: name.nullable().default(null),
});

export type DegradationConfig = z.output<typeof degradation>;
export type ToolWearConfig = z.output<typeof toolWear>;
