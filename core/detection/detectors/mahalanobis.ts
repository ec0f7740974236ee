import { covarianceOfCentred, type Eigen, eigenOfSymmetric } from '../statistics/matrix.ts';
import { quantileOfSorted } from '../statistics/order.ts';
import { type ChannelScale, learnScale, scaleRow } from './frame.ts';
import {
  type Row,
  type TrainedWindowConfig,
  trainedWindowKind,
  type WindowMemory,
  type WindowScore,
} from './trained-window.ts';

/**
 * Decides: do the channels together stand where the healthy machine never stood, for as long as a window?
 * Formula: the window's mean x, scaled, in the principal axes of the training: T² = Σ (pᵢ·x)²/λᵢ over the axes that hold
 * `energyShare` of the variance, Q = |x − Σ (pᵢ·x) pᵢ|² over the rest. Each root is divided by its own limit: `margin`
 * times the training's `limitQuantile`. Alarm above 1, and on until the score is below `releaseShare`.
 * Fails when: the training stretch is short against the machine's cycle; a new operating point looks like a fault.
 * Source: Hotelling 1947; Jackson and Mudholkar 1979; contributions: Miller, Swanson and Heckler 1998.
 */
export interface MahalanobisConfig extends TrainedWindowConfig {
  readonly energyShare: number;
  readonly limitQuantile: number;
  readonly margin: number;
  readonly releaseShare: number;
}

/** Limits of a training as short as 120 rows are rough: at 3 times their 99th percentile none of 40 healthy streams cried. */
const defaults: MahalanobisConfig = {
  windowSamples: 30,
  trainSamples: 400,
  energyShare: 0.9,
  limitQuantile: 0.99,
  margin: 3,
  releaseShare: 0.8,
};

/** One value counts as at most so many deviations, so that a single spike is no sustained fault. */
const clipDeviations = 20;
/** Axes with less than this share of a channel's variance are noise of the covariance itself (assumption). */
const eigenFloor = 1e-3;

interface Model {
  readonly scale: ChannelScale;
  /** Mean of the scaled training rows: the median is the scale's centre, not the mean. */
  readonly mean: number[];
  readonly eigen: { readonly values: number[]; readonly vectors: number[] };
  readonly axes: number;
  readonly limitT: number;
  readonly limitQ: number;
}

export const mahalanobis = trainedWindowKind<MahalanobisConfig, Model, WindowMemory<Model>>({
  name: 'mahalanobis',
  version: 1,
  defaults,
  begin: () => ({}),
  learn: learnModel,
  judge: (memory, model, { releaseShare }) => {
    const scored = scoreVector(windowMean(memory.window, model), model);
    memory.alarm = scored.score > (memory.alarm ? releaseShare : 1);
    return scored;
  },
});

function learnModel(rows: readonly Row[], channels: readonly string[], config: MahalanobisConfig): Model {
  const size = channels.length;
  const scale = learnScale(rows, size);
  const scaled = rows.map((row) => scaleRow(row, scale, clipDeviations));
  const mean = Array.from({ length: size }, (_, c) => scaled.reduce((sum, row) => sum + row[c]!, 0) / rows.length);
  const centred = scaled.map((row) => row.map((value, c) => value - mean[c]!));
  const found = eigenOfSymmetric(covarianceOfCentred(centred, size), size);
  const eigen = { values: Array.from(found.values, (v) => Math.max(v, eigenFloor)), vectors: [...found.vectors] };
  const draft: Model = { scale, mean, eigen, axes: countAxes(found, config.energyShare), limitT: 1, limitQ: 1 };
  const windows = rows.map((_, i) => rows.slice(Math.max(0, i + 1 - config.windowSamples), i + 1));
  const distances = windows.slice(config.windowSamples - 1).map((w) => distancesOf(windowMean(w, draft), draft));
  const limitOf = (values: number[]): number =>
    Math.max(
      config.margin *
        quantileOfSorted(
          values.sort((a, b) => a - b),
          config.limitQuantile,
        ),
      eigenFloor,
    );
  return { ...draft, limitT: limitOf(distances.map((d) => d.t)), limitQ: limitOf(distances.map((d) => d.q)) };
}

function countAxes({ values }: Eigen, energyShare: number): number {
  const total = values.reduce((sum, v) => sum + v, 0);
  let kept = 0;
  let sum = 0;
  while (kept < values.length && sum < energyShare * total) sum += values[kept++]!;
  return Math.max(1, kept);
}

function windowMean(window: readonly Row[], { scale, mean }: Model): Float64Array {
  const size = mean.length;
  const sum = new Float64Array(size);
  const row = new Float64Array(size);
  for (const values of window) {
    scaleRow(values, scale, clipDeviations, row);
    for (let c = 0; c < size; c++) sum[c]! += row[c]!;
  }
  return sum.map((total, c) => total / window.length - mean[c]!);
}

/** Roots of T² and Q. */
function distancesOf(x: Float64Array, model: Model): { t: number; q: number } {
  let t = 0;
  let inside = 0;
  let all = 0;
  for (const value of x) all += value * value;
  for (let axis = 0; axis < model.axes; axis++) {
    const along = project(x, model, axis);
    t += (along * along) / model.eigen.values[axis]!;
    inside += along * along;
  }
  return { t: Math.sqrt(t), q: Math.sqrt(Math.max(0, all - inside)) };
}

function project(x: Float64Array, { eigen }: Model, axis: number): number {
  let sum = 0;
  for (let c = 0; c < x.length; c++) sum += x[c]! * eigen.vectors[axis * x.length + c]!;
  return sum;
}

/** The larger of the two scores, and each channel's part of that one. */
function scoreVector(x: Float64Array, model: Model): WindowScore {
  const { t, q } = distancesOf(x, model);
  const byT = t / model.limitT > q / model.limitQ;
  const weighted = new Float64Array(x.length);
  for (let axis = 0; axis < model.axes; axis++) {
    const along = project(x, model, axis) / (byT ? model.eigen.values[axis]! : 1);
    for (let c = 0; c < x.length; c++) weighted[c]! += along * model.eigen.vectors[axis * x.length + c]!;
  }
  const parts = x.map((value, c) => (byT ? Math.max(0, value * weighted[c]!) : (value - weighted[c]!) ** 2));
  return { score: Math.max(t / model.limitT, q / model.limitQ), parts };
}
