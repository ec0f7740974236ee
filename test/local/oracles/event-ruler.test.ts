/**
 * What event-ruler's README (github.com/aws/event-ruler, "Ruler by Example") and EventBridge's user guide ("Comparison
 * operators for use in event patterns") state, as a table of patterns, events and answers. Known difference: AWS compares
 * numbers of a plain value as they are written (300 is not 300.0); after parsing JSON nobody can tell.
 */
import { describe, expect, it } from 'vitest';
import { compileEventPattern } from '../../../local/events/pattern.ts';

function matches(pattern: unknown, event: unknown): boolean {
  const compiled = compileEventPattern(pattern);
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.value(event);
}

type Case = readonly [pattern: unknown, event: unknown, expected: boolean];

const tables: Readonly<Record<string, readonly Case[]>> = {
  'exact values': [
    [{ a: ['x'] }, { a: 'x' }, true],
    [{ a: ['x'] }, { a: 'X' }, false],
    [{ a: ['x'] }, { a: 'xy' }, false],
    [{ a: [''] }, { a: '' }, true],
    [{ a: ['1'] }, { a: 1 }, false],
    [{ a: [1] }, { a: '1' }, false],
    [{ a: [1, 2] }, { a: 2 }, true],
    [{ a: [true] }, { a: true }, true],
    [{ a: [true] }, { a: 'true' }, false],
    [{ a: [null] }, { a: null }, true],
    [{ a: [null] }, {}, false],
    [{ a: { b: { c: ['x'] } } }, { a: { b: { c: 'x', d: 1 } } }, true],
    [{ a: { b: { c: ['x'] } } }, { a: { b: 'x' } }, false],
    [{ a: ['x'], b: ['y'] }, { a: 'x' }, false],
  ],
  prefix: [
    [{ a: [{ prefix: 'arn:' }] }, { a: 'arn:aws' }, true],
    [{ a: [{ prefix: 'arn:' }] }, { a: 'arn' }, false],
    [{ a: [{ prefix: 'arn:' }] }, { a: 5 }, false],
    [{ a: [{ prefix: { 'equals-ignore-case': 'EventB' } }] }, { a: 'EVENTBUS' }, true],
    [{ a: [{ prefix: 'x' }, 'y'] }, { a: 'y' }, true],
  ],
  suffix: [
    [{ a: [{ suffix: '.png' }] }, { a: 'b.png' }, true],
    [{ a: [{ suffix: '.png' }] }, { a: 'b.png.gz' }, false],
    [{ a: [{ suffix: { 'equals-ignore-case': '.PNG' } }] }, { a: 'b.pNg' }, true],
  ],
  'equals-ignore-case': [
    [{ a: [{ 'equals-ignore-case': 'yes' }] }, { a: 'YES' }, true],
    [{ a: [{ 'equals-ignore-case': 'yes' }] }, { a: 'yess' }, false],
    [{ a: [{ 'equals-ignore-case': 'ÄPFEL' }] }, { a: 'äpfel' }, true],
  ],
  wildcard: [
    [{ a: [{ wildcard: '*.png' }] }, { a: 'dir/b.png' }, true],
    [{ a: [{ wildcard: 'dir/*/b.png' }] }, { a: 'dir/x/y/b.png' }, true],
    [{ a: [{ wildcard: 'dir/*/b.png' }] }, { a: 'dir/b.png' }, false],
    [{ a: [{ wildcard: '*' }] }, { a: '' }, true],
    [{ a: [{ wildcard: 'a\\*b' }] }, { a: 'a*b' }, true],
    [{ a: [{ wildcard: 'a\\*b' }] }, { a: 'axb' }, false],
    [{ a: [{ wildcard: 'a\\\\*' }] }, { a: 'a\\xyz' }, true],
    [{ a: [{ wildcard: 'a.c*' }] }, { a: 'abcd' }, false],
    [{ a: [{ wildcard: 'line*' }] }, { a: 'line\nbreak' }, true],
  ],
  'anything-but': [
    [{ a: [{ 'anything-but': 'x' }] }, { a: 'y' }, true],
    [{ a: [{ 'anything-but': 'x' }] }, { a: 'x' }, false],
    [{ a: [{ 'anything-but': 'x' }] }, {}, false],
    [{ a: [{ 'anything-but': 404 }] }, { a: 200 }, true],
    [{ a: [{ 'anything-but': [100, 200, 'x'] }] }, { a: 200 }, false],
    [{ a: [{ 'anything-but': [100, 200, 'x'] }] }, { a: '200' }, true],
    [{ a: [{ 'anything-but': 'x' }] }, { a: ['x', 'y'] }, true],
    [{ a: [{ 'anything-but': 'x' }] }, { a: null }, true],
    [{ a: [{ 'anything-but': { prefix: 'init' } }] }, { a: 'initial' }, false],
    [{ a: [{ 'anything-but': { prefix: ['init', 'err'] } }] }, { a: 'error' }, false],
    [{ a: [{ 'anything-but': { prefix: ['init', 'err'] } }] }, { a: 'ok' }, true],
    [{ a: [{ 'anything-but': { suffix: '1234' } }] }, { a: 'a1234' }, false],
    [{ a: [{ 'anything-but': { suffix: ['1234', '6783'] } }] }, { a: 'a12345' }, true],
    [{ a: [{ 'anything-but': { 'equals-ignore-case': ['Init', 'Error'] } }] }, { a: 'ERROR' }, false],
    [{ a: [{ 'anything-but': { 'equals-ignore-case': 'Init' } }] }, { a: 'initial' }, true],
    [{ a: [{ 'anything-but': { wildcard: '*/bin/*' } }] }, { a: 'x/bin/y' }, false],
    [{ a: [{ 'anything-but': { wildcard: ['*/bin/*', '*.class'] } }] }, { a: 'x/lib/y' }, true],
  ],
  numeric: [
    [{ a: [{ numeric: ['=', 301.8] }] }, { a: 301.8 }, true],
    [{ a: [{ numeric: ['=', 3.018e2] }] }, { a: 301.8 }, true],
    [{ a: [{ numeric: ['<', -10] }] }, { a: -10 }, false],
    [{ a: [{ numeric: ['<=', -10] }] }, { a: -10 }, true],
    [{ a: [{ numeric: ['>', 0, '<=', 5] }] }, { a: 0 }, false],
    [{ a: [{ numeric: ['>', 0, '<=', 5] }] }, { a: 5 }, true],
    [{ a: [{ numeric: ['>', 0, '<=', 5] }, { numeric: ['<', -10] }] }, { a: -11 }, true],
    [{ a: [{ numeric: ['<', 10] }] }, { a: '5' }, false],
    [{ a: [{ numeric: ['<', 10] }] }, { a: [20, 5] }, true],
  ],
  cidr: [
    [{ a: [{ cidr: '10.0.0.0/24' }] }, { a: '10.0.0.255' }, true],
    [{ a: [{ cidr: '10.0.0.0/24' }] }, { a: '10.0.1.0' }, false],
    [{ a: [{ cidr: '10.0.0.0/8' }] }, { a: 'ten' }, false],
    [{ a: [{ cidr: '2001:db8::/32' }] }, { a: '2001:db8:1::1' }, true],
    [{ a: [{ cidr: '2001:db8::/32' }] }, { a: '2001:db9::1' }, false],
  ],
  exists: [
    [{ a: [{ exists: true }] }, { a: null }, true],
    [{ a: [{ exists: true }] }, {}, false],
    [{ a: [{ exists: false }] }, {}, true],
    [{ a: [{ exists: false }] }, { a: '' }, false],
    // Only leaves exist: an object in between does not.
    [{ a: [{ exists: true }] }, { a: { b: 1 } }, false],
    [{ a: [{ exists: false }] }, { a: { b: 1 } }, true],
    [{ a: { b: [{ exists: false }] } }, { c: 1 }, true],
    [{ a: [{ exists: false }] }, { a: [] }, true],
    [{ a: [{ exists: true }] }, { a: [] }, false],
    [{ a: [{ exists: false }, 'x'] }, { a: 'x' }, true],
  ],
  lists: [
    [{ a: ['x'] }, { a: ['y', 'x'] }, true],
    [{ a: ['x', 'z'] }, { a: ['y'] }, false],
    [{ a: ['x'] }, { a: [['y'], ['z', ['x']]] }, true],
    [{ a: { b: ['x'] } }, { a: [{ b: 'y' }, { b: 'x' }] }, true],
    [
      { a: { b: ['x'], c: [1] } },
      {
        a: [
          { b: 'x', c: 2 },
          { b: 'y', c: 1 },
        ],
      },
      false,
    ],
    [{ a: { b: ['x'], c: [1] } }, { a: [{ b: 'x', c: 1 }] }, true],
    [{ a: { b: ['x'] } }, { a: [[{ b: 'x' }]] }, true],
    [{ a: { b: { c: [1], d: [2] } } }, { a: [{ b: [{ c: 1 }, { d: 2 }] }] }, false],
  ],
  $or: [
    [{ $or: [{ a: ['x'] }, { b: ['y'] }] }, { b: 'y' }, true],
    [{ $or: [{ a: ['x'] }, { b: ['y'] }] }, { b: 'x' }, false],
    [{ s: ['t'], $or: [{ a: ['x'] }, { b: ['y'] }] }, { s: 'u', a: 'x' }, false],
    [{ d: { $or: [{ a: ['x'] }, { b: [{ numeric: ['<', 1] }] }] } }, { d: { b: 0 } }, true],
    [{ $or: [{ $or: [{ a: ['x'] }, { b: ['x'] }] }, { c: ['x'] }] }, { b: 'x' }, true],
    [{ $or: [{ a: ['x'], b: ['y'] }, { c: ['z'] }] }, { a: 'x' }, false],
  ],
};

describe.each(Object.entries(tables))('%s', (_, cases) => {
  it.each(cases)('%j on %j: %s', (pattern, event, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });
});

describe('a pattern that AWS refuses is refused', () => {
  it.each<unknown>([
    { a: 'x' },
    { a: [] },
    { a: {} },
    { a: [['x']] },
    { a: [{ prefix: 5 }] },
    { a: [{ wildcard: 'a**b' }] },
    { a: [{ wildcard: 'a\\b' }] },
    { a: [{ 'anything-but': [] }] },
    { a: [{ 'anything-but': { numeric: ['<', 5] } }] },
    { a: [{ numeric: ['<'] }] },
    { a: [{ numeric: ['<>', 5] }] },
    { a: [{ numeric: ['<', 5, '>', 1] }] },
    { a: [{ numeric: ['>', 5, '<', 5] }] },
    { a: [{ cidr: '10.0.0.0/33' }] },
    { a: [{ cidr: '10.0.0' }] },
    { a: [{ exists: 'yes' }] },
    { a: [{ prefix: 'x', suffix: 'y' }] },
    { a: [{ regex: '.*' }] },
    { $or: [{ a: ['x'] }] },
  ])('%j', (pattern) => {
    expect(compileEventPattern(pattern).ok).toBe(false);
  });
});
