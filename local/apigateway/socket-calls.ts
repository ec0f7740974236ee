/** What functions are told of a WebSocket connection, and how they are called; the authorizer's answer. */
import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { type Caller, type Cloud, formatArn, type Json } from '../engine.ts';
import { compilePolicy } from '../iam/policy.ts';
import { createGatewayTurns } from '../lambda/gateway-turns.ts';
import type { SocketApi, SocketRoute } from './web-socket-resources.ts';

export interface Connection {
  readonly id: string;
  readonly api: SocketApi;
  readonly connectedAtMs: number;
  /** What the authorizer said of the caller. */
  readonly authorizer: Json | null;
  /** Null until the handshake is done. */
  socket: WebSocket | null;
  idleTimer: NodeJS.Timeout | undefined;
}

export class HandshakeRefused extends Error {
  readonly statusCode: number;
  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/** What the route's authorizer says of the caller; null where the route has none. */
export async function authorize(
  cloud: Cloud,
  connection: Connection,
  { route, handshake }: { readonly route: SocketRoute; readonly handshake: Json },
): Promise<Json | null> {
  const { api } = connection;
  if (route.authorizerId === null) return null;
  const authorizer = api.authorizers.get(route.authorizerId);
  if (authorizer === undefined) throw new Error(`there is no authorizer ${route.authorizerId}`);
  if (!authorizer.identitySource.every((place) => hasIdentity(handshake, place))) {
    throw new HandshakeRefused(401, 'Unauthorized');
  }
  const methodArn = formatArn(cloud, 'execute-api', `${api.id}/${api.stage?.name}/$connect`);
  const about = describe(cloud, connection, { eventType: 'CONNECT', routeKey: '$connect' });
  const output = await invoke(cloud, {
    functionArn: authorizer.functionArn,
    sourceArn: formatArn(cloud, 'execute-api', `${api.id}/authorizers/${route.authorizerId}`),
    event: { type: 'REQUEST', methodArn, ...handshake, ...about },
  });
  if (output.ok) return readVerdict(methodArn, output.value);
  if (output.message === 'Unauthorized') throw new HandshakeRefused(401, 'Unauthorized');
  throw new Error(`the authorizer failed: ${output.message}`);
}

interface Verdict {
  readonly principalId: string;
  readonly policyDocument: Json;
  readonly context?: Json;
}

function readVerdict(methodArn: string, value: unknown): Json {
  const { principalId, policyDocument, context } = value as Verdict;
  const asked = { action: 'execute-api:Invoke', resource: methodArn, principal: principalId, context: {} };
  if (compilePolicy(policyDocument).evaluate(asked) !== 'allow') throw new HandshakeRefused(403, 'Forbidden');
  return { principalId, ...context };
}

function hasIdentity({ headers, queryStringParameters }: Json, place: string): boolean {
  const [, , kind, name = ''] = place.split('.');
  const given = (kind === 'header' ? headers : (queryStringParameters ?? {})) as Readonly<Record<string, string>>;
  return given[kind === 'header' ? name.toLowerCase() : name] !== undefined;
}

export function describe(
  cloud: Cloud,
  { id, api, connectedAtMs, authorizer }: Connection,
  about: { readonly eventType: string; readonly routeKey: string; readonly requestId?: string },
): Json {
  const nowMs = cloud.nowMs();
  return {
    requestContext: {
      requestId: randomUUID(),
      ...about,
      connectionId: id,
      connectedAt: connectedAtMs,
      ...(about.eventType === 'MESSAGE' ? { messageId: randomUUID(), messageDirection: 'IN' } : {}),
      apiId: api.id,
      stage: api.stage?.name,
      domainName: 'localhost',
      identity: { sourceIp: '127.0.0.1' },
      requestTime: new Date(nowMs).toISOString(),
      requestTimeEpoch: nowMs,
      ...(authorizer === null ? {} : { authorizer }),
    },
    isBase64Encoded: false,
  };
}

/** Throws where the function could not be called or failed. */
export async function callRoute(
  cloud: Cloud,
  { api }: Connection,
  { routeKey, event }: { readonly routeKey: string; readonly event: Json },
): Promise<unknown> {
  const functionArn = api.integrations.get(api.routes.get(routeKey)?.integrationId ?? '');
  if (functionArn === undefined) throw new Error(`${routeKey} has no integration`);
  const sourceArn = formatArn(cloud, 'execute-api', `${api.id}/${api.stage?.name}/${routeKey}`);
  const output = await invoke(cloud, { functionArn, sourceArn, event });
  if (!output.ok) throw new Error(output.message);
  return output.value;
}

const inTurn = createGatewayTurns();

type Invoked = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

async function invoke(
  cloud: Cloud,
  { functionArn, sourceArn, event }: { readonly functionArn: string; readonly sourceArn: string; readonly event: Json },
): Promise<Invoked> {
  const caller: Caller = { kind: 'service', name: 'apigateway.amazonaws.com', sourceArn };
  const input = { FunctionName: functionArn, Payload: JSON.stringify(event) };
  const output = (await inTurn(() => cloud.call('lambda', 'Invoke', input, caller))) as Json;
  const value: unknown = JSON.parse(String(output.Payload));
  if (output.FunctionError === undefined) return { ok: true, value };
  return { ok: false, message: String((value as { errorMessage?: unknown }).errorMessage) };
}
