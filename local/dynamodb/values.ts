/** DynamoDB's attribute values, `{"S": "a"}`, and their order, equality and size. Numbers are as `readNumber` gives them. */
import { compareNumbers, readNumber } from './numbers.ts';

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
  if (type === 'N') return compareNumbers(String(left), String(right));
  if (type === 'S' || type === 'B') return Buffer.compare(toBytes(type, left), toBytes(type, right));
  if (type.endsWith('S') && Array.isArray(left)) {
    return JSON.stringify([...left].sort()) === JSON.stringify([...(right as unknown[])].sort()) ? 0 : Number.NaN;
  }
  return isDeepEqual(left, right) ? 0 : Number.NaN;
}

export const toBytes = (type: 'S' | 'B', content: unknown): Buffer =>
  Buffer.from(String(content), type === 'S' ? 'utf8' : 'base64');

function isDeepEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => isDeepEqual((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}

/** What `size()` gives; numbers and truth values have none. */
export function sizeOf(value: AttributeValue): number | undefined {
  const type = typeOf(value);
  const content = value[type];
  if (type === 'S') return String(content).length;
  if (type === 'B') return Buffer.from(String(content), 'base64').length;
  if (typeof content === 'object' && content !== null) return Object.keys(content).length;
  return undefined;
}

/** The value with its numbers, at whatever depth, as DynamoDB gives them back. */
export const withCanonicalNumbers = <T>(given: T): T => toStored(given).value;

/** And its text, which is what is kept. */
export function toStored<T>(given: T): { readonly value: T; readonly text: string } {
  const text = JSON.stringify(given);
  if (!unusualNumber.test(text)) return { value: given, text };
  const value = JSON.parse(text, (name, inner: unknown) => {
    if (name === 'N' && typeof inner === 'string') return readNumber(inner);
    return name === 'NS' && Array.isArray(inner) ? inner.map((number) => readNumber(String(number))) : inner;
  }) as T;
  return { value, text: JSON.stringify(value) };
}

/** Most items have no other numbers than short ones; those are not walked through. */
const unusualNumber = /"NS":|"N":"(?!(?:0|-?[1-9]\d{0,14}|-?(?:0|[1-9]\d{0,6})\.\d{0,6}[1-9])")/;
