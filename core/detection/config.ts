import { z } from 'zod';
import { limitsSchema, nameSchema } from '../machine-types/name.ts';
import { decisions, severities } from './observation.ts';

/**
 * The `detection` section of a machine type: which quantities are expected to be what, which checks run on them, and
 * what follows. A quantity is a signal or a derived value; everything here names quantities, never positions.
 */
const quantity = nameSchema;

/** When a statement holds: in these phases and while these quantities stay within these limits. */
const condition = z.strictObject({
  phases: z.array(z.string()).optional(),
  quantities: z.record(quantity, limitsSchema).default({}),
  /** Samples the condition must have held before: a change of regime needs time to settle. */
  settleSamples: z.number().int().nonnegative().default(0),
});

/** `times` × the product of the quantities, each to its exponent; no quantities is a constant. */
const term = z.strictObject({ times: z.number().default(1), of: z.record(quantity, z.number()).default({}) });

const derived = z.strictObject({
  name: nameSchema,
  unit: z.string(),
  component: nameSchema.optional(),
  terms: z.array(term).min(1),
  /** A first-order lag, for what follows its cause slowly, as a temperature follows power. */
  lagS: z.number().positive().optional(),
  when: condition.optional(),
});

const knownExpectation = z.strictObject({
  kind: z.literal('known'),
  of: quantity,
  terms: z.array(term).min(1),
  when: condition.optional(),
});

/** Learned per machine while it is healthy: each target as a linear function of the terms, or of the other targets. */
const learnedExpectation = z.strictObject({
  kind: z.literal('learned'),
  name: nameSchema,
  of: z.array(quantity).min(1),
  terms: z.array(term).default([]),
  /** Each target is expected from the other targets too: what moves together is known by its company. */
  fromEachOther: z.boolean().default(false),
  when: condition.optional(),
  /** Half of them fit the model, half measure its noise. */
  samples: z.number().int().min(40).default(1200),
  /** One sample in this time teaches: a model of one hour does not know the night. */
  everyS: z.number().nonnegative().default(0),
});

const side = z.enum(['up', 'down', 'both']).default('both');
const checkBase = { code: nameSchema, of: quantity, when: condition.optional() };

const boundsCheck = z.strictObject({
  ...checkBase,
  kind: z.literal('bounds'),
  on: z.enum(['value', 'residual']).default('value'),
  /** Outside is beyond, the bound itself is inside. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** As `max`, but the bound itself is already outside. */
  below: z.number().optional(),
  /** Consecutive samples outside before it counts. */
  holdSamples: z.number().int().positive().default(1),
});

const phaseLimitsCheck = z.strictObject({ ...checkBase, kind: z.literal('phase-limits') });

/** Smoothed, standardised residual of a learned expectation, at two speeds. */
const driftCheck = z.strictObject({
  ...checkBase,
  kind: z.literal('drift'),
  side,
  /** 6: some 10⁸ independent looks for one false one; smoothing makes looks dependent, so this is on the safe side. */
  sigmas: z.number().positive().default(6),
  /** The smallest change worth a word, in the quantity's unit. */
  atLeast: z.number().nonnegative().default(0),
  fastSamples: z.number().int().positive().default(16),
  slowSamples: z.number().int().positive().default(128),
  /** Smoothing no shorter than this: what swings within it is work and no fault. */
  leastS: z.number().nonnegative().default(0),
});

/** Unrest: the variance of the residual about its own slow mean, against its healthy value. */
const spreadCheck = z.strictObject({
  ...checkBase,
  kind: z.literal('spread'),
  ratio: z.number().gt(1).default(4),
  /** 1 looks at every sample's noise; more looks at wandering slower than the noise. */
  fastSamples: z.number().int().positive().default(1),
  slowSamples: z.number().int().positive().default(64),
  leastS: z.number().nonnegative().default(0),
});

/** Wear against the work that causes it: faster than this very part's own pace. */
const paceCheck = z.strictObject({
  ...checkBase,
  kind: z.literal('pace'),
  /** What counts the work, as minutes cut or cycles. */
  per: quantity,
  /** Context fields that name the part, and the work it does. */
  partField: nameSchema.optional(),
  workField: nameSchema.optional(),
  /** Times its own slowest rate: so much is still the same pace. */
  faster: z.number().gt(1).default(1.5),
  /** Wear beyond that pace that is worth a word, in the quantity's unit. */
  atLeast: z.number().positive(),
  /** From here on a part wears faster by nature. */
  until: z.number().optional(),
  /** A rate is taken over no less work than this, in the counter's unit, and over no more than `mostWork`. */
  leastWork: z.number().positive(),
  mostWork: z.number().positive(),
  /** The counter rises no faster than this in a second: what does was set by hand. */
  mostPerS: z.number().positive().nullable().default(null),
});

/** Any detector of core/detection/detectors by its name, on values or on residuals. */
const detectorCheck = z.strictObject({
  code: nameSchema,
  of: z.array(quantity).min(1),
  when: condition.optional(),
  kind: z.literal('detector'),
  detector: z.string(),
  on: z.enum(['value', 'residual']).default('value'),
  config: z.record(z.string(), z.unknown()).default({}),
});

const check = z.discriminatedUnion('kind', [
  boundsCheck,
  phaseLimitsCheck,
  driftCheck,
  spreadCheck,
  paceCheck,
  detectorCheck,
]);

const code = z.strictObject({
  title: z.string(),
  component: nameSchema.optional(),
  /** Taken off 100 while the code stands. */
  penalty: z.number().min(0).max(100),
  /** Taken off once the score reaches `worstAtScore`; between, in proportion. */
  worstPenalty: z.number().min(0).max(100).optional(),
  worstAtScore: z.number().gt(1).default(5),
  /** The work itself runs outside its declared window: nothing goes on until a person has looked. */
  invalidProcess: z.boolean().default(false),
  openAfterSamples: z.number().int().positive().optional(),
  clearAfterS: z.number().nonnegative().optional(),
  /** The failure mode this code speaks for. */
  suggests: nameSchema.optional(),
});

const rule = z.strictObject({
  /** All of these codes stand. */
  codes: z.array(nameSchema).default([]),
  /** This failure mode is the most probable cause. */
  cause: nameSchema.optional(),
  atLeast: z.enum(severities).optional(),
  decision: z.enum(decisions),
  action: z.string(),
  requiredCheck: z.string(),
  rationale: z.string(),
  confidence: z.number().min(0).max(1),
  wouldChange: z.array(z.string()).default([]),
});

const quality = z.strictObject({
  /** Older than this at receipt and a value is no longer the present. */
  staleAfterS: z.number().positive().default(120),
  /** A straggler further than this behind the newest sample is late, a nearer one out of order. */
  lateAfterS: z.number().positive().default(60),
  /** A sample from further in the future says that the sender's clock is wrong. */
  clockSkewS: z.number().positive().default(10),
  /** Signals whose noise never rests: the same number this often in a row is a dead sensor. */
  noisySignals: z.array(nameSchema).default([]),
  stuckAfterSamples: z.number().int().min(2).default(60),
  /** Where the noise rests, as when the machine stands. */
  noisyWhen: condition.optional(),
  /** A sample with a dropout says nothing but that. */
  dropoutStandsAlone: z.boolean().default(false),
});

export const detectionSchema = z.strictObject({
  quality: quality.prefault({}),
  derived: z.array(derived).default([]),
  expectations: z.array(z.discriminatedUnion('kind', [knownExpectation, learnedExpectation])).default([]),
  checks: z.array(check).default([]),
  codes: z.record(nameSchema, code).default({}),
  /** Sums of penalties from which on it is a warning, or critical; anything less is a watch. */
  severity: z.strictObject({ warningFrom: z.number(), criticalFrom: z.number() }).default({
    warningFrom: 24,
    criticalFrom: 42,
  }),
  health: z.strictObject({ windowSamples: z.number().int().min(1).max(60) }).default({ windowSamples: 12 }),
  episodes: z
    .strictObject({
      openAfterSamples: z.number().int().positive().default(3),
      clearAfterSamples: z.number().int().positive().default(30),
      clearAfterS: z.number().nonnegative().default(60),
      /** After it cleared, the same code opens no new episode for this long. */
      refractoryS: z.number().nonnegative().default(600),
    })
    .prefault({}),
  /** Per failure mode how much each quantity counts and which way; where absent, the mode's own signature. */
  signatures: z.record(nameSchema, z.record(quantity, z.number())).default({}),
  /** Failure modes that can sit in several places: theirs is the component of the quantity that deviates most. */
  located: z.array(nameSchema).default([]),
  /** First match wins, after the gate. */
  decisions: z.array(rule).default([]),
});

export type DetectionConfig = z.output<typeof detectionSchema>;
export type Condition = z.output<typeof condition>;
export type Term = z.output<typeof term>;
export type Check = z.output<typeof check>;
export type CodeConfig = z.output<typeof code>;
export type LearnedExpectation = z.output<typeof learnedExpectation>;
export type DecisionRule = z.output<typeof rule>;
