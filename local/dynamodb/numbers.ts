/**
 * DynamoDB's numbers: decimals of up to 38 digits, exact, as texts `1000` and `-0.5`. Their size lies between 1E-130 and
 * 9.99…E+125. Source: DynamoDB developer guide, "Supported data types and naming rules", "Number".
 */
import { invalid } from './invalid.ts';

const mostDigits = 38;
const greatestExponent = 125;
const leastExponent = -130;

/** What most numbers are, and what a double holds exactly. */
const shortNumber = /^(?:0|-?[1-9]\d{0,14}|-?(?:0|[1-9]\d{0,6})\.\d{0,6}[1-9])$/;

/** `digits` times ten to the power of `-scale`. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** As DynamoDB gives numbers back: `1e3` and `1000.0` are `1000`. Refuses a text that is none, and one too long or too large. */
export function readNumber(text: string): string {
  if (shortNumber.test(text)) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,6}))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '').replace(/0+$/, '');
  if (whole + fraction === '') throw invalid(`The parameter cannot be converted to a numeric value: ${text}`);
  if (digits === '') return '0';
  if (digits.length > mostDigits)
    throw invalid(`Attempting to store more than 38 significant digits in a Number: ${text}`);
  const leadingZeros = /^0*/.exec(whole + fraction)![0].length;
  const point = whole.length - leadingZeros + Number(exponent);
  checkMagnitude(point - 1);
  const number = placePoint(digits, point);
  return sign === '-' ? `-${number}` : number;
}

function checkMagnitude(exponent: number): void {
  const attempt = 'Attempting to store a number with magnitude';
  if (exponent > greatestExponent) throw invalid(`Number overflow. ${attempt} larger than supported range`);
  if (exponent < leastExponent) throw invalid(`Number underflow. ${attempt} smaller than supported range`);
}

/** So many digits stand before the point; none are zeros at either end. */
function placePoint(digits: string, point: number): string {
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return digits.padEnd(point, '0');
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Negative, 0 or positive. */
export function compareNumbers(left: string, right: string): number {
  if (shortNumber.test(left) && shortNumber.test(right)) return Number(left) - Number(right);
  const [a, b] = align(left, right);
  return a === b ? 0 : a < b ? -1 : 1;
}

export function addNumbers(left: string, right: string): string {
  const [a, b, scale] = align(left, right);
  return readNumber(`${a + b}e${-scale}`);
}

export const negate = (number: string): string => (number.startsWith('-') ? number.slice(1) : `-${number}`);

/** Both in units of the same power of ten. */
function align(left: string, right: string): readonly [left: bigint, right: bigint, scale: number] {
  const [a, b] = [toDecimal(left), toDecimal(right)];
  const scale = Math.max(a.scale, b.scale);
  return [a.digits * 10n ** BigInt(scale - a.scale), b.digits * 10n ** BigInt(scale - b.scale), scale];
}

function toDecimal(number: string): Decimal {
  const [whole = '', fraction = ''] = readNumber(number).split('.');
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}
