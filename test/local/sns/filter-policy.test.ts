import { describe, expect, it } from 'vitest';
import { type Filterable, readFilterPolicy } from '../../../local/sns/filter-policy.ts';

const message: Filterable = {
  body: JSON.stringify({
    store: 'north',
    order: { price: 120, items: ['bearing', 'seal'] },
    ip: '10.0.3.7',
    paid: true,
  }),
  attributes: {
    severity: { Type: 'String', Value: 'critical' },
    health: { Type: 'Number', Value: '41.5' },
    lines: { Type: 'String.Array', Value: '["milling","pumps"]' },
    address: { Type: 'String', Value: '10.0.3.7' },
    digits: { Type: 'String', Value: '100' },
  },
};
const accepts = (FilterPolicy: unknown, FilterPolicyScope?: string): boolean =>
  readFilterPolicy({ FilterPolicy, ...(FilterPolicyScope && { FilterPolicyScope }) })(message);

/** The kinds of matching that SNS's developer guide lists, each with what it takes and what not. */
describe('a policy over attributes', () => {
  it.each<[unknown, boolean]>([
    [{ severity: ['critical'] }, true],
    [{ severity: ['watch', 'critical'] }, true],
    [{ severity: ['Critical'] }, false],
    [{ severity: ['critical'], site: ['north'] }, false],
    [{ severity: [{ prefix: 'crit' }] }, true],
    [{ severity: [{ suffix: 'cal' }] }, true],
    [{ severity: [{ 'equals-ignore-case': 'CRITICAL' }] }, true],
    [{ severity: [{ 'anything-but': 'watch' }] }, true],
    [{ severity: [{ 'anything-but': ['watch', 'critical'] }] }, false],
    [{ severity: [{ 'anything-but': { prefix: 'crit' } }] }, false],
    [{ severity: [{ 'anything-but': { suffix: 'ing' } }] }, true],
    [{ severity: [{ exists: true }] }, true],
    [{ site: [{ exists: false }] }, true],
    [{ site: [{ 'anything-but': 'x' }] }, false],
    [{ health: [41.5] }, true],
    [{ health: [{ numeric: ['<', 50] }] }, true],
    [{ health: [{ numeric: ['>', 0, '<=', 41] }] }, false],
    [{ health: [{ 'anything-but': [41.5] }] }, false],
    [{ health: ['41.5'] }, false],
    [{ digits: [{ numeric: ['=', 100] }] }, false],
    [{ lines: ['pumps'] }, true],
    [{ lines: [{ 'anything-but': ['turning'] }] }, true],
    [{ address: [{ cidr: '10.0.0.0/16' }] }, true],
    [{ address: [{ cidr: '10.1.0.0/16' }] }, false],
    [{ $or: [{ severity: ['watch'] }, { health: [{ numeric: ['<', 50] }] }] }, true],
  ])('%j: %s', (policy, expected) => {
    expect(accepts(policy)).toBe(expected);
  });
});

describe('a policy over the body', () => {
  it.each<[unknown, boolean]>([
    [{ store: ['north'] }, true],
    [{ order: { price: [{ numeric: ['>=', 100] }] } }, true],
    [{ order: { items: ['seal'] } }, true],
    [{ order: { items: ['gear'] } }, false],
    [{ paid: [true] }, true],
    [{ ip: [{ cidr: '10.0.3.0/24' }], store: ['north'] }, true],
    [{ order: { discount: [{ exists: false }] } }, true],
    [{ severity: ['critical'] }, false],
  ])('%j: %s', (policy, expected) => {
    expect(accepts(policy, 'MessageBody')).toBe(expected);
  });

  it('takes nothing from a body that is no JSON', () => {
    const filter = readFilterPolicy({ FilterPolicy: { a: [1] }, FilterPolicyScope: 'MessageBody' });
    expect(filter({ ...message, body: 'bearing hot' })).toBe(false);
  });
});

describe('stops the start', () => {
  const wide = { order: { id: Array.from({ length: 80 }, (_, i) => `${i}`) } };
  it.each<[unknown, string | undefined, string]>([
    [{ severity: [{ prefixx: 'a' }] }, undefined, 'operator "prefixx" is unknown'],
    [{ order: { id: ['1'] } }, undefined, 'nested policies need the scope MessageBody'],
    [{ a: ['1'] }, 'Body', 'FilterPolicyScope: got "Body"'],
    [{ a: [1], b: [1], c: [1], d: [1], e: [1], f: [1] }, undefined, 'got 6 keys, allowed are 5'],
    [wide, 'MessageBody', 'got 160 combinations of values, allowed are 150'],
  ])('%j', (policy, scope, says) => {
    expect(() => accepts(policy, scope)).toThrow(says);
  });
});
