import { createRandom, type Random } from '../../random/random.ts';
import type { Detector, DetectorInput, DetectorKind, DetectorOutput, DetectorState } from '../detector.ts';
import { type ChannelScale, learnScale, readRow, scaleRow, shareOut } from './frame.ts';
import { checkChannels, checkState, largestScore, orderByName } from './state.ts';

/**
 * Decides: how few random cuts set this row apart from the training rows?
 * Formula: raw = 2^(−E[path]/c(ψ)), c(ψ) = 2H(ψ−1) − 2(ψ−1)/ψ, averaged over the last `smoothSamples` rows; the score is its
 * distance from the training's mean in units of `sigmas` training deviations. Trained once on the first `trainSamples`
 * rows; then it only scores.
 * Fails when: normality moves on (train again); anomalies differ only in how channels go together (use mahalanobis).
 * Source: Liu, Ting and Zhou, Isolation Forest (2008).
 */
export interface IsolationForestConfig {
  readonly trees: number;
  readonly samplesPerTree: number;
  readonly trainSamples: number;
  /** A single row's raw score is too blunt for a rare alarm: healthy corners reach .65, a broken channel .75. */
  readonly smoothSamples: number;
  readonly sigmas: number;
  readonly seed: number;
}

/** 100 trees of 256 are the paper's; the saved state is the training rows, from which the same seed grows the same trees. */
const defaults: IsolationForestConfig = {
  trees: 100,
  samplesPerTree: 256,
  trainSamples: 512,
  smoothSamples: 10,
  sigmas: 5,
  seed: 1,
};

const clipDeviations = 50;
/** Scores of equal rows differ by rounding only: no deviation counts as smaller (raw scores lie in 0 to 1). */
const minRawDeviation = 0.01;
/** The γ of the harmonic number's approximation ln n + γ. */
const eulerGamma = 0.5772156649015329;

type Row = (number | null)[];

interface Forest {
  readonly scale: ChannelScale;
  readonly depthLimit: number;
  readonly normalPath: number;
  /** Per node: the channel it cuts, or −1 for a leaf. */
  readonly channel: Int16Array;
  readonly cut: Float64Array;
  /** Left child; the right one follows it. For a leaf: unused. */
  readonly child: Int32Array;
  /** For a leaf: depth plus the expected rest of the path. */
  readonly path: Float64Array;
  readonly roots: Int32Array;
}

export const isolationForest: DetectorKind<IsolationForestConfig> = {
  name: 'isolation-forest',
  version: 1,
  defaults,
  create: ({ channels, config, saved }) => new IsolationForest(channels, { ...defaults, ...config }, saved ?? null),
};

class IsolationForest implements Detector {
  private readonly config: IsolationForestConfig;
  private readonly order: readonly number[];
  private readonly channels: readonly string[];
  private readonly training: Row[] = [];
  private readonly point: Float64Array;
  private forest: Forest | null = null;
  private recent: number[] = [];
  private mean = 0;
  private unit = 1;

  constructor(channels: readonly string[], config: IsolationForestConfig, saved: DetectorState | null) {
    this.config = config;
    this.order = orderByName(channels);
    this.channels = this.order.map((position) => channels[position]!);
    this.point = new Float64Array(channels.length);
    if (saved === null) return;
    checkState(saved, isolationForest);
    checkChannels(saved.channels as string[], this.channels, isolationForest.name);
    this.training = (saved.training as readonly Row[]).map((row) => [...row]);
    if (this.training.length >= config.trainSamples) this.grow();
    this.recent = [...(saved.recent as readonly number[])];
  }

  update(input: DetectorInput): DetectorOutput {
    const row = readRow(input.values, this.order);
    if (this.forest === null) {
      this.training.push(row);
      if (this.training.length >= this.config.trainSamples) this.grow();
      return { score: 0, alarm: false, warmingUp: true, contributions: null };
    }
    this.recent.push(this.rawOf(row));
    if (this.recent.length > this.config.smoothSamples) this.recent.shift();
    const smooth = this.recent.reduce((sum, raw) => sum + raw, 0) / this.recent.length;
    const score = Math.min(largestScore, Math.max(0, (smooth - this.mean) / this.unit));
    const alarm = score > 1;
    return { score, alarm, warmingUp: false, contributions: alarm ? this.explain(row) : null };
  }

  save(): DetectorState {
    const { name, version } = isolationForest;
    return {
      detector: name,
      version,
      channels: [...this.channels],
      training: this.training.map((row) => [...row]),
      recent: [...this.recent],
    };
  }

  private rawOf(row: Row): number {
    return rawScore(this.forest!, scaleRow(row, this.forest!.scale, clipDeviations, this.point));
  }

  /** How much each channel's return to its centre would calm the row. */
  private explain(row: Row): number[] | null {
    const raw = this.rawOf(row);
    const relief = row.map((_, c) => Math.max(0, raw - this.rawOf(row.map((v, k) => (k === c ? null : v)))));
    return shareOut(relief, this.order);
  }

  private grow(): void {
    const scale = learnScale(this.training, this.order.length);
    const rows = this.training.map((row) => scaleRow(row, scale, clipDeviations));
    this.forest = growForest(rows, scale, this.config);
    const raw = rows.map((row) => rawScore(this.forest!, row));
    const smooth = raw.map((_, i) => meanOf(raw.slice(Math.max(0, i + 1 - this.config.smoothSamples), i + 1)));
    this.mean = meanOf(raw);
    const deviation = Math.sqrt(meanOf(smooth.map((r) => (r - this.mean) ** 2)));
    this.unit = this.config.sigmas * Math.max(deviation, minRawDeviation);
    this.recent = raw.slice(-this.config.smoothSamples);
  }
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

function rawScore(forest: Forest, point: Float64Array): number {
  const { channel, cut, child, path, roots } = forest;
  let sum = 0;
  for (let t = 0; t < roots.length; t++) {
    let node = roots[t]!;
    let c = channel[node]!;
    while (c >= 0) {
      node = child[node]! + (point[c]! < cut[node]! ? 0 : 1);
      c = channel[node]!;
    }
    sum += path[node]!;
  }
  return 2 ** (-sum / roots.length / forest.normalPath);
}

function growForest(rows: readonly Float64Array[], scale: ChannelScale, config: IsolationForestConfig): Forest {
  const size = Math.min(config.samplesPerTree, rows.length);
  const capacity = config.trees * (2 * size - 1);
  const forest: Forest = {
    scale,
    depthLimit: Math.ceil(Math.log2(size)),
    normalPath: Math.max(averagePath(size), 1),
    channel: new Int16Array(capacity).fill(-1),
    cut: new Float64Array(capacity),
    child: new Int32Array(capacity),
    path: new Float64Array(capacity),
    roots: new Int32Array(config.trees),
  };
  const random = createRandom(config.seed);
  let used = 0;
  for (let t = 0; t < config.trees; t++) {
    forest.roots[t] = used;
    used = growTree(forest, drawRows(rows, size, random), used, random);
  }
  return forest;
}

/** Breadth first, so that siblings stand side by side. Returns the first free node after the tree. */
function growTree(forest: Forest, rows: Float64Array[], root: number, random: Random): number {
  let used = root + 1;
  const open: { node: number; rows: Float64Array[]; depth: number }[] = [{ node: root, rows, depth: 0 }];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { node, depth } = next;
    const channel = depth < forest.depthLimit ? drawChannel(next.rows, random) : -1;
    if (channel < 0) {
      forest.path[node] = depth + averagePath(next.rows.length);
      continue;
    }
    const cut = drawCut(next.rows, channel, random);
    forest.channel[node] = channel;
    forest.cut[node] = cut;
    forest.child[node] = used;
    const below = next.rows.filter((row) => row[channel]! < cut);
    const above = next.rows.filter((row) => row[channel]! >= cut);
    open.push({ node: used, rows: below, depth: depth + 1 }, { node: used + 1, rows: above, depth: depth + 1 });
    used += 2;
  }
  return used;
}

/** A channel in which the rows differ, or −1. */
function drawChannel(rows: readonly Float64Array[], random: Random): number {
  const first = rows[0];
  if (first === undefined || rows.length < 2) return -1;
  const differing: number[] = [];
  for (let c = 0; c < first.length; c++) if (rows.some((row) => row[c] !== first[c])) differing.push(c);
  return differing.length > 0 ? differing[random.integer(0, differing.length - 1)]! : -1;
}

function drawCut(rows: readonly Float64Array[], channel: number, random: Random): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    low = Math.min(low, row[channel]!);
    high = Math.max(high, row[channel]!);
  }
  // Never the lower end itself: both sides must keep a row.
  return Math.max(random.uniform(low, high), low + (high - low) * Number.EPSILON * 4);
}

function drawRows(rows: readonly Float64Array[], count: number, random: Random): Float64Array[] {
  const drawn = [...rows];
  for (let i = 0; i < count; i++) {
    const j = random.integer(i, drawn.length - 1);
    [drawn[i], drawn[j]] = [drawn[j]!, drawn[i]!];
  }
  return drawn.slice(0, count);
}

/** Mean path of an unsuccessful search in a binary tree of n rows. */
function averagePath(n: number): number {
  if (n <= 1) return 0;
  return n === 2 ? 1 : 2 * (Math.log(n - 1) + eulerGamma) - (2 * (n - 1)) / n;
}
