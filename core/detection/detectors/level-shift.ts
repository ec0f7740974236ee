import type { Detector, DetectorInput, DetectorKind, DetectorOutput, DetectorState } from '../detector.ts';
import { type ChannelScale, learnScale, readRow, scaleRow, shareOut } from './frame.ts';
import { checkChannels, checkState, copyPlain, largestScore, orderByName } from './state.ts';

/**
 * Decides: has any channel left the level that it has been drifting along?
 * Formula: z = |window mean − center| / s per channel; s² = spread of such differences in training + (`noiseShare` of the
 * row deviation)². The score is the largest z over `sigmas`. The center follows the window mean over `adaptSamples` rows,
 * but stands still during an alarm. An alarm needs `holdSamples` rows in a row, ends below `releaseShare` (or, after a
 * severe one, below a share of its peak), and what it leaves behind is the new level after `settleSamples` rows.
 * Fails when: the fault creeps more slowly than the center follows; two levels alternate by nature (phases).
 * Source: a moving-average chart (Roberts 1959) around a drifting mean, limits from the data's own autocorrelated means.
 */
export interface LevelShiftConfig {
  readonly windowSamples: number;
  readonly trainSamples: number;
  readonly adaptSamples: number;
  readonly noiseShare: number;
  readonly sigmas: number;
  readonly holdSamples: number;
  readonly releaseShare: number;
  readonly releasePeakShare: number;
  readonly settleSamples: number;
}

/**
 * Chosen on 15 recordings of a pump loop (SKAB), in the middle of a plateau: 3 to 4 sigmas, windows of 8 to 20, floors of
 * .3 to .4 and followings of 80 to 200 rows give F1 .80 to .83 and at most one false alarm in all.
 */
const defaults: LevelShiftConfig = {
  windowSamples: 12,
  trainSamples: 400,
  adaptSamples: 100,
  noiseShare: 0.3,
  sigmas: 3.5,
  holdSamples: 5,
  releaseShare: 0.6,
  releasePeakShare: 0.3,
  settleSamples: 40,
};

/** However severe the fault was, an alarm never ends above this score. */
const releaseCeiling = 2;
const clipDeviations = 1000;

type Row = (number | null)[];

interface Model {
  readonly scale: ChannelScale;
  readonly spread: number[];
  center: number[];
}

interface Memory {
  training: Row[];
  window: Row[];
  model: Model | null;
  alarm: boolean;
  heldSamples: number;
  peak: number;
  settleLeft: number;
}

export const levelShift: DetectorKind<LevelShiftConfig> = {
  name: 'level-shift',
  version: 1,
  defaults,
  create: ({ channels, config, saved }) => new LevelShift(channels, { ...defaults, ...config }, saved ?? null),
};

class LevelShift implements Detector {
  private readonly config: LevelShiftConfig;
  private readonly order: readonly number[];
  private readonly channels: readonly string[];
  private readonly memory: Memory;

  constructor(channels: readonly string[], config: LevelShiftConfig, saved: DetectorState | null) {
    this.config = config;
    this.order = orderByName(channels);
    this.channels = this.order.map((position) => channels[position]!);
    const quiet = { alarm: false, heldSamples: 0, peak: 0, settleLeft: 0 };
    this.memory = { training: [], window: [], model: null, ...quiet };
    if (saved === null) return;
    checkState(saved, levelShift);
    checkChannels(saved.channels as string[], this.channels, levelShift.name);
    this.memory = copyPlain(saved.memory as Memory);
  }

  update(input: DetectorInput): DetectorOutput {
    const { memory, config } = this;
    const row = readRow(input.values, this.order);
    if (memory.model === null) {
      memory.training.push(row);
      if (memory.training.length >= config.trainSamples) this.finishTraining();
      return { score: 0, alarm: false, warmingUp: true, contributions: null };
    }
    memory.window.push(row);
    if (memory.window.length > config.windowSamples) memory.window.shift();
    const means = windowMeans(memory.window, memory.model);
    const z = means.map((mean, c) => Math.abs(mean - memory.model!.center[c]!) / memory.model!.spread[c]!);
    const score = Math.min(largestScore, Math.max(0, ...z) / config.sigmas);
    this.decide(score, means, memory.model);
    return { score, alarm: memory.alarm, warmingUp: false, contributions: shareOut(z, this.order) };
  }

  save(): DetectorState {
    const { name, version } = levelShift;
    return { detector: name, version, channels: [...this.channels], memory: copyPlain(this.memory) };
  }

  private decide(score: number, means: readonly number[], model: Model): void {
    const { memory, config } = this;
    if (memory.settleLeft > 0) {
      if (--memory.settleLeft === 0) model.center = [...means];
      return;
    }
    if (memory.alarm) {
      memory.peak = Math.max(memory.peak, score);
      const release = Math.min(releaseCeiling, config.releasePeakShare * memory.peak);
      memory.alarm = score > Math.max(config.releaseShare, release);
      if (!memory.alarm) memory.settleLeft = config.settleSamples;
      return;
    }
    memory.heldSamples = score > 1 ? memory.heldSamples + 1 : 0;
    memory.peak = score > 1 ? Math.max(memory.peak, score) : 0;
    memory.alarm = memory.heldSamples >= config.holdSamples;
    if (memory.alarm) memory.heldSamples = 0;
    else if (score <= 1) follow(model, means, 1 / config.adaptSamples);
  }

  private finishTraining(): void {
    const { memory, config } = this;
    memory.model = learnModel(memory.training, this.order.length, config);
    memory.window = memory.training.slice(-config.windowSamples);
    memory.training = [];
  }
}

/** Runs the following center over the training and keeps how far the window means strayed from it. */
function learnModel(rows: readonly Row[], size: number, config: LevelShiftConfig): Model {
  const scale = learnScale(rows, size);
  const model: Model = { scale, spread: [], center: [] };
  const squares = new Float64Array(size);
  const first = Math.min(config.windowSamples, rows.length);
  for (let end = first; end <= rows.length; end++) {
    const means = windowMeans(rows.slice(end - first, end), model);
    if (end === first) model.center = [...means];
    for (let c = 0; c < size; c++) squares[c]! += (means[c]! - model.center[c]!) ** 2;
    follow(model, means, 1 / config.adaptSamples);
  }
  const windows = rows.length - first + 1;
  for (const square of squares) model.spread.push(Math.sqrt(square / windows + config.noiseShare ** 2));
  return model;
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
