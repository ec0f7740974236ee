import { createRandom, type Random } from '../../random/random.ts';
import type { Detector, DetectorInput, DetectorKind, DetectorOutput, DetectorState } from '../detector.ts';
import { type ChannelScale, learnScale, readRow, scaleRow } from './frame.ts';
import { checkChannels, checkState, copyPlain, largestScore, orderByName } from './state.ts';

/**
 * Decides: has the stream lately been where this row is?
 * Formula: trees of random half-spaces, fixed before any data; a row's mass is r·2^depth at the first node on its way with
 * fewer than a tenth of a window's rows r, summed over the trees. How far the mean log mass of the last `smoothSamples`
 * rows lies below its usual, in deviations, is the score over `sigmas`. Masses are counted anew each window.
 * Fails when: a fault lasts a window (it becomes the normal); many channels, of which few matter.
 * Source: Tan, Ting and Liu, Fast Anomaly Detection for Streaming Data (2011).
 */
export interface HalfSpaceTreesConfig {
  readonly trees: number;
  readonly depth: number;
  readonly windowSamples: number;
  /** One row's mass is a coarse number: the mean of a few tells a fault from a rare but healthy row. */
  readonly smoothSamples: number;
  readonly sigmas: number;
  readonly seed: number;
}

/** 25 trees and windows of 250 as in the paper; depth 8 instead of 15, for 1/128 of the state. */
const defaults: HalfSpaceTreesConfig = {
  trees: 25,
  depth: 8,
  windowSamples: 250,
  smoothSamples: 10,
  sigmas: 6,
  seed: 1,
};

/** A node with a smaller share of a window's rows is not looked into (the paper's size limit). */
const sizeLimitShare = 0.1;
const clipDeviations = 20;
/** Log masses of a window never count as narrower: rounding of a quiet signal is no information (assumption). */
const minLogDeviation = 0.1;
/** How much a new window says about what log masses are usual: one window alone is too short to say (assumption). */
const windowWeight = 0.3;

type Row = (number | null)[];

interface Memory {
  training: Row[];
  scale: ChannelScale | null;
  /** Rows in each node: of the last whole window, and of the one being counted. */
  reference: number[];
  latest: number[];
  /** Log masses of the last rows. */
  recent: number[];
  counted: number;
  /** Of the log masses of the window being counted. */
  sum: number;
  squares: number;
  /** Of the windows so far; null until there was one to score against. */
  mean: number | null;
  deviation: number;
}

export const halfSpaceTrees: DetectorKind<HalfSpaceTreesConfig> = {
  name: 'half-space-trees',
  version: 1,
  defaults,
  create: ({ channels, config, saved }) => new HalfSpaceTrees(channels, { ...defaults, ...config }, saved ?? null),
};

class HalfSpaceTrees implements Detector {
  private readonly config: HalfSpaceTreesConfig;
  private readonly order: readonly number[];
  private readonly channels: readonly string[];
  private readonly cutChannel: Int16Array;
  private readonly cutAt: Float64Array;
  private readonly nodesPerTree: number;
  private readonly memory: Memory;

  constructor(channels: readonly string[], config: HalfSpaceTreesConfig, saved: DetectorState | null) {
    this.config = config;
    this.order = orderByName(channels);
    this.channels = this.order.map((position) => channels[position]!);
    this.nodesPerTree = 2 ** (config.depth + 1) - 1;
    this.cutChannel = new Int16Array(config.trees * this.nodesPerTree);
    this.cutAt = new Float64Array(config.trees * this.nodesPerTree);
    this.plant();
    this.memory = saved === null ? this.begin() : this.restore(saved);
  }

  update(input: DetectorInput): DetectorOutput {
    const { memory, config } = this;
    const row = readRow(input.values, this.order);
    if (memory.scale === null) {
      memory.training.push(row);
      if (memory.training.length >= config.windowSamples) this.finishTraining();
      return { score: 0, alarm: false, warmingUp: true, contributions: null };
    }
    const { mean, deviation } = memory;
    const logMass = this.pass(row);
    if (mean === null) return { score: 0, alarm: false, warmingUp: true, contributions: null };
    const score = Math.min(largestScore, Math.max(0, (mean - logMass) / (config.sigmas * deviation)));
    return { score, alarm: score > 1, warmingUp: false, contributions: null };
  }

  save(): DetectorState {
    const { name, version } = halfSpaceTrees;
    const { reference, latest, ...rest } = this.memory;
    const memory = { ...copyPlain(rest), reference: packCounts(reference), latest: packCounts(latest) };
    return { detector: name, version, channels: [...this.channels], memory };
  }

  private begin(): Memory {
    const none = new Array<number>(this.config.trees * this.nodesPerTree).fill(0);
    const counts = {
      reference: none,
      latest: [...none],
      recent: [],
      counted: 0,
      sum: 0,
      squares: 0,
      mean: null,
      deviation: 1,
    };
    return { training: [], scale: null, ...counts };
  }

  private restore(saved: DetectorState): Memory {
    checkState(saved, halfSpaceTrees);
    checkChannels(saved.channels as string[], this.channels, halfSpaceTrees.name);
    const memory = saved.memory as Omit<Memory, 'reference' | 'latest'> & { reference: number[]; latest: number[] };
    const size = this.config.trees * this.nodesPerTree;
    const rest = copyPlain(memory);
    return { ...rest, reference: unpackCounts(rest.reference, size), latest: unpackCounts(rest.latest, size) };
  }

  /** Half-spaces of a box that surely holds the scaled data, off-centre at random as the paper draws it. */
  private plant(): void {
    const random = createRandom(this.config.seed);
    for (let t = 0; t < this.config.trees; t++) {
      const boxes = this.order.map(() => drawBox(random));
      const low = Float64Array.from(boxes, (box) => box[0]);
      const high = Float64Array.from(boxes, (box) => box[1]);
      this.plantNode(t * this.nodesPerTree, 0, low, high, random);
    }
  }

  private plantNode(root: number, node: number, low: Float64Array, high: Float64Array, random: Random): void {
    if (2 * node + 2 >= this.nodesPerTree) return;
    const channel = random.integer(0, low.length - 1);
    const cut = (low[channel]! + high[channel]!) / 2;
    this.cutChannel[root + node] = channel;
    this.cutAt[root + node] = cut;
    const highOfLeft = high.slice();
    highOfLeft[channel] = cut;
    this.plantNode(root, 2 * node + 1, low, highOfLeft, random);
    const lowOfRight = low.slice();
    lowOfRight[channel] = cut;
    this.plantNode(root, 2 * node + 2, lowOfRight, high, random);
  }

  private finishTraining(): void {
    const { memory } = this;
    memory.scale = learnScale(memory.training, this.order.length);
    for (const row of memory.training) this.pass(row);
    memory.training = [];
  }

  /** Counts the row in the present window and returns the smoothed log mass in the last one. */
  private pass(row: Row): number {
    const { memory, config, nodesPerTree } = this;
    const point = scaleRow(row, memory.scale!, clipDeviations);
    let mass = 0;
    for (let t = 0; t < config.trees; t++) mass += this.passTree(t * nodesPerTree, point);
    memory.recent.push(Math.log(mass + 1));
    if (memory.recent.length > config.smoothSamples) memory.recent.shift();
    const logMass = memory.recent.reduce((sum, m) => sum + m, 0) / memory.recent.length;
    const floor = memory.mean === null ? logMass : memory.mean - config.sigmas * memory.deviation;
    const learned = Math.max(logMass, floor);
    memory.sum += learned;
    memory.squares += learned * learned;
    if (++memory.counted >= config.windowSamples) this.turnWindow();
    return logMass;
  }

  private passTree(root: number, point: Float64Array): number {
    const { reference, latest } = this.memory;
    const sizeLimit = sizeLimitShare * this.config.windowSamples;
    let mass = -1;
    let node = 0;
    for (let depth = 0; depth <= this.config.depth; depth++) {
      const here = root + node;
      latest[here]!++;
      const last = depth === this.config.depth;
      if (mass < 0 && (last || reference[here]! < sizeLimit)) mass = reference[here]! * 2 ** depth;
      node = 2 * node + (point[this.cutChannel[here]!]! < this.cutAt[here]! ? 1 : 2);
    }
    return mass;
  }

  private turnWindow(): void {
    const { memory } = this;
    const mean = memory.sum / memory.counted;
    const variance = Math.max(0, memory.squares / memory.counted - mean * mean);
    const weight = memory.mean === null ? 1 : windowWeight;
    const pooled = (1 - weight) * memory.deviation ** 2 + weight * variance;
    if (memory.reference.some((count) => count > 0)) {
      memory.mean = (1 - weight) * (memory.mean ?? 0) + weight * mean;
      memory.deviation = Math.max(Math.sqrt(pooled), minLogDeviation);
    }
    // Masses against an empty reference are 0 and say nothing.
    else memory.recent = [];
    memory.reference = memory.latest;
    memory.latest = new Array<number>(memory.reference.length).fill(0);
    memory.counted = 0;
    memory.sum = 0;
    memory.squares = 0;
  }
}

/** The scaled data's bulk lies in ±3; the paper's work range is ±2·max(s, 1−s) around a random s of the unit range. */
function drawBox(random: Random): [low: number, high: number] {
  const share = random.next();
  const reach = 2 * Math.max(share, 1 - share);
  return [6 * (share - reach) - 3, 6 * (share + reach) - 3];
}

/** Most nodes are empty: pairs of place and count. */
function packCounts(counts: readonly number[]): number[] {
  return counts.flatMap((count, place) => (count > 0 ? [place, count] : []));
}

function unpackCounts(pairs: readonly number[], size: number): number[] {
  const counts = new Array<number>(size).fill(0);
  for (let i = 0; i < pairs.length; i += 2) counts[pairs[i]!] = pairs[i + 1]!;
  return counts;
}
