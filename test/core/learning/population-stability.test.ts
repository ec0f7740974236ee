import { expect, it } from 'vitest';
import { learnSpread, PopulationStability } from '../../../core/learning/population-stability.ts';
import { createRandom } from '../../../core/random/random.ts';

const random = createRandom(4);
const trained = [
  learnSpread(
    'speed',
    Float64Array.from({ length: 3000 }, () => random.normal(50, 5)),
  ),
];
const settings = { spanSamples: 300 };

function watch(drift: PopulationStability, mean: number, samples: number): PopulationStability {
  for (let i = 0; i < samples; i++) drift.update([random.normal(mean, 5)]);
  return drift;
}

it('stays quiet on values like those of the training', () => {
  expect(watch(new PopulationStability(trained, settings), 50, 2000).findings()).toEqual([]);
});

it('finds the feature that moved, and says by how much', () => {
  const [finding] = watch(new PopulationStability(trained, settings), 56, 1000).findings();
  expect(finding).toMatchObject({ code: 'model_no_longer_fits', feature: 'speed', limit: 0.25 });
  expect(finding!.index).toBeGreaterThan(0.5);
});

it('says nothing before a whole span was seen', () => {
  expect(watch(new PopulationStability(trained, settings), 90, 299).findings()).toEqual([]);
});

it('goes on from its saved state as if it had never stopped', () => {
  const drift = watch(new PopulationStability(trained, settings), 56, 400);
  const resumed = new PopulationStability(trained, settings, JSON.parse(JSON.stringify(drift.save())));
  drift.update([51]);
  resumed.update([51]);
  expect(resumed.save()).toEqual(drift.save());
});

it('refuses the state of another model', () => {
  expect(() => new PopulationStability(trained, settings, { version: 1, seen: 0, counts: [] })).toThrow(
    'of 0 features',
  );
});
