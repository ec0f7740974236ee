import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileEventPattern } from '../../../local/events/pattern.ts';

const event = {
  source: 'factory.twin',
  'detail-type': 'anomaly opened',
  account: '000000000000',
  resources: ['machine/CNC-001', 'line/A'],
  detail: {
    machineId: 'CNC-001',
    severity: 'critical',
    health: 41.5,
    address: '10.0.0.17',
    note: null,
    empty: '',
    findings: [
      { code: 'chatter_risk', score: 2 },
      { code: 'tool_wear', score: 9 },
    ],
  },
};

function matches(pattern: unknown, candidate: unknown = event): boolean {
  const compiled = compileEventPattern(pattern);
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.value(candidate);
}

describe('event patterns', () => {
  it.each([
    [{ source: ['factory.twin'] }, true],
    [{ source: ['factory.twin', 'other'] }, true],
    [{ source: ['other'] }, false],
    [{ resources: ['line/A'] }, true],
    [{ resources: ['line/B'] }, false],
    [{ detail: { severity: ['warning', 'critical'] } }, true],
    [{ source: ['factory.twin'], detail: { severity: ['warning'] } }, false],
    [{ detail: { note: [null] } }, true],
    [{ detail: { empty: [''] } }, true],
    [{ detail: { absent: [null] } }, false],
    [{ source: [{ prefix: 'factory.' }] }, true],
    [{ source: [{ prefix: { 'equals-ignore-case': 'FACTORY.' } }] }, true],
    [{ source: [{ suffix: '.twin' }] }, true],
    [{ source: [{ 'equals-ignore-case': 'Factory.TWIN' }] }, true],
    [{ source: [{ wildcard: 'f*.t*n' }] }, true],
    [{ source: [{ wildcard: 'f*.x*' }] }, false],
    [{ source: [{ 'anything-but': ['other'] }] }, true],
    [{ source: [{ 'anything-but': 'factory.twin' }] }, false],
    [{ source: [{ 'anything-but': { prefix: 'factory' } }] }, false],
    [{ source: [{ 'anything-but': { wildcard: ['a*', 'b*'] } }] }, true],
    [{ detail: { absent: [{ 'anything-but': ['x'] }] } }, false],
    [{ detail: { health: [{ numeric: ['>', 40, '<=', 41.5] }] } }, true],
    [{ detail: { health: [{ numeric: ['<', 41.5] }] } }, false],
    [{ detail: { severity: [{ numeric: ['<', 50] }] } }, false],
    [{ detail: { address: [{ cidr: '10.0.0.0/24' }] } }, true],
    [{ detail: { address: [{ cidr: '10.0.1.0/24' }] } }, false],
    [{ detail: { absent: [{ exists: false }] } }, true],
    [{ detail: { severity: [{ exists: true }] } }, true],
    [{ detail: { severity: [{ exists: false }] } }, false],
    [{ missing: { deep: [{ exists: false }] } }, true],
    [{ $or: [{ source: ['other'] }, { detail: { severity: ['critical'] } }] }, true],
    [{ $or: [{ source: ['other'] }, { detail: { severity: ['watch'] } }] }, false],
    [{ detail: { $or: [{ severity: ['watch'] }, { health: [{ numeric: ['<', 50] }] }] } }, true],
  ])('%j gives %s', (pattern, expected) => {
    expect(matches(pattern)).toBe(expected);
  });

  it('asks for both fields of one and the same element in an array of objects', () => {
    expect(matches({ detail: { findings: { code: ['tool_wear'], score: [9] } } })).toBe(true);
    expect(matches({ detail: { findings: { code: ['chatter_risk'], score: [9] } } })).toBe(false);
  });
});

describe('a wrong pattern is refused, with its place', () => {
  it.each([
    [{ detail: { health: [{ numericc: ['<', 5] }] } }, 'at detail.health: operator "numericc" is unknown'],
    [{ detail: { health: [{ numeric: ['=<', 5] }] } }, 'at detail.health: numeric compares by'],
    [{ source: 'factory.twin' }, 'at source: got "factory.twin", allowed is a list of values or an object'],
    [{}, 'event pattern: a pattern is an object with at least one field'],
    [{ source: [] }, 'at source: got []'],
    [{ a: [{ cidr: '10.0.0.0/33' }] }, 'at a: cidr takes a range'],
    [{ a: [{ prefix: 'x', suffix: 'y' }] }, 'at a: one operator at a time'],
    [{ $or: [{ a: [1] }] }, 'at $or: is a list of at least two patterns'],
    [{ a: [{ wildcard: 'x**' }] }, 'at a: wildcard may not hold "**"'],
  ])('%j', (pattern, problem) => {
    const compiled = compileEventPattern(pattern);
    expect(compiled.ok ? 'no problem' : compiled.error).toContain(problem);
  });
});

describe('properties', () => {
  it('anything-but is the opposite of the plain value where the field is there', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, wanted) => {
        const candidate = { a: value };
        expect(matches({ a: [{ 'anything-but': [wanted] }] }, candidate)).toBe(!matches({ a: [wanted] }, candidate));
      }),
    );
  });

  it('prefix is a wildcard with a star at its end', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '(', '+') });
    fc.assert(
      fc.property(text, text, (value, start) => {
        expect(matches({ a: [{ prefix: start }] }, { a: value })).toBe(
          matches({ a: [{ wildcard: `${start}*` }] }, { a: value }),
        );
      }),
    );
  });

  it('no event crashes a matcher', () => {
    const compiled = compileEventPattern({
      a: { b: [{ exists: false }, { numeric: ['<', 1] }] },
      $or: [{ c: ['x'] }, { d: [{ prefix: 'y' }] }],
    });
    if (!compiled.ok) throw new Error(compiled.error);
    fc.assert(fc.property(fc.anything(), (candidate) => typeof compiled.value(candidate) === 'boolean'));
  });
});
