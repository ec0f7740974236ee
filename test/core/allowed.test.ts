import { expect, it } from 'vitest';
import { quoteGot, sayNotJson } from '../../core/allowed.ts';

it('says on one line why a text is no JSON', () => {
  const failOf = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch (error) {
      return error;
    }
  };
  expect(sayNotJson(failOf('garbage{\n'))).toMatch(/^[^\n]*"garbage\{ "[^\n]*$/);
});

it.each([
  [undefined, 'nothing'],
  ['Mill', '"Mill"'],
  ['x'.repeat(200), `"${'x'.repeat(79)}…`],
])('quotes what was got of %j, and marks what it leaves out', (value, text) => {
  expect(quoteGot(value)).toBe(text);
});
