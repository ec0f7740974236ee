import type { z } from 'zod';
import { quoteGot, sayAllowed } from '../../core/allowed.ts';
import { formatMoment } from '../../core/api/moment.ts';
import { Refusal } from './reply.ts';

/** Every fault is named with the parameter, the value got and what is allowed. */
export function readParameters(schema: z.ZodObject, input: Readonly<Record<string, string | undefined>>): unknown {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw new Refusal(400, parsed.error.issues.map((issue) => describeParameter(issue, schema, input)).join('; '));
}

function describeParameter(issue: Issue, { shape }: z.ZodObject, sent: Readonly<Record<string, unknown>>): string {
  if (issue.code === 'unrecognized_keys') {
    return `${sayAllowed(issue.message)}; allowed are ${Object.keys(shape).join(', ') || 'none'}`;
  }
  // What is read as a number and is none comes as NaN, which says nothing of what was sent.
  return describeIssue(issue, Number.isNaN(issue.input) ? sent[String(issue.path[0])] : readGot(issue));
}

type Issue = z.core.$ZodIssue;

function describeIssue({ code, path, message }: Issue, value: unknown): string {
  const where = path.join('.') || 'the body';
  if (code === 'unrecognized_keys') return `${where}: ${sayAllowed(message)}`;
  return `${where}: got ${quoteGot(value)}; ${sayAllowed(message)}`;
}

/** Of a field that says which of several kinds a body is, the fault holds the whole body. */
function readGot({ input, ...issue }: Issue): unknown {
  const kind = 'discriminator' in issue ? String(issue.discriminator) : null;
  return kind === null ? input : (input as Readonly<Record<string, unknown>>)[kind];
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
  throw new Refusal(400, parsed.error.issues.map((issue) => describeIssue(issue, readGot(issue))).join('; '));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, `the body is not JSON: got ${JSON.stringify(text.slice(0, 40))}`);
  }
}
