/** DynamoDB's attribute values, `{"S": "a"}`, and their order, equality and size. */

export type AttributeValue = Readonly<Record<string, unknown>>;
export type Item = Readonly<Record<string, AttributeValue>>;

export const typeOf = (value: AttributeValue): string => Object.keys(value)[0] ?? 'NULL';

export function isEqual(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (typeOf(a) !== typeOf(b)) return false;
  return compare(a, b) === 0;
}

/** Negative, 0, positive; NaN where the two have no order. */
export function compare(a: AttributeValue, b: AttributeValue): number {
  const type = typeOf(a);
  if (type !== typeOf(b)) return Number.NaN;
  const [left, right] = [a[type], b[type]];
  if (type === 'N') return Number(left) - Number(right);
  if (type === 'S' || type === 'B') return Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)));
  if (type.endsWith('S') && Array.isArray(left)) {
    return JSON.stringify([...left].sort()) === JSON.stringify([...(right as unknown[])].sort()) ? 0 : Number.NaN;
  }
  return isDeepEqual(left, right) ? 0 : Number.NaN;
}

function isDeepEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => isDeepEqual((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}

/** What `size()` gives. */
export function sizeOf(value: AttributeValue): number {
  const type = typeOf(value);
  const content = value[type];
  if (type === 'S') return String(content).length;
  if (type === 'B') return Buffer.from(String(content), 'base64').length;
  if (typeof content === 'object' && content !== null) return Object.keys(content).length;
  throw new Error(`size() of an attribute of type ${type}`);
}
