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

/** What `size()` gives; numbers and truth values have none. */
export function sizeOf(value: AttributeValue): number | undefined {
  const type = typeOf(value);
  const content = value[type];
  if (type === 'S') return String(content).length;
  if (type === 'B') return Buffer.from(String(content), 'base64').length;
  if (typeof content === 'object' && content !== null) return Object.keys(content).length;
  return undefined;
}

const canonicalNumber = /^(?:0|-?(?:0\.\d*[1-9]|[1-9]\d*(?:\.\d*[1-9])?))$/;

/** As DynamoDB gives numbers back: `1e3` and `1000.0` are `1000`. Undefined for a text that is none. */
export function toCanonicalNumber(text: string): string | undefined {
  if (canonicalNumber.test(text)) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = whole + fraction;
  if (digits === '') return undefined;
  const point = whole.length + Number(exponent);
  const padded = digits.padStart(digits.length + Math.max(0, -point), '0').padEnd(point, '0');
  const at = Math.max(point, 0);
  const [left, right] = [padded.slice(0, at).replace(/^0+/, '') || '0', padded.slice(at).replace(/0+$/, '')];
  const number = right === '' ? left : `${left}.${right}`;
  return number === '0' || sign !== '-' ? number : `-${number}`;
}
