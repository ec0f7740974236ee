/** Lambda proxy integration, payload format 2.0: a request as an event, a function's answer as a response. */
import type { Cloud, Json } from '../engine.ts';
import type { WireRequest, WireResponse } from '../wire/request.ts';
import type { Match } from './routes.ts';

export interface ProxyCall {
  readonly cloud: Cloud;
  readonly api: { readonly id: string };
  readonly request: WireRequest;
  readonly match: Match<unknown>;
  /** What the authorizer of the route tells of the caller. */
  readonly authorizer: Json | null;
  readonly requestId: string;
}

/** Not documented: measured on AWS by ministack's pull request 766. A form is none, nor is a body of no type. */
const textTypes = /^(?:text\/[^;]*|application\/(?:json|xml|javascript))\s*(?:;|$)/i;

export function describeCall({ cloud, api, request, match, authorizer, requestId }: ProxyCall): Json {
  const { method, path, query, headers } = request;
  const { cookie, ...rest } = headers;
  const { routeKey } = match.route;
  const nowMs = cloud.nowMs();
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query.toString(),
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    headers: Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)])),
    ...(query.size === 0 ? {} : { queryStringParameters: joinRepeated(query) }),
    ...(Object.keys(match.parameters).length === 0 ? {} : { pathParameters: match.parameters }),
    requestContext: {
      accountId: cloud.accountId,
      apiId: api.id,
      ...(authorizer === null ? {} : { authorizer }),
      domainName: String(headers.host ?? 'localhost'),
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: String(headers['user-agent'] ?? ''),
      },
      requestId,
      routeKey,
      stage: '$default',
      time: new Date(nowMs).toISOString(),
      timeEpoch: nowMs,
    },
    ...describeBody(request),
  };
}

function describeBody({ headers, body }: WireRequest): Json {
  if (body.length === 0) return { isBase64Encoded: false };
  const isText = textTypes.test(headers['content-type'] ?? '');
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}

function joinRepeated(query: URLSearchParams): Readonly<Record<string, string>> {
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name).join(',')]));
}

interface Reply {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly cookies?: unknown;
}

/** Null for a function that failed; what has no status is a body by itself. */
export function readReply(output: Json): WireResponse | null {
  if (output.FunctionError !== undefined) return null;
  const value: unknown = JSON.parse(String(output.Payload));
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    const body = typeof value === 'string' ? value : JSON.stringify(value);
    return { statusCode: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const { statusCode = 200, headers = {}, body = '', isBase64Encoded = false, cookies } = value as Reply;
  if (cookies !== undefined) throw new Error('cookies in the answer of a function are not modelled on the laptop');
  return {
    statusCode,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...Object.fromEntries(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), String(text)])),
    },
    body: isBase64Encoded ? Buffer.from(body, 'base64') : body,
  };
}
