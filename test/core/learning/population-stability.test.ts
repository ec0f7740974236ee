import { expect, it } from 'vitest';
import { learnSpread, PopulationStability, widenLimit } from '../../../core/learning/population-stability.ts';
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
  expect(() => new PopulationStability(trained, settings, { version: 2, seen: 0, current: [], former: [] })).toThrow(
    'of 0 features',
  );
});

it('lets one unit differ from all as much as those of the training did', () => {
  const slow = Float64Array.from({ length: 300 }, () => random.normal(44, 5));
  const widened = [widenLimit(trained[0]!, [slow])];
  expect(watch(new PopulationStability(widened, settings), 45, 1000).findings()).toEqual([]);
  expect(watch(new PopulationStability(trained, settings), 45, 1000).findings()).toHaveLength(1);
  expect(watch(new PopulationStability(widened, settings), 90, 1000).findings()).toHaveLength(1);
});

it('keeps a state of the same size however long it runs', () => {
  const drift = new PopulationStability(trained, settings);
  const size = (samples: number): number => JSON.stringify(watch(drift, 50, samples).save()).length;
  expect(size(20_000)).toBeLessThanOrEqual(size(600) + 10);
});
