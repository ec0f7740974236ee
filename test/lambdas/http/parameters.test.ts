import { describe, expect, it } from 'vitest';
import { deskOperations } from '../../../core/api/desk.ts';
import { operations } from '../../../core/api/operations.ts';
import { readBody, readParameters } from '../../../lambdas/http/parameters.ts';

const find = (id: string) => [...operations, ...deskOperations].find((operation) => operation.id === id)!;

/** Null where it was taken. */
function refusalOf(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('what is refused of a call', () => {
  it.each([
    ['listMachines', { freshness: 'old' }, 'freshness: got "old"; allowed are live, stale, never'],
    ['listMachines', { limit: '0' }, 'limit: got 0; allowed is a number >= 1'],
    ['listMachines', { limit: '1.5' }, 'limit: got 1.5; allowed is a whole number'],
    ['listMachines', { limit: 'many' }, 'limit: got "many"; allowed is a number'],
    ['listMachines', { site: '' }, 'site: got ""; allowed is a text of at least one character'],
    [
      'listMachines',
      { freshness: 'x'.repeat(200) },
      `freshness: got "${'x'.repeat(79)}…; allowed are live, stale, never`,
    ],
    ['listIncidents', {}, 'site: got nothing; allowed is a text'],
    ['getTwin', { when: 'now' }, 'unknown field: "when"; allowed are at'],
  ])('%s %j: names the parameter, what was got and what is allowed', (id, query, sentence) => {
    expect(refusalOf(() => readParameters(find(id).query, query))).toBe(sentence);
  });

  it.each([
    ['decideWorkOrder', { verdict: 'no' }, 'verdict: got "no"; allowed are approve, defer, reject'],
    ['decideWorkOrder', [], 'the body: got []; allowed is an object'],
    ['decideWorkOrder', { verdict: 'approve', why: '' }, 'the body: unknown field: "why"'],
    [
      'reportFindings',
      { result: 'confirmed', text: 'x', partsReplaced: [5] },
      'partsReplaced.0: got 5; allowed is a text',
    ],
  ])('%s %j: names the field of the body, what was got and what is allowed', (id, body, sentence) => {
    expect(refusalOf(() => readBody(find(id).body!, { body: JSON.stringify(body) }))).toBe(sentence);
  });

  it('never says it in the words of the library that reads it', () => {
    const junk = ['', 'x y!', '0', '99999999', '1.5', 'z'.repeat(600)];
    for (const { query } of [...operations, ...deskOperations]) {
      for (const name of Object.keys(query.shape)) {
        for (const value of junk) {
          const told = refusalOf(() => readParameters(query, { [name]: value })) ?? '';
          expect(told).not.toMatch(/Invalid|Too (small|big)|Unrecognized|expected|received/);
        }
      }
    }
  });
});
