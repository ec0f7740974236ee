import type { z } from 'zod';
import { formatMoment } from '../../core/api/moment.ts';
import { Refusal } from './reply.ts';

/** Every fault is named with the parameter, the value got and what is allowed. */
export function readParameters(schema: z.ZodObject, input: Readonly<Record<string, string | undefined>>): unknown {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  // What is read as a number and is none comes as NaN, which says nothing of what was sent.
  const describe = ({ path, message, input: read }: z.core.$ZodIssue): string =>
    describeIssue({ path, message, input: Number.isNaN(read) ? input[String(path[0])] : read });
  throw new Refusal(400, parsed.error.issues.map(describe).join('; '));
}

type Fault = Pick<z.core.$ZodIssue, 'path' | 'message'> & { readonly input?: unknown };

function describeIssue({ path, message, input }: Fault): string {
  if (path.length === 0) return message;
  return `${path.join('.')}: got ${JSON.stringify(input)?.slice(0, 80) ?? 'nothing'}; ${message}`;
}

/** What has been can be told; a moment to come cannot. */
export function readPast(at: string, nowMs: number): number {
  const atMs = Date.parse(at);
  if (atMs <= nowMs) return atMs;
  throw new Refusal(400, `at: got ${formatMoment(atMs)}, allowed is until now, ${formatMoment(nowMs)}`);
}

interface WithBody {
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

export function readBody(schema: z.ZodType, { body = '', isBase64Encoded = false }: WithBody): unknown {
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
  const parsed = schema.safeParse(parseJson(text), { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new Refusal(400, parsed.error.issues.map(describeIssue).join('; '));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, `the body is not JSON: got ${JSON.stringify(text.slice(0, 40))}`);
  }
}
