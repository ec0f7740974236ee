/**
 * Which route of an HTTP API a request takes: a full match before one with variables, before `{proxy+}`, before `$default`.
 * Source: API Gateway developer guide, "Routing API requests".
 */
export interface Route<T> {
  readonly routeKey: string;
  readonly value: T;
}

export interface Match<T> {
  readonly route: Route<T>;
  readonly parameters: Readonly<Record<string, string>>;
}

export function findRoute<T>(routes: readonly Route<T>[], method: string, path: string): Match<T> | undefined {
  let best: { match: Match<T>; rank: number } | undefined;
  for (const route of routes) {
    const parameters = matchKey(route.routeKey, method, path);
    if (parameters === null) continue;
    const rank = rankOf(route.routeKey);
    if (best === undefined || rank > best.rank) best = { match: { route, parameters }, rank };
  }
  return best?.match;
}

function matchKey(routeKey: string, method: string, path: string): Readonly<Record<string, string>> | null {
  if (routeKey === '$default') return {};
  const { wanted, pattern } = compile(routeKey);
  if (wanted !== method && wanted !== 'ANY') return null;
  const found = pattern.exec(path);
  if (found === null) return null;
  return Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, text]) => [name, decode(text)]));
}

const compiled = new Map<string, { readonly wanted: string; readonly pattern: RegExp }>();

function compile(routeKey: string) {
  const known = compiled.get(routeKey);
  if (known !== undefined) return known;
  const [wanted = '', pattern = ''] = routeKey.split(' ');
  const source = pattern
    .replaceAll(/[.*?^$()|[\]\\]/g, '\\$&')
    .replaceAll(
      /\{(\w+)(\+?)\}/g,
      (_, name: string, greedy: string) => `(?<${name}>${greedy === '+' ? '.+' : '[^/]+'})`,
    );
  const made = { wanted, pattern: new RegExp(`^${source}$`) };
  compiled.set(routeKey, made);
  return made;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function rankOf(routeKey: string): number {
  if (routeKey === '$default') return 0;
  const kind = routeKey.includes('+}') ? 1 : routeKey.includes('{') ? 2 : 3;
  return kind * 2 + (routeKey.startsWith('ANY ') ? 0 : 1);
}
