import type { Json, Route } from '../engine.ts';
import type { WireRequest } from './request.ts';

/** The operation that a REST JSON request means: members from its path, query and body. */
export function matchRoute(
  routes: readonly Route[],
  request: WireRequest,
): { readonly operation: string; readonly input: Json } | undefined {
  for (const route of routes) {
    if (route.method !== request.method) continue;
    const found = toPathPattern(route.path).exec(request.path);
    if (found === null) continue;
    const members = Object.entries(found.groups ?? {}).map(([name, text]) => [name, decodeURIComponent(text)]);
    return {
      operation: route.operation,
      input: {
        ...readBody(request),
        ...readQueryMembers(route, request),
        ...readHeaderMembers(route, request),
        ...Object.fromEntries(members),
      },
    };
  }
  return undefined;
}

const pathPatterns = new Map<string, RegExp>();

function toPathPattern(path: string): RegExp {
  let pattern = pathPatterns.get(path);
  if (pattern === undefined) {
    const source = path.replace(/\{(\w+)(\+?)\}/g, (_all, name: string, greedy: string) =>
      greedy === '+' ? `(?<${name}>.+)` : `(?<${name}>[^/]+)`,
    );
    pattern = new RegExp(`^${source}/?$`);
    pathPatterns.set(path, pattern);
  }
  return pattern;
}

function readBody(request: WireRequest): Json {
  if (request.body.length === 0) return {};
  const body: unknown = JSON.parse(request.body.toString());
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Json) : { body };
}

function readQueryMembers(route: Route, request: WireRequest): Json {
  return Object.fromEntries([...request.query].map(([name, value]) => [route.query?.[name] ?? name, value]));
}

function readHeaderMembers(route: Route, request: WireRequest): Json {
  const members = Object.entries(route.headers ?? {}).map(([header, name]) => [name, request.headers[header]]);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}
