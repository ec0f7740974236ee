import { fitIntervalEnsemble, predictInterval } from '../../core/learning/interval-ensemble.ts';
import { type Matrix, matrixOf } from '../../core/learning/matrix.ts';
import type { StateModel } from '../../core/learning/state-model.ts';
import { WindowFeatures } from '../../core/learning/window-features.ts';
import { findMachineType } from './labelled-lives.ts';
import type { Lives } from './rows.ts';

/** How well the same signals foretell remaining life: error, coverage and width, beside always saying the mean. */
export interface LifeScores {
  readonly rows: number;
  readonly rmseHours: number;
  readonly constantRmseHours: number;
  readonly coverage90: number;
  readonly meanWidth90Hours: number;
  /** Some of the samples judged, to draw. */
  readonly shown: readonly {
    readonly trueHours: number;
    readonly saidHours: number;
    readonly lowerHours: number;
    readonly upperHours: number;
  }[];
}

const windows = { means: [3, 12, 48], slopes: [24, 96], recent: 3, baseline: 40, age: true };
const rowsPerLife = 80;
/** The interval's calibration leaves units out; fewer than this cannot be left out by fifths. */
const leastUnits = 10;

export function scoreRemainingLife(model: StateModel, taught: Lives, judged: Lives, seed: number): LifeScores | null {
  const train = describe(model, taught);
  const test = describe(model, judged);
  if (new Set(train.units).size < leastUnits || test.targets.length === 0) return null;
  const longestHours = train.targets.reduce((most, h) => Math.max(most, h), 0);
  const ensemble = fitIntervalEnsemble(train, {
    folds: 5,
    coverage: 0.9,
    groups: 10,
    seed,
    range: { min: 0, max: longestHours },
    boosting: { rounds: 80, learningRate: 0.08 },
  });
  const { values, lower, upper } = predictInterval(ensemble, test.matrix);
  const mean = train.targets.reduce((sum, h) => sum + h, 0) / train.targets.length;
  const rmse = (said: (i: number) => number): number =>
    Math.sqrt(test.targets.reduce((sum, truth, i) => sum + (said(i) - truth) ** 2, 0) / test.targets.length);
  const covered = test.targets.filter((truth, i) => truth >= lower[i]! && truth <= upper[i]!);
  return {
    rows: test.targets.length,
    rmseHours: rmse((i) => values[i]!),
    constantRmseHours: rmse(() => mean),
    coverage90: covered.length / test.targets.length,
    meanWidth90Hours: upper.reduce((sum, high, i) => sum + high - lower[i]!, 0) / upper.length,
    shown: chooseShown(test.targets.length).map((i) => ({
      trueHours: round(test.targets[i]!),
      saidHours: round(values[i]!),
      lowerHours: round(lower[i]!),
      upperHours: round(upper[i]!),
    })),
  };
}

const mostShown = 150;
const chooseShown = (count: number): number[] =>
  Array.from({ length: Math.min(mostShown, count) }, (_, k) => Math.floor((k * count) / Math.min(mostShown, count)));
const round = (hours: number): number => Number(hours.toPrecision(4));

function describe(model: StateModel, lives: Lives): { matrix: Matrix; targets: Float64Array; units: Int32Array } {
  const names = findMachineType(model.machineType)!.signals.map((signal) => signal.name);
  const at = model.signals.map((signal) => names.indexOf(signal));
  const rows: Float32Array[] = [];
  const targets: number[] = [];
  const units: number[] = [];
  let unit = 0;
  for (const life of lives.values()) {
    const features = new WindowFeatures(at.length, windows);
    const stride = Math.max(1, Math.floor(life.length / rowsPerLife));
    life.forEach(({ values, rulHours }, i) => {
      const row = new Float32Array(features.width);
      features.update(
        at.map((s) => values[s]!),
        row,
      );
      if (i % stride !== 0 || rulHours === null || rulHours <= 0) return;
      rows.push(row);
      targets.push(rulHours);
      units.push(unit);
    });
    unit++;
  }
  const columns = new WindowFeatures(at.length, windows).width;
  return { matrix: matrixOf(rows, columns), targets: Float64Array.from(targets), units: Int32Array.from(units) };
}
