import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addNumbers, compareNumbers, negate, readNumber } from '../../../local/dynamodb/numbers.ts';

const number = fc
  .record({ digits: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), exponent: fc.integer({ min: -30, max: 30 }) })
  .map(({ digits, exponent }) => `${digits}e${exponent}`);
const nine = '9'.repeat(38);

describe('a number', () => {
  it.each([
    ['1e3', '1000'],
    ['-01.50', '-1.5'],
    ['.5E-2', '0.005'],
    ['-0.00', '0'],
    [nine, nine],
    [`${nine}e88`, `${nine}${'0'.repeat(88)}`],
    ['1e-130', `0.${'0'.repeat(129)}1`],
  ])('%s is given back as %s', (given, kept) => {
    expect(readNumber(given)).toBe(kept);
    expect(readNumber(kept)).toBe(kept);
  });

  it.each([
    [`1${nine}`, 'more than 38 significant digits'],
    [`0.1${nine}`, 'more than 38 significant digits'],
    ['1e126', 'Number overflow'],
    ['-1e999999', 'Number overflow'],
    ['1e-131', 'Number underflow'],
    ['1e9999999', 'cannot be converted to a numeric value'],
    ['', 'cannot be converted to a numeric value'],
    ['.', 'cannot be converted to a numeric value'],
    ['0x1', 'cannot be converted to a numeric value'],
    ['NaN', 'cannot be converted to a numeric value'],
  ])('%s is refused: %s', (given, says) => {
    expect(() => readNumber(given)).toThrow(says);
  });

  it('adds and compares exactly, where a double would round', () => {
    expect(addNumbers('9007199254740993', '2')).toBe('9007199254740995');
    expect(addNumbers('0.1', '0.2')).toBe('0.3');
    expect(compareNumbers('9007199254740993', '9007199254740992')).toBeGreaterThan(0);
    expect(() => addNumbers('1e50', '1')).toThrow('more than 38 significant digits');
  });

  it('keeps the order and what was added, whatever the numbers', () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        const [left, right] = [readNumber(a), readNumber(b)];
        expect(Math.sign(compareNumbers(left, right))).toBe(-Math.sign(compareNumbers(right, left)) + 0);
        expect(compareNumbers(left, right) === 0).toBe(left === right);
        expect(addNumbers(left, negate(left))).toBe('0');
      }),
    );
  });
});
