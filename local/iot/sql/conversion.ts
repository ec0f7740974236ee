/**
 * How rule SQL turns one type into another (AWS IoT developer guide, "Data types"). Undefined is a value of the
 * language: whatever cannot be converted becomes it, and it never reaches the output.
 */
import { isDeepStrictEqual } from 'node:util';

const decimalText = /^-?\d+(\.\d+)?(e-?\d+)?$/i;

export function toDecimal(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && decimalText.test(value) ? Number(value) : undefined;
}

export function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  const lower = value.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

/** Undefined becomes the empty string, as it does when it is serialised by itself. */
export function toText(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Equality as the guide's table has it: an Int meets a Decimal, other types never equal each other. */
export function isEqual(left: unknown, right: unknown): boolean | undefined {
  if (left === undefined || right === undefined) return undefined;
  return isDeepStrictEqual(left, right);
}
