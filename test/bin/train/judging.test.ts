import { expect, it } from 'vitest';
import { parseTrainArguments } from '../../../bin/train/arguments.ts';
import { chooseJudging, judgingSeedsFrom } from '../../../bin/train/judging.ts';

const names = Array.from({ length: 400 }, (_, i) => `PUMP-${i}`);

it('a unit judges or teaches by its name alone, whichever others a file holds', () => {
  const all = chooseJudging(names);
  expect(all.size).toBeGreaterThan(60);
  expect(all.size).toBeLessThan(100);
  const later = chooseJudging([...names.slice(150).reverse(), 'PUMP-NEW']);
  for (const name of names.slice(150)) expect(later.has(name)).toBe(all.has(name));
});

it('of a few units at least one judges', () => {
  const teaching = names.filter((name) => !chooseJudging(names).has(name)).slice(0, 5);
  expect(chooseJudging(teaching).size).toBe(1);
});

it('the seeds that judge are not to be trained on', () => {
  const parse = (seed: number) => parseTrainArguments(['--machine-type', 'generic', '--seed', String(seed)]);
  expect(parse(judgingSeedsFrom - 1).ok).toBe(true);
  expect(parse(judgingSeedsFrom)).toEqual({ ok: false, error: expect.stringContaining('kept for judging') });
});
