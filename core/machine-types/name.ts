import { z } from 'zod';

/** How signals, components, failure modes, actions and derived quantities are called. */
export const nameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_-]*$/, 'use lower-case letters, digits, "_" and "-", starting with a letter');

/** Either end may be open: a temperature often has a ceiling only. */
export const limitsSchema = z
  .strictObject({ min: z.number().optional(), max: z.number().optional() })
  .refine((l) => l.min !== undefined || l.max !== undefined, { message: 'give min, max or both' });
