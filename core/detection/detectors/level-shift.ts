import { type ChannelScale, learnScale, scaleRow } from './frame.ts';
import { type Row, type TrainedWindowConfig, trainedWindowKind, type WindowMemory } from './trained-window.ts';

/**
 * Decides: has any channel left the level that it has been drifting along?
 * Formula: z = (window mean − center) / s per channel, with an s for falls and one for rises: s² = twice the mean square of
 * the training's strays to that side + (`noiseShare` of the row deviation)². A machine that rises while it warms is not
 * excused for falling. The score is the largest |z| over `sigmas`; no deviation counts as less than `levelShare` of the
 * level. The center follows the window mean over `adaptSamples` rows, but stands still during an alarm. An alarm needs
 * `holdSamples` rows in a row and ends below `releaseShare` (or, after a severe one, below a share of its peak); the mean
 * of the `settleSamples` rows after it is the new level.
 * Fails when: the fault creeps more slowly than the center follows; two levels alternate by nature (phases); a disturbance
 * that nobody calls a fault lasts into a real one, which then brings no alarm of its own.
 * Source: a moving-average chart (Roberts 1959) around a drifting mean, limits from the data's own autocorrelated means;
 * a spread per side as in weighted-variance charts (Choobineh and Ballard 1987).
 */
export interface LevelShiftConfig extends TrainedWindowConfig {
  readonly adaptSamples: number;
  readonly noiseShare: number;
  readonly levelShare: number;
  readonly sigmas: number;
  readonly holdSamples: number;
  readonly releaseShare: number;
  readonly releasePeakShare: number;
  readonly settleSamples: number;
}

/**
 * Chosen on 15 recordings of a pump loop (SKAB) for what their neighbours reach, not for the best score: `npm run bench --
 * quality --set skab --cross-validate` prints what settings chosen without a recording reach on it.
 */
const defaults: LevelShiftConfig = {
  windowSamples: 12,
  trainSamples: 400,
  adaptSamples: 100,
  noiseShare: 0.3,
  levelShare: 0.01,
  sigmas: 3.5,
  holdSamples: 5,
  releaseShare: 0.6,
  releasePeakShare: 0.3,
  settleSamples: 100,
};

/** The first quarter of a training is the machine's and the center's own settling in: it says nothing of the spread. */
const settlingInShare = 0.25;
/** However severe the fault was, an alarm never ends above this score. */
const releaseCeiling = 2;
const clipDeviations = 1000;

interface Model {
  readonly scale: ChannelScale;
  spreadBelow: number[];
  spreadAbove: number[];
  center: number[];
}

interface Memory extends WindowMemory<Model> {
  heldSamples: number;
  peak: number;
  settleLeft: number;
}

export const levelShift = trainedWindowKind<LevelShiftConfig, Model, Memory>({
  name: 'level-shift',
  version: 2,
  defaults,
  begin: () => ({ heldSamples: 0, peak: 0, settleLeft: 0 }),
  learn: learnModel,
  judge: (memory, model, config) => {
    const means = windowMeans(memory.window, model);
    const strays = means.map((mean, c) => strayOf(mean - model.center[c]!, model, c));
    const score = Math.max(0, ...strays) / config.sigmas;
    decide(memory, model, { score, means }, config);
    return { score, parts: strays };
  },
  renew: renewMemory,
});

/** Version 1 had one spread for both sides, and took the last window after an alarm for the new level. */
function renewMemory(memory: Memory, version: number, config: LevelShiftConfig): void {
  if (version > 1 || memory.model === null) return;
  const { spread, ...model } = memory.model as Model & { spread: number[] };
  memory.model = { ...model, spreadBelow: spread, spreadAbove: [...spread] };
  if (memory.settleLeft > 0) memory.settleLeft = config.settleSamples;
}

function strayOf(stray: number, { spreadBelow, spreadAbove }: Model, c: number): number {
  return stray < 0 ? -stray / spreadBelow[c]! : stray / spreadAbove[c]!;
}

interface Judged {
  readonly score: number;
  readonly means: readonly number[];
}

function decide(memory: Memory, model: Model, { score, means }: Judged, config: LevelShiftConfig): void {
  if (memory.settleLeft > 0) {
    settle(memory, model, means, config);
  } else if (memory.alarm) {
    memory.peak = Math.max(memory.peak, score);
    const release = Math.min(releaseCeiling, config.releasePeakShare * memory.peak);
    memory.alarm = score > Math.max(config.releaseShare, release);
    if (!memory.alarm) memory.settleLeft = config.settleSamples;
  } else {
    memory.heldSamples = score > 1 ? memory.heldSamples + 1 : 0;
    memory.peak = score > 1 ? Math.max(memory.peak, score) : 0;
    memory.alarm = memory.heldSamples >= config.holdSamples;
    if (memory.alarm) memory.heldSamples = 0;
    else if (score <= 1) follow(model, means, 1 / config.adaptSamples);
  }
}

/** The new level is the mean of all windows that hold nothing of the alarm any more. */
function settle(memory: Memory, model: Model, means: readonly number[], config: LevelShiftConfig): void {
  memory.settleLeft--;
  const sinceAlarm = config.settleSamples - memory.settleLeft;
  const averaged = sinceAlarm - Math.min(config.windowSamples, config.settleSamples - 1);
  if (averaged >= 1) follow(model, means, 1 / averaged);
}

/** Runs the following center over the training and keeps how far the window means strayed from it, to either side. */
function learnModel(rows: readonly Row[], size: number, config: LevelShiftConfig): Model {
  const settledFrom = Math.floor(settlingInShare * rows.length);
  const scale = learnScale(rows.slice(settledFrom), size);
  scale.center.forEach((level, c) => {
    scale.deviation[c] = Math.max(scale.deviation[c]!, config.levelShare * Math.abs(level));
  });
  const model: Model = { scale, spreadBelow: [], spreadAbove: [], center: [] };
  const strays = straysOfTraining(rows, model, config).slice(-(rows.length - settledFrom));
  for (let c = 0; c < size; c++) {
    const own = strays.map((row) => row[c]!);
    model.spreadBelow.push(Math.hypot(semideviation(own.map((stray) => Math.min(0, stray))), config.noiseShare));
    model.spreadAbove.push(Math.hypot(semideviation(own.map((stray) => Math.max(0, stray))), config.noiseShare));
  }
  return model;
}

/** Leaves the model's center where the training ended. */
function straysOfTraining(rows: readonly Row[], model: Model, config: LevelShiftConfig): number[][] {
  const strays: number[][] = [];
  for (let end = Math.min(config.windowSamples, rows.length); end <= rows.length; end++) {
    const means = windowMeans(rows.slice(Math.max(0, end - config.windowSamples), end), model);
    if (strays.length === 0) model.center = [...means];
    strays.push(means.map((mean, c) => mean - model.center[c]!));
    follow(model, means, 1 / config.adaptSamples);
  }
  return strays;
}

/** Of strays cut to one side; symmetric ones give the deviation. */
function semideviation(strays: readonly number[]): number {
  return Math.sqrt((2 * strays.reduce((sum, stray) => sum + stray * stray, 0)) / strays.length);
}

function follow(model: Model, means: readonly number[], share: number): void {
  for (let c = 0; c < means.length; c++) model.center[c]! += share * (means[c]! - model.center[c]!);
}

/** Means of the known values, in deviations; a channel that is missing all window long stands at its center. */
function windowMeans(window: readonly Row[], { scale, center }: Model): number[] {
  const size = scale.center.length;
  const sums = new Float64Array(size);
  const known = new Int32Array(size);
  const scaled = new Float64Array(size);
  for (const row of window) {
    scaleRow(row, scale, clipDeviations, scaled);
    for (let c = 0; c < size; c++) {
      if (row[c] === null) continue;
      sums[c]! += scaled[c]!;
      known[c]!++;
    }
  }
  return Array.from(sums, (sum, c) => (known[c]! > 0 ? sum / known[c]! : (center[c] ?? 0)));
}
