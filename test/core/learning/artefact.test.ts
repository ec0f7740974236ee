import { describe, expect, it } from 'vitest';
import { openArtefact, writeArtefact } from '../../../core/learning/artefact.ts';
import { scoreClasses } from '../../../core/learning/classification.ts';
import { matrixOf } from '../../../core/learning/matrix.ts';
import { learnSpread } from '../../../core/learning/population-stability.ts';
import { fitForestClassifier } from '../../../core/learning/random-forest.ts';
import { fitScaler, scaleInto } from '../../../core/learning/scaler.ts';
import { StateFeatures } from '../../../core/learning/state-features.ts';
import { StateEstimator } from '../../../core/learning/state-model.ts';
import { createRandom } from '../../../core/random/random.ts';

const random = createRandom(2);
const rows = Array.from({ length: 300 }, (_, i) => [random.normal(i % 3, 0.1), random.normal(5, 1)]);
const matrix = matrixOf(rows);
const labels = Uint8Array.from(rows, (_, i) => i % 3);
const scaler = fitScaler(matrix);
const relations = new Float32Array(8);
const smoothing = { fastS: 1, slowS: 1, residualS: 1, unrestS: 1 };
const described = matrixOf(
  rows.map((row) => {
    const features = new StateFeatures(relations, { signals: 2, smoothing });
    features.update(scaleInto(scaler, row, new Float64Array(2)), 0);
    return features.values;
  }),
);
const text = writeArtefact(
  {
    machineType: 'test-rig',
    signals: ['level', 'noise'],
    states: ['LOW', 'MIDDLE', 'HIGH'],
    smoothing,
    scaler,
    relations,
    forest: fitForestClassifier({ matrix: described, labels, classes: 3 }, { trees: 10 }),
    spreads: [
      learnSpread(
        'level',
        rows.map(([v]) => v!),
      ),
      learnSpread(
        'noise',
        rows.map(([, v]) => v!),
      ),
    ],
  },
  { codeVersion: '0.1.0', trainedOn: { source: 'test', sha256: 'ab', units: 3, rows: 300 }, metrics: { macroF1: 1 } },
);

describe('a model as a file', () => {
  it('opens as it was written, and estimates with its version and probabilities', () => {
    const opened = openArtefact(text, 'test-rig');
    if (!opened.ok) throw new Error(opened.error);
    const estimator = new StateEstimator(opened.value.model);
    estimator.update([2, 5], 0);
    const estimate = estimator.estimate();
    expect(estimate.state).toBe('HIGH');
    expect(estimate.modelVersion).toMatch(/^test-rig-0\.1\.0-[0-9a-f]{8}$/);
    expect(Object.values(estimate.probabilities).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
  });

  it.each([
    ['no JSON', 'oops', undefined, 'model: the file is not JSON'],
    ['another schema', text.replace('factory-twin/state-model', 'other'), undefined, 'got schema "other"'],
    ['an unknown version', text.replace('"version":2', '"version":7'), undefined, 'got version 7, allowed is 2'],
    ['a damaged file', text.replace('"macroF1":1', '"macroF1":2'), undefined, 'the file is damaged'],
    ['another machine type', text, 'centrifugal-pump', 'got machine type "test-rig", allowed is "centrifugal-pump"'],
  ])('refuses %s in one sentence', (_, given, machineType, sentence) => {
    const opened = openArtefact(given, machineType);
    expect(opened).toEqual({ ok: false, error: expect.stringContaining(sentence) });
  });
});

it('scores classes by precision and recall, and tells how true its probabilities are', () => {
  const verdict = (truth: number, said: number, probability: number) => ({ truth, said, probability });
  const scores = scoreClasses(
    ['A', 'B'],
    [verdict(0, 0, 0.95), verdict(0, 0, 0.95), verdict(0, 1, 0.55), verdict(1, 1, 0.95)],
  );
  expect(scores.confusion).toEqual([
    [2, 1],
    [0, 1],
  ]);
  expect(scores.f1[0]).toBeCloseTo(0.8);
  expect(scores.f1[1]).toBeCloseTo(2 / 3);
  expect(scores.macroF1).toBeCloseTo((0.8 + 2 / 3) / 2);
  expect(scores.calibrationError).toBeCloseTo((3 * 0.05 + 0.55) / 4);
});
