import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RelationLearner } from '../../../core/learning/relations.ts';
import { nameStateFeatures, StateFeatures, smoothingDefaults } from '../../../core/learning/state-features.ts';
import { createRandom } from '../../../core/random/random.ts';

const shape = { signals: 2, smoothing: smoothingDefaults };
const none = new Float32Array(8);

/** Two signals that follow one load, and what a forest would see of them. */
function follow(relations: Float32Array, brokenFrom = Number.POSITIVE_INFINITY): Float32Array {
  const random = createRandom(3);
  const features = new StateFeatures(relations, shape);
  for (let i = 0; i < 2000; i++) {
    const load = Math.sin(i / 40);
    const other = i >= brokenFrom ? random.normal(0, 0.7) : load;
    features.update([load + random.normal(0, 0.05), other + random.normal(0, 0.05)], i * 1000);
  }
  return features.values;
}

function learnRelations(): Float32Array {
  const random = createRandom(1);
  const learner = new RelationLearner(2);
  const features = new StateFeatures(none, shape);
  for (let i = 0; i < 1000; i++) {
    const load = random.normal(0, 0.7);
    features.update([load, load], i * 1000);
    learner.add(features.row);
  }
  return learner.finish();
}

it('shows a signal that leaves the others although it stays within its own bounds', () => {
  const relations = learnRelations();
  const [, , , , , , soundUnrest] = follow(relations);
  const [, , , , , , brokenUnrest] = follow(relations, 1000);
  expect(brokenUnrest!).toBeGreaterThan(3 * soundUnrest!);
});

it('gives the same for one sample a second and one in ten, where the machine holds still', () => {
  const [often, seldom] = [1, 10].map((everyS) => {
    const features = new StateFeatures(none, shape);
    for (let s = 0; s < 3600; s += everyS) features.update([1, s < 1800 ? 0 : 2], s * 1000);
    return [...features.values];
  });
  often!.forEach((value, i) => {
    expect(value).toBeCloseTo(seldom![i]!, 1);
  });
});

it('goes on from its saved state bit by bit, with gaps and clocks that step back', () => {
  const relations = learnRelations();
  const moment = fc.tuple(
    fc.double({ min: -50, max: 50 }),
    fc.oneof(fc.constant(Number.NaN), fc.double({ min: -50, max: 50, noNaN: true })),
    fc.integer({ min: -5000, max: 600_000 }),
  );
  fc.assert(
    fc.property(fc.array(moment, { minLength: 2, maxLength: 40 }), fc.nat(), (moments, cut) => {
      const whole = new StateFeatures(relations, shape);
      let resumed = new StateFeatures(relations, shape);
      let atMs = 1_800_000_000_000;
      moments.forEach(([a, b, stepMs], i) => {
        atMs += stepMs;
        whole.update([a, b], atMs);
        if (i === cut % moments.length) {
          resumed = new StateFeatures(relations, shape, JSON.parse(JSON.stringify(resumed.save())));
        }
        resumed.update([a, b], atMs);
      });
      expect(resumed.save()).toEqual(whole.save());
      expect(whole.values.every(Number.isFinite)).toBe(true);
    }),
  );
});

it('names every feature once', () => {
  const names = nameStateFeatures(['load', 'flow'], smoothingDefaults);
  expect(new Set(names).size).toBe(new StateFeatures(none, shape).width);
});
