import { expect, it } from 'vitest';
import { type Json, owner } from '../../local/engine.ts';
import { listing } from '../../local/listing.ts';

const names = ['mill', 'press', 'pump'];
const list = listing({
  action: 'plant:ListMachines',
  paging: { size: 'MaxResults', after: 'NextToken', more: 'HasMore' },
  into: 'Machines',
  find: () => names.map((name) => [name, { name }]),
});
const ask = (input: Json): Json => list.run(input, owner) as Json;
const shown = (...wanted: string[]) => wanted.map((name) => ({ name }));

it('gives everything on one page to whoever asks for no size', () => {
  expect(ask({})).toEqual({ Machines: shown('mill', 'press', 'pump'), HasMore: false });
});

it('gives pages of the size asked for, each with what to ask the next one with', () => {
  const first = ask({ MaxResults: 2 });
  expect(first).toEqual({ Machines: shown('mill', 'press'), HasMore: true, NextToken: 'press' });
  expect(ask({ MaxResults: 2, NextToken: first.NextToken })).toEqual({ Machines: shown('pump'), HasMore: false });
});

it.each([0, -1, 1.5, 'many'])('refuses a page of %s', (MaxResults) => {
  expect(() => ask({ MaxResults })).toThrow(
    `plant:ListMachines: MaxResults: got "${MaxResults}", allowed is a whole number from 1`,
  );
});

it('refuses a token that it did not give', () => {
  expect(() => ask({ NextToken: 'x' })).toThrow(
    'plant:ListMachines: NextToken: got "x", allowed is what the last page gave',
  );
});

it('is allowed on everything or on the one resource that is asked about', () => {
  expect(list.access({})).toEqual([{ action: 'plant:ListMachines', resource: '*' }]);
});
