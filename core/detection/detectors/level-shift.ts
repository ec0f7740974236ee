import { type ChannelScale, learnScale, scaleRow } from './frame.ts';
import { type Row, type TrainedWindowConfig, trainedWindowKind, type WindowMemory } from './trained-window.ts';

/**
 * Decides: has any channel left the level that it has been drifting along?
 * Formula: z = (window mean − center) / s per channel, with an s for falls and one for rises: s² = twice the mean square of
 * the training's strays to that side + (`noiseShare` of the row deviation)². A machine that rises while it warms is not
 * excused for falling. The score is the largest |z| over `sigmas`; no deviation counts as less than `levelShare` of the
 * level. The center follows the window mean over `adaptSamples` rows, but stands still during an alarm. An alarm needs
 * `holdSamples` rows in a row and ends below `releaseShare` (or, after a severe one, below a share of its peak); the mean
 * of the `settleSamples` rows after it is the new level. An alarm that has stood for `againSamples` rows is raised again
 * when a channel leaves the level on which it stands by a whole alarm limit, farther from the center: what is wrong got
 * worse, or something else came on top of it. Of a channel in `riseOnly` no fall counts.
 * Fails when: the fault creeps more slowly than the center follows; two levels alternate by nature (phases); a second fault
 * goes less than a limit beyond the first, or back towards health.
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
  readonly againSamples: number;
  /** Channels of which less is never a fault, such as vibration. */
  readonly riseOnly: readonly string[];
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
  againSamples: 60,
  riseOnly: [],
};

/** The first quarter of a training is the machine's and the center's own settling in: it says nothing of the spread. */
const settlingInShare = 0.25;
/** However severe the fault was, an alarm never ends above this score. */
const releaseCeiling = 2;
const clipDeviations = 1000;

interface Model {
  readonly scale: ChannelScale;
  /** null where a fall says nothing. */
  spreadBelow: (number | null)[];
  spreadAbove: number[];
  center: number[];
}

/** The alarm that stands: since how many rows, on which level, and since how many of them a second shift shows. */
interface Standing {
  samples: number;
  level: number[];
  heldSamples: number;
}

interface Memory extends WindowMemory<Model> {
  heldSamples: number;
  peak: number;
  settleLeft: number;
  standing: Standing | null;
}

export const levelShift = trainedWindowKind<LevelShiftConfig, Model, Memory>({
  name: 'level-shift',
  version: 3,
  defaults,
  begin: () => ({ heldSamples: 0, peak: 0, settleLeft: 0, standing: null }),
  learn: learnModel,
  judge: (memory, model, config) => {
    const means = windowMeans(memory.window, model);
    const strays = means.map((mean, c) => strayOf(mean - model.center[c]!, model, c));
    const score = Math.max(0, ...strays) / config.sigmas;
    decide(memory, model, { score, means }, config);
    const isWorse = memory.alarm && showsSecondShift(memory, model, means, config);
    return isWorse ? { score, parts: strays, alarmAgain: true } : { score, parts: strays };
  },
  renew: renewMemory,
});

/**
 * Version 1 had one spread for both sides, and took the last window after an alarm for the new level; version 2 raised no
 * alarm a second time.
 */
function renewMemory(memory: Memory, version: number, config: LevelShiftConfig): void {
  memory.standing ??= null;
  if (version > 1 || memory.model === null) return;
  const { spread, ...model } = memory.model as Model & { spread: number[] };
  memory.model = { ...model, spreadBelow: spread, spreadAbove: [...spread] };
  if (memory.settleLeft > 0) memory.settleLeft = config.settleSamples;
}

function strayOf(stray: number, { spreadBelow, spreadAbove }: Model, c: number): number {
  if (stray >= 0) return stray / spreadAbove[c]!;
  const below = spreadBelow[c]!;
  return below === null ? 0 : -stray / below;
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
    if (!memory.alarm) {
      memory.settleLeft = config.settleSamples;
      memory.standing = null;
    }
  } else {
    memory.heldSamples = score > 1 ? memory.heldSamples + 1 : 0;
    memory.peak = score > 1 ? Math.max(memory.peak, score) : 0;
    memory.alarm = memory.heldSamples >= config.holdSamples;
    if (memory.alarm) memory.heldSamples = 0;
    else if (score <= 1) follow(model, means, 1 / config.adaptSamples);
  }
}

/** Learns the level on which the alarm stands from windows that began in it, then watches whether a channel leaves that too. */
function showsSecondShift(memory: Memory, model: Model, means: readonly number[], config: LevelShiftConfig): boolean {
  memory.standing ??= { samples: 0, level: [...means], heldSamples: 0 };
  const { standing } = memory;
  standing.samples++;
  const isLearning = standing.samples <= config.againSamples;
  if (!isLearning && furtherStray(model, means, standing.level) > config.sigmas) {
    if (++standing.heldSamples < config.holdSamples) return false;
    memory.standing = null;
    return true;
  }
  standing.heldSamples = 0;
  const averaged = standing.samples - config.windowSamples;
  const share = 1 / Math.max(1, isLearning ? averaged : config.adaptSamples);
  standing.level = standing.level.map((level, c) => level + share * (means[c]! - level));
  return false;
}

/** The largest stray from a level among the channels that are farther from health than that level is. */
function furtherStray(model: Model, means: readonly number[], level: readonly number[]): number {
  const { center } = model;
  const strays = means.map((mean, c) => {
    const isFarther = Math.abs(mean - center[c]!) > Math.abs(level[c]! - center[c]!);
    return isFarther ? strayOf(mean - level[c]!, model, c) : 0;
  });
  return Math.max(0, ...strays);
}

/** The new level is the mean of all windows that hold nothing of the alarm any more. */
function settle(memory: Memory, model: Model, means: readonly number[], config: LevelShiftConfig): void {
  memory.settleLeft--;
  const sinceAlarm = config.settleSamples - memory.settleLeft;
  const averaged = sinceAlarm - Math.min(config.windowSamples, config.settleSamples - 1);
  if (averaged >= 1) follow(model, means, 1 / averaged);
}

/** Runs the following center over the training and keeps how far the window means strayed from it, to either side. */
function learnModel(rows: readonly Row[], channels: readonly string[], config: LevelShiftConfig): Model {
  const size = channels.length;
  const settledFrom = Math.floor(settlingInShare * rows.length);
  const scale = learnScale(rows.slice(settledFrom), size);
  scale.center.forEach((level, c) => {
    scale.deviation[c] = Math.max(scale.deviation[c]!, config.levelShare * Math.abs(level));
  });
  const model: Model = { scale, spreadBelow: [], spreadAbove: [], center: [] };
  const strays = straysOfTraining(rows, model, config).slice(-(rows.length - settledFrom));
  for (let c = 0; c < size; c++) {
    const own = strays.map((row) => row[c]!);
    const below = Math.hypot(semideviation(own.map((stray) => Math.min(0, stray))), config.noiseShare);
    model.spreadBelow.push(config.riseOnly.includes(channels[c]!) ? null : below);
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
