import { createHash } from 'node:crypto';
import type { Problem } from '../../core/api/schemas.ts';

/** What API Gateway takes from a function, payload format 2.0. */
export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Thrown by a call to answer with a problem instead. */
export class Refusal extends Error {
  readonly statusCode: number;
  constructor(statusCode: number, detail: string) {
    super(detail);
    this.statusCode = statusCode;
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Does not fit',
  500: 'Internal error',
  503: 'Busy',
};

export function refuse(statusCode: number, detail: string, requestId: string): Reply {
  const title = titles[statusCode] ?? 'Problem';
  const problem: Problem = { type: 'about:blank', title, status: statusCode, detail, requestId };
  return {
    statusCode,
    headers: {
      'content-type': 'application/problem+json',
      'x-request-id': requestId,
      'cache-control': 'no-store',
      ...(statusCode === 503 ? { 'retry-after': '2' } : {}),
    },
    body: JSON.stringify(problem),
  };
}

/** Ages and the moment of asking grow by themselves: they say nothing new. */
const passing: ReadonlySet<string> = new Set(['asOf', 'ageMs']);

/** Weak: bodies of one tag differ in ages. */
export function tagOf(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body, (key, value) => (passing.has(key) ? 0 : value));
  return `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
}

export interface Found {
  readonly body: unknown;
  readonly contentType: string;
  readonly requestId: string;
  /** The caller's If-None-Match. */
  readonly known: string | undefined;
}

export function answer({ body, contentType, requestId, known }: Found): Reply {
  const etag = tagOf(body);
  const headers = { etag, 'cache-control': 'private, no-cache', 'x-request-id': requestId };
  const tags = (known ?? '').split(',').map((tag) => tag.trim());
  if (tags.includes(etag)) return { statusCode: 304, headers, body: '' };
  return {
    statusCode: 200,
    headers: { ...headers, 'content-type': contentType },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}
