import type { Detector, DetectorInput, DetectorKind, DetectorOutput, DetectorState } from '../detector.ts';
import { clip } from '../statistics/clip.ts';
import { seedOfPart } from '../statistics/counter-random.ts';
import { type ChannelScale, learnScale, readRow, shareOut } from './frame.ts';
import { RandomCutTree, type TreeState } from './random-cut-tree.ts';
import { checkChannels, checkState, copyPlain, largestScore, orderByName } from './state.ts';

/**
 * Decides: would adding these last few rows change random trees of the recent past more than usual?
 * Formula: rows are scaled by decayed mean and deviation, the last `shingle` of them joined to one point; its displacement
 * is the mean over the trees (random-cut-tree.ts). The threshold is the displacement's own decayed mean plus
 * `sigmas` deviations, never below `floor`. An alarm must exceed every displacement of the last `refractorySamples`,
 * so that one event is one alarm. A channel's part is its share of the box growth.
 * Fails when: a fault comes slower than the forest forgets; seasons are longer than the shingle and the sample.
 * Source: Guha et al. 2016; threshold after the public description of thresholded random cut forests.
 */
export interface RandomCutForestConfig {
  readonly trees: number;
  readonly samplesPerTree: number;
  readonly shingle: number;
  /** How fast old points fade, per point; null: 1 / (10 · samplesPerTree). */
  readonly decay: number | null;
  readonly sigmas: number;
  readonly floor: number;
  readonly refractorySamples: number;
  readonly seed: number;
}

/** 30 trees of 128 are the smallest forest whose score is steady to a few per cent (measured on normal noise). */
const defaults: RandomCutForestConfig = {
  trees: 30,
  samplesPerTree: 128,
  shingle: 4,
  decay: null,
  sigmas: 5,
  floor: 0.8,
  refractorySamples: 20,
  seed: 1,
};

/** Rows from which the first scale is learned. */
const scaleRows = 24;
/** Points before the first score: fewer don't fill a tree's picture. */
const outputAfter = 64;
const clipDeviations = 20;
/** Steps of a deviation: values are whole numbers inside, exact and short in JSON. */
const stepsPerDeviation = 256;
/** Weight of a new row in the decayed scale and of a new displacement in the threshold. */
const scaleDecay = 1 / 2560;
const thresholdDecay = 1 / 1000;
const minScoreDeviation = 0.02;

interface Memory {
  training: (number | null)[][];
  scale: ChannelScale | null;
  /** The last rows in steps of a deviation, one after the other. */
  shingle: number[];
  points: number;
  scored: number;
  mean: number;
  square: number;
  /** The largest displacement lately and for how many more points it counts. */
  peak: number;
  peakLeft: number;
}

export const randomCutForest: DetectorKind<RandomCutForestConfig> = {
  name: 'random-cut-forest',
  version: 1,
  defaults,
  create: ({ channels, config, saved }) => new RandomCutForest(channels, { ...defaults, ...config }, saved ?? null),
};

class RandomCutForest implements Detector {
  private readonly config: RandomCutForestConfig;
  private readonly order: readonly number[];
  private readonly channels: readonly string[];
  private readonly trees: readonly RandomCutTree[];
  private readonly point: Int32Array;
  private readonly memory: Memory;

  constructor(channels: readonly string[], config: RandomCutForestConfig, saved: DetectorState | null) {
    this.config = config;
    this.order = orderByName(channels);
    this.channels = this.order.map((position) => channels[position]!);
    if (saved !== null) {
      checkState(saved, randomCutForest);
      checkChannels(saved.channels as string[], this.channels, randomCutForest.name);
    }
    this.memory = saved === null ? begin() : copyPlain(saved.memory as Memory);
    const capacity = config.samplesPerTree;
    const dimensions = channels.length * config.shingle;
    const decay = config.decay ?? 1 / (10 * capacity);
    const savedTrees = (saved?.trees ?? []) as readonly TreeState[];
    this.point = new Int32Array(dimensions);
    this.trees = Array.from({ length: config.trees }, (_, t) => {
      return new RandomCutTree({ capacity, dimensions, decay, seed: seedOfPart(config.seed, t) }, savedTrees[t]);
    });
  }

  update(input: DetectorInput): DetectorOutput {
    const { memory } = this;
    const row = readRow(input.values, this.order);
    if (memory.scale === null) {
      memory.training.push(row);
      if (memory.training.length >= scaleRows) this.finishTraining();
      return warmingUp;
    }
    return this.take(row, memory.scale) ?? warmingUp;
  }

  save(): DetectorState {
    const { name, version } = randomCutForest;
    const trees = this.trees.map((tree) => tree.save());
    return { detector: name, version, channels: [...this.channels], memory: copyPlain(this.memory), trees };
  }

  private finishTraining(): void {
    const { memory } = this;
    memory.scale = learnScale(memory.training, this.order.length);
    for (const row of memory.training) this.take(row, memory.scale);
    memory.training = [];
  }

  /** Joins the row to the shingle, scores and then learns it; null while there is too little to score against. */
  private take(row: (number | null)[], scale: ChannelScale): DetectorOutput | null {
    const { memory, point } = this;
    for (let c = 0; c < row.length; c++) memory.shingle.push(toSteps(row[c]!, scale, c));
    if (memory.shingle.length > point.length) memory.shingle.splice(0, row.length);
    if (memory.shingle.length < point.length) return null;
    point.set(memory.shingle);
    const output = memory.points >= outputAfter ? this.judge() : null;
    for (const tree of this.trees) tree.offer(point, memory.points);
    memory.points++;
    return output;
  }

  private judge(): DetectorOutput {
    const { memory, config } = this;
    const displacement = this.displacement(null);
    const mean = memory.scored > 0 ? memory.mean : displacement;
    const deviation = Math.max(minScoreDeviation, Math.sqrt(Math.max(0, memory.square - mean * mean)));
    const warm = memory.scored >= outputAfter;
    const threshold = Math.max(config.floor, mean + config.sigmas * deviation);
    const alarm = warm && displacement > threshold && (memory.peakLeft <= 0 || displacement > memory.peak);
    if (memory.peakLeft > 0) memory.peakLeft--;
    if (alarm || (memory.peakLeft > 0 && displacement > memory.peak)) this.startRefractory(displacement);
    learnDisplacement(memory, Math.min(displacement, warm ? threshold : displacement));
    const score = Math.min(largestScore, Math.max(0, (displacement - mean) / (threshold - mean)));
    return { score, alarm, warmingUp: !warm, contributions: score > 1 ? this.contributions() : null };
  }

  private startRefractory(displacement: number): void {
    this.memory.peak = displacement;
    this.memory.peakLeft = Math.max(this.config.refractorySamples, this.config.shingle);
  }

  private displacement(shares: Float64Array | null): number {
    let sum = 0;
    for (const tree of this.trees) sum += tree.score(this.point, shares);
    return sum / this.trees.length;
  }

  private contributions(): number[] | null {
    const total = new Float64Array(this.point.length);
    const own = new Float64Array(this.point.length);
    for (const tree of this.trees) {
      own.fill(0);
      tree.score(this.point, own);
      for (let d = 0; d < own.length; d++) total[d]! += own[d]!;
    }
    const parts = new Float64Array(this.order.length);
    for (let d = 0; d < total.length; d++) parts[d % parts.length]! += total[d]!;
    return shareOut(parts, this.order);
  }
}

const warmingUp: DetectorOutput = Object.freeze({ score: 0, alarm: false, warmingUp: true, contributions: null });

function begin(): Memory {
  const empty = { points: 0, scored: 0, mean: 0, square: 0, peak: 0, peakLeft: 0 };
  return { training: [], scale: null, shingle: [], ...empty };
}

/** The value in steps of a deviation; the scale follows it slowly. A missing value stands at the centre. */
function toSteps(value: number | null, scale: ChannelScale, c: number): number {
  if (value === null) return 0;
  const u = clip((value - scale.center[c]!) / scale.deviation[c]!, clipDeviations);
  const deviation = scale.deviation[c]!;
  scale.center[c]! += scaleDecay * u * deviation;
  const variance = deviation * deviation * (1 + scaleDecay * (u * u - 1));
  scale.deviation[c] = Math.max(Math.sqrt(variance), Number.EPSILON, 1e-9 * Math.abs(scale.center[c]!));
  return Math.round(u * stepsPerDeviation);
}

function learnDisplacement(memory: Memory, displacement: number): void {
  memory.scored++;
  const weight = Math.max(thresholdDecay, 1 / memory.scored);
  memory.mean += weight * (displacement - memory.mean);
  memory.square += weight * (displacement * displacement - memory.square);
}
