import { expect, it } from 'vitest';
import { findSiteProblem } from '../../../bin/desk/site-problem.ts';

it.each([
  ['Ulm', [{ site: 'Ulm' }], null],
  ['plant', [{ site: 'Ulm' }, { site: '' }], null],
  ['Bern', [{ site: 'Ulm' }, { site: '' }], 'site: got "Bern", allowed are Ulm, plant'],
  ['Bern', [], 'site: got "Bern", the registry is empty'],
])('the site %s, asked for where machines stand in %j, is answered: %s', (site, machines, problem) => {
  expect(findSiteProblem(site, machines)).toBe(problem);
});
