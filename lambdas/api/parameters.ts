import type { z } from 'zod';
import { Refusal } from './reply.ts';

/** Every fault is named with the parameter, the value got and what is allowed. */
export function readParameters(schema: z.ZodObject, input: Readonly<Record<string, string | undefined>>): unknown {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new Refusal(400, parsed.error.issues.map(describeIssue).join('; '));
}

function describeIssue({ path, message, input }: z.core.$ZodIssue): string {
  if (path.length === 0) return message;
  return `${path.join('.')}: got ${JSON.stringify(input)?.slice(0, 80) ?? 'nothing'}; ${message}`;
}
