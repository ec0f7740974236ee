import { createHash } from 'node:crypto';
import type { Problem } from '../../core/api/schemas.ts';

/** What API Gateway takes from a function, payload format 2.0. */
export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
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

/** A body that is a file, with headers of its own. */
export class Document {
  readonly content: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  constructor(content: string | Uint8Array, headers: Readonly<Record<string, string>>) {
    this.content = content;
    this.headers = headers;
  }
}

/** Ages and the moment of asking grow by themselves: they say nothing new. Inside a text its quotes would be escaped. */
const passing = /"(?:asOf|ageMs)":(?:"[^"]*"|[^,}\]]*)/g;

/** Weak: bodies of one tag differ in ages. */
function tagOf(content: string | Uint8Array, isFile: boolean): string {
  const telling = isFile || typeof content !== 'string' ? content : content.replaceAll(passing, '');
  return `W/"${createHash('sha256').update(telling).digest('base64url').slice(0, 22)}"`;
}

export interface Found {
  readonly body: unknown;
  readonly contentType: string;
  readonly requestId: string;
  /** When it was asked, by the plant's clock: told with every answer, also with one that is unchanged. */
  readonly nowMs: number;
  /** The caller's If-None-Match; what changes something has none. */
  readonly known: string | undefined;
}

/** An answer of a function, quotes escaped, is at most 6 MB (Lambda developer guide, "Lambda quotas"). */
const mostReplyBytes = 6_291_456 - 8192;

export function answer({ body, contentType, requestId, nowMs, known }: Found): Reply {
  const isFile = body instanceof Document;
  const content = isFile ? body.content : JSON.stringify(body);
  const etag = tagOf(content, isFile);
  const asOf = new Date(nowMs).toISOString();
  const headers = { etag, 'cache-control': 'private, no-cache', 'x-request-id': requestId, 'x-as-of': asOf };
  const tags = (known ?? '').split(',').map((tag) => tag.trim());
  if (tags.includes(etag)) return { statusCode: 304, headers, body: '' };
  const more = isFile ? body.headers : {};
  return limitSize({
    statusCode: 200,
    headers: { ...headers, ...more, 'content-type': contentType },
    ...encode(content),
  });
}

const encode = (content: string | Uint8Array): Pick<Reply, 'body' | 'isBase64Encoded'> =>
  typeof content === 'string'
    ? { body: content }
    : { body: Buffer.from(content).toString('base64'), isBase64Encoded: true };

/** Lambda would fail such an answer without a word to the caller. */
function limitSize(reply: Reply): Reply {
  const bytes = reply.body.length * 2 < mostReplyBytes ? 0 : Buffer.byteLength(JSON.stringify(reply.body));
  if (bytes <= mostReplyBytes) return reply;
  const megabytes = (size: number): string => (size / 1_048_576).toFixed(1);
  const sentence = `the answer is ${megabytes(bytes)} MB, at most ${megabytes(mostReplyBytes)} can be sent`;
  throw new Refusal(400, `${sentence}; ask for fewer signals, a coarser resolution or a smaller limit`);
}
