import { type Operation, operations, routeKeyOf } from '../../core/api/operations.ts';
import { mayActAs, readRole } from '../../core/api/roles.ts';
import { StoreBusy } from '../ports/series-reader.ts';
import type { Log, Metrics } from '../ports/telling.ts';
import { type CallDeps, calls } from './calls.ts';
import { readParameters } from './parameters.ts';
import { answer, Refusal, type Reply, refuse } from './reply.ts';

/** What API Gateway hands over, payload format 2.0, as far as it is used. */
export interface ApiRequest {
  readonly routeKey: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly pathParameters?: Readonly<Record<string, string | undefined>>;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>>;
  readonly requestContext: {
    readonly requestId: string;
    readonly authorizer?: { readonly jwt?: { readonly claims: Readonly<Record<string, unknown>> } };
  };
}

export interface ApiDeps extends CallDeps {
  readonly nowMs: () => number;
  readonly roleClaim: string;
  readonly log: Log;
  readonly metrics: Metrics;
}

const byRouteKey = new Map(operations.map((operation) => [routeKeyOf(operation), operation]));

/** A request in, the call of its route made for a caller who may, a reply or a problem out; it never throws. */
export function createApiHandler(deps: ApiDeps) {
  return async (request: ApiRequest): Promise<Reply> => {
    const startedAtMs = deps.nowMs();
    const { requestId } = request.requestContext;
    const operation = byRouteKey.get(request.routeKey);
    try {
      if (operation === undefined) throw new Refusal(404, `${request.routeKey} is not a call of this API`);
      return await run(deps, operation, request);
    } catch (error) {
      return refuseFor(error, requestId, deps);
    } finally {
      deps.metrics.count('ApiCalls', 1);
      deps.metrics.durationMs('ApiDuration', deps.nowMs() - startedAtMs);
      deps.metrics.flush();
    }
  };
}

async function run(deps: ApiDeps, operation: Operation, request: ApiRequest): Promise<Reply> {
  const { requestId } = request.requestContext;
  admit(deps, operation, request);
  const parameters = readParameters(operation.parameters, request.pathParameters ?? {});
  const query = readParameters(operation.query, request.queryStringParameters ?? {});
  const asked = { parameters: parameters as Record<string, string>, query, nowMs: deps.nowMs() };
  const body = await calls[operation.id]!(deps, asked);
  const known = request.headers['if-none-match'];
  return answer({ body, contentType: operation.answer.contentType, requestId, known });
}

/** A refused caller is a line of the audit trail, with who and what. */
function admit(deps: ApiDeps, operation: Operation, { requestContext }: ApiRequest): void {
  if (operation.role === null) return;
  const claims = requestContext.authorizer?.jwt?.claims;
  if (claims === undefined) throw new Refusal(401, 'a token is needed: Authorization: Bearer <token>');
  const role = readRole(claims[deps.roleClaim]);
  if (mayActAs(role, operation.role)) return;
  const { requestId } = requestContext;
  deps.metrics.count('ApiRefused', 1);
  deps.log.warn('audit', { outcome: 'refused', call: operation.id, subject: claims.sub, role, requestId });
  throw new Refusal(403, `this needs the role ${operation.role}; the token has ${role ?? 'none'}`);
}

function refuseFor(error: unknown, requestId: string, { log }: ApiDeps): Reply {
  if (error instanceof Refusal) return refuse(error.statusCode, error.message, requestId);
  if (error instanceof StoreBusy) return refuse(503, 'the time-series store is busy; try again', requestId);
  const reason = error instanceof Error ? error.message : String(error);
  log.error('call failed', { requestId, reason, stack: error instanceof Error ? error.stack : undefined });
  return refuse(500, `something went wrong here; name the request ${requestId} to whoever runs this`, requestId);
}
