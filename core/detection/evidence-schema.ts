import { z } from 'zod';
import { valueQualities } from './observation.ts';

const number = z.number().nullable();

/** `Evidence` of an observation as it travels: in events, incidents and answers. */
export const evidenceSchema = z.object({
  signal: z.string(),
  unit: z.string(),
  observed: number,
  expected: number,
  residual: number,
  limit: z.object({ min: z.number().optional(), max: z.number().optional() }).nullable(),
  quality: z.enum(valueQualities),
  ageMs: z.number(),
  score: z.number().optional(),
  share: z.number().optional(),
  part: z.string().optional(),
  detector: z.object({ name: z.string(), version: z.number() }).optional(),
});
