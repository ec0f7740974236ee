import { type GraphField, graphFields, incidentChanged } from '../../core/api/graph.ts';
import { graphCostLimit, priceField } from '../../core/api/graph-cost.ts';
import { toGraph } from '../../core/api/graph-value.ts';
import { mayActAs, readRole } from '../../core/api/roles.ts';
import { readParameters } from '../http/parameters.ts';
import { Refusal } from '../http/reply.ts';
import type { Asked, Call, Caller } from '../http/server.ts';
import { StoreBusy } from '../ports/series-reader.ts';
import type { Log } from '../ports/telling.ts';
import { readSelection } from './selection.ts';

/** What AppSync hands to a Lambda that resolves a field without a template, as far as it is used. */
export interface GraphEvent {
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly source: Readonly<Record<string, unknown>> | null;
  readonly identity: { readonly claims?: Readonly<Record<string, unknown>> } | null;
  readonly info: {
    readonly parentTypeName: string;
    readonly fieldName: string;
    /** The field's own selection, with all that is below it. */
    readonly selectionSetGraphQL: string;
  };
}

export interface GraphDeps {
  /** By the id of their operation: the HTTP API's own. */
  readonly calls: Readonly<Record<string, (asked: Asked) => ReturnType<Call<unknown>>>>;
  /** Throws a Refusal where there is none. */
  readonly findIncident: (incidentId: string) => Promise<unknown>;
  readonly roleClaim: string;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** Resolves one field by the operation that the HTTP API answers with too. AppSync tells a caller the error's message. */
export function createGraphHandler(deps: GraphDeps) {
  const byPlace = new Map(graphFields.map((field) => [`${field.type}.${field.field}`, field]));
  return async (event: GraphEvent): Promise<unknown> => {
    const place = `${event.info.parentTypeName}.${event.info.fieldName}`;
    // AppSync lets nobody but the bus come here: the field is for IAM alone.
    if (place === `${incidentChanged.type}.${incidentChanged.field}`) {
      return deps.findIncident(String(event.arguments.incidentId));
    }
    const field = byPlace.get(place);
    if (field === undefined) throw new Error(`${place} is not a field that is asked for here`);
    try {
      return toGraph(field.operation.answer.schema, await resolve(deps, field, event));
    } catch (error) {
      throw describeFailure(error, place, deps);
    }
  };
}

function resolve(deps: GraphDeps, field: GraphField, event: GraphEvent): Promise<unknown> {
  const { operation, fromParent } = field;
  const caller = admit(deps, operation.id, event);
  const given = Object.entries(event.arguments).filter(([, value]) => value !== null && value !== undefined);
  const values = Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
  for (const name of fromParent) values[name] = String(event.source?.[name]);
  const own = Object.keys(operation.parameters.shape);
  const part = (isOwn: boolean) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => own.includes(name) === isOwn));
  const call = deps.calls[operation.id];
  if (call === undefined) throw new Error(`nothing answers ${operation.id}`);
  const parameters = readParameters(operation.parameters, part(true)) as Record<string, string>;
  const query = readParameters(operation.query, part(false));
  if (event.source === null) refuseDear(field, query, event);
  return call({ parameters, query, body: null, caller, nowMs: deps.nowMs() });
}

/** At the root all that is below is still to come, and is not asked for when this field fails. */
function refuseDear(field: GraphField, query: unknown, { info }: GraphEvent): void {
  const { limit = 1 } = query as { readonly limit?: number };
  const price = priceField(field, readSelection(info.selectionSetGraphQL), limit);
  if (price <= graphCostLimit) return;
  const sentence = `${field.field} costs ${price}, allowed are ${graphCostLimit}`;
  throw new Refusal(400, `${sentence}: a smaller limit, fewer fields of each entry, no named fragments around them`);
}

function admit({ roleClaim, log }: GraphDeps, call: string, { identity }: GraphEvent): Caller {
  const claims = identity?.claims ?? {};
  const role = readRole(claims[roleClaim]);
  const name = String(claims.username ?? claims.email ?? claims.sub ?? 'somebody');
  if (role !== null && mayActAs(role, 'viewer')) return { name, role };
  log.warn('audit', { outcome: 'refused', call, subject: name, role });
  throw new Refusal(403, 'this needs the role viewer; the token has none');
}

function describeFailure(error: unknown, place: string, { log }: GraphDeps): Error {
  if (error instanceof Refusal) return error;
  if (error instanceof StoreBusy) return new Error('the time-series store is busy; try again');
  log.error('field failed', { place, reason: error instanceof Error ? error.message : String(error) });
  return new Error('something went wrong here');
}
