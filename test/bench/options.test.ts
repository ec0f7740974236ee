import { expect, it } from 'vitest';
import { readChoice, readNumber } from '../../bench/options.ts';

it.each([['abc'], ['0'], ['-3'], ['Infinity'], [undefined]])('refuses %s where a number from 1 is wanted', (given) => {
  expect(() => readNumber({ seconds: given }, 'seconds')).toThrow(
    `--seconds: got "${given}", allowed is a number from 1`,
  );
});

it('takes one of the names, or all of them, and nothing else', () => {
  expect(readChoice({}, 'type', ['mill', 'pump'])).toEqual(['mill', 'pump']);
  expect(readChoice({ type: 'pump' }, 'type', ['mill', 'pump'])).toEqual(['pump']);
  expect(() => readChoice({ type: 'lathe' }, 'type', ['mill', 'pump'])).toThrow(
    '--type: got "lathe", allowed are mill, pump',
  );
});
