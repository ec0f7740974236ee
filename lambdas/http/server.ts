import { type Operation, programRouteOf, routeKeyOf } from '../../core/api/operation.ts';
import { mayActAs, type Role, readRole } from '../../core/api/roles.ts';
import { StoreBusy } from '../ports/series-reader.ts';
import type { Log, Metrics } from '../ports/telling.ts';
import { readBody, readParameters } from './parameters.ts';
import { answer, Refusal, type Reply, refuse } from './reply.ts';

/** What API Gateway hands over, payload format 2.0, as far as it is used. */
export interface ApiRequest {
  readonly routeKey: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly pathParameters?: Readonly<Record<string, string | undefined>>;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly requestContext: {
    readonly requestId: string;
    readonly authorizer?: {
      readonly jwt?: { readonly claims: Readonly<Record<string, unknown>> };
      /** Where the route asks for a signature instead of a token. */
      readonly iam?: { readonly userArn: string };
    };
  };
}

/** Who asks, as the token says, or the signature. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
}

/** A request whose parameters and body have passed their schemas. */
export interface Asked {
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: unknown;
  readonly body: unknown;
  /** Null where no token is needed. */
  readonly caller: Caller | null;
  readonly nowMs: number;
}

export type Call<Deps> = (deps: Deps, asked: Asked) => Promise<unknown>;

export interface ServerDeps {
  readonly nowMs: () => number;
  readonly roleClaim: string;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface Service<Deps> {
  readonly operations: readonly Operation[];
  /** By the id of their operation. */
  readonly calls: Readonly<Record<string, Call<Deps>>>;
}

/** A request in, the call of its route made for a caller who may, a reply or a problem out; it never throws. */
export function createServer<Deps extends ServerDeps>({ operations, calls }: Service<Deps>, deps: Deps) {
  const byRouteKey = new Map(
    operations.flatMap((operation) => {
      const routes = operation.forPrograms ? [operation, programRouteOf(operation)] : [operation];
      return routes.map((route) => [routeKeyOf(route), operation] as const);
    }),
  );
  return async (request: ApiRequest): Promise<Reply> => {
    const { requestId } = request.requestContext;
    const operation = byRouteKey.get(request.routeKey);
    try {
      if (operation === undefined) throw new Refusal(404, `${request.routeKey} is not a call of this API`);
      const asked = readRequest(deps, operation, request);
      const body = await calls[operation.id]!(deps, asked);
      if (operation.method !== 'GET') noteChange(deps, operation, request, asked);
      const known = operation.method === 'GET' ? request.headers['if-none-match'] : undefined;
      return answer({ body, contentType: operation.answer.contentType, requestId, nowMs: asked.nowMs, known });
    } catch (error) {
      return refuseFor(error, requestId, deps);
    }
  };
}

function readRequest(deps: ServerDeps, operation: Operation, request: ApiRequest): Asked {
  return {
    caller: admit(deps, operation, request),
    parameters: readParameters(operation.parameters, request.pathParameters ?? {}) as Record<string, string>,
    query: readParameters(operation.query, request.queryStringParameters ?? {}),
    body: operation.body === null ? null : readBody(operation.body, request),
    nowMs: deps.nowMs(),
  };
}

/** What changes something is a line of the audit trail, with who and what. */
function noteChange({ log }: ServerDeps, { id: call }: Operation, request: ApiRequest, asked: Asked): void {
  const { parameters, body, caller } = asked;
  const { requestId } = request.requestContext;
  log.info('audit', { outcome: 'done', call, subject: caller?.name, role: caller?.role, parameters, body, requestId });
}

/** A refused caller is a line of the audit trail, with who and what. */
function admit(deps: ServerDeps, operation: Operation, { routeKey, requestContext }: ApiRequest): Caller | null {
  if (operation.role === null) return null;
  const { authorizer, requestId } = requestContext;
  // The gateway has asked IAM about this very route: its answer is the role.
  if (routeKey !== routeKeyOf(operation) && authorizer?.iam !== undefined) {
    return { name: authorizer.iam.userArn, role: operation.role };
  }
  const claims = authorizer?.jwt?.claims;
  if (claims === undefined) throw new Refusal(401, 'a token is needed: Authorization: Bearer <token>');
  const role = readRole(claims[deps.roleClaim]);
  const name = String(claims.username ?? claims.email ?? claims.sub ?? 'somebody');
  if (role !== null && mayActAs(role, operation.role)) return { name, role };
  deps.metrics.count('ApiRefused', 1);
  deps.metrics.flush();
  deps.log.warn('audit', { outcome: 'refused', call: operation.id, subject: name, role, requestId });
  throw new Refusal(403, `this needs the role ${operation.role}; the token has ${role ?? 'none'}`);
}

function refuseFor(error: unknown, requestId: string, { log }: ServerDeps): Reply {
  if (error instanceof Refusal) return refuse(error.statusCode, error.message, requestId);
  if (error instanceof StoreBusy) return refuse(503, 'the time-series store is busy; try again', requestId);
  const reason = error instanceof Error ? error.message : String(error);
  log.error('call failed', { requestId, reason, stack: error instanceof Error ? error.stack : undefined });
  return refuse(500, `something went wrong here; name the request ${requestId} to whoever runs this`, requestId);
}
