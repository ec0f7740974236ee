import type { Path } from './expression-parser.ts';
import type { AttributeValue, Item } from './values.ts';

/** What lies at these paths: of a map its named fields, of a list its chosen elements, closed up. */
export function pick(item: Item, paths: readonly Path[]): Item {
  return (pickValue({ M: item }, paths)?.M ?? {}) as Item;
}

function pickValue(value: AttributeValue | undefined, paths: readonly Path[]): AttributeValue | undefined {
  if (value === undefined || paths.some((path) => path.length === 0)) return value;
  const heads = [...new Set(paths.map(([head]) => head!))];
  const below = (head: string | number): readonly Path[] =>
    paths.filter(([first]) => first === head).map(([, ...rest]) => rest);
  if (Array.isArray(value.L)) {
    const places = heads.filter((head) => typeof head === 'number').sort((a, b) => a - b);
    const items = places.map((at) => pickValue((value.L as AttributeValue[])[at], below(at)));
    const L = items.filter((item) => item !== undefined);
    return L.length === 0 ? undefined : { L };
  }
  const fields = (value.M ?? {}) as Item;
  const picked = heads.map((head) => [head, pickValue(fields[head], below(head))] as const);
  const found = picked.filter(([, item]) => item !== undefined);
  return found.length === 0 ? undefined : { M: Object.fromEntries(found) };
}
