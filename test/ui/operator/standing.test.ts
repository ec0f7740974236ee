import { expect, it } from 'vitest';
import { describeStanding } from '../../../ui/operator/src/incidents/standing.ts';

const at = '2020-01-01T12:00:00.000Z';
const acknowledged = { by: 'Ines', at };

it.each([
  ['open', null, null, /^Open, not acknowledged$/],
  ['open', null, 'Ola Lind', /^Open, not acknowledged; assigned to Ola Lind$/],
  ['acknowledged', acknowledged, null, /^Acknowledged by Ines, 01 Jan 2020/],
  ['in_work', acknowledged, 'Ola Lind', /^In work, acknowledged by Ines, .*; assigned to Ola Lind$/],
  ['resolved', null, null, /^Resolved$/],
] as const)('says of an incident that is %s who acknowledged it and whose it is', (state, by, assignee, words) => {
  expect(describeStanding({ state, acknowledged: by, assignee })).toMatch(words);
});
