import { expect, it } from 'vitest';
import { explainHealth } from '../../../ui/operator/src/machine/health-words.ts';

const machine = (healthPercent: number | null, ...parts: number[]) => ({
  healthPercent,
  components: parts.map((left, i) => ({ component: `c${i}`, title: `Part ${i + 1}`, healthPercent: left })),
});

it.each([
  ['several components pull at it', machine(0, 13, 50, 100), 'Part 1 87 + Part 2 50 points of its 100'],
  ['a finding is of no component', machine(60, 98, 100), 'what belongs to no component 38'],
])('says why a machine is worse than its worst component where %s', (_, twin, words) => {
  expect(explainHealth(twin)).toContain(words);
});

it.each([
  ['one component alone makes it what it is', machine(62, 62, 100)],
  ['nothing is wrong', machine(100, 100, 100)],
  ['nothing was heard', machine(null, 100, 100)],
  ['it is not taken apart', machine(50)],
])('says nothing where %s', (_, twin) => {
  expect(explainHealth(twin)).toBeNull();
});
