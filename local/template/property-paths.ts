import type { Json } from '../engine.ts';

/**
 * The first property, as a dotted path, that no modelled path covers. Lists are transparent, intrinsics end a path (what
 * they give is checked by the model itself), `X.*` covers everything under X, and `*` everything.
 */
export function findUnknownProperty(properties: Json, modelled: readonly string[]): string | undefined {
  if (modelled.includes('*')) return undefined;
  const known = new Set<string>();
  for (const path of modelled) {
    const parts = path.split('.');
    for (let i = 1; i <= parts.length; i++) known.add(parts.slice(0, i).join('.'));
  }
  return findBelow(properties, '', known);
}

function findBelow(value: unknown, path: string, known: ReadonlySet<string>): string | undefined {
  if (Array.isArray(value)) return firstDefined(value, (item) => findBelow(item, path, known));
  if (typeof value !== 'object' || value === null || known.has(`${path}.*`)) return undefined;
  const entries = Object.entries(value);
  if (entries.length === 1 && /^(Ref$|Fn::)/.test(entries[0]![0])) return findInIntrinsic(entries[0]!, path, known);
  return firstDefined(entries, ([key, item]) => {
    const below = path === '' ? key : `${path}.${key}`;
    return known.has(below) ? findBelow(item, below, known) : below;
  });
}

/** Only `Fn::If` holds further properties of the resource. */
function findInIntrinsic([name, argument]: [string, unknown], path: string, known: ReadonlySet<string>) {
  return name === 'Fn::If' ? findBelow((argument as unknown[]).slice(1), path, known) : undefined;
}

function firstDefined<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
