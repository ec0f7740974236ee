import type { Detector, DetectorInput, DetectorKind, DetectorOutput, DetectorState } from '../detector.ts';
import { covarianceOfCentred } from '../statistics/matrix.ts';
import { type ChannelScale, learnScale, readRow, scaleRow, shareOut } from './frame.ts';
import { checkChannels, checkState, copyPlain, orderByName } from './state.ts';

/**
 * Decides: do two channels that used to move together go their own ways?
 * Formula: for every pair with |ρ| ≥ `minCorrelation` in training, the difference d = (uᵢ − sign(ρ)·uⱼ) over its training
 * deviation; its root mean square over the window is near 1 while the bond holds, alarm beyond `threshold`. A channel's
 * part is the sum over its pairs, so the one that left stands out against its former partners.
 * Fails when: nothing correlates; the bond is curved or delayed; training saw only one load.
 * Source: the minor principal axis of each pair; parity space as in Isermann, Fault-Diagnosis Systems (2006), ch. 10.
 */
export interface CorrelationBreakConfig {
  readonly windowSamples: number;
  readonly trainSamples: number;
  readonly minCorrelation: number;
  readonly threshold: number;
}

/** A normal window of 20 has a root mean square above 2 once in some 10⁸; 3 leaves room for bonds learned roughly. */
const defaults: CorrelationBreakConfig = { windowSamples: 20, trainSamples: 120, minCorrelation: 0.6, threshold: 3 };

const clipDeviations = 20;
/** One difference counts as at most so many deviations: one spike in a window of 20 stays below the threshold. */
const clipDifference = 8;
/** A perfect bond still has sensors that round. */
const minDifferenceDeviation = 0.02;

interface Pair {
  readonly i: number;
  readonly j: number;
  readonly sign: number;
  readonly center: number;
  readonly deviation: number;
}

type Row = (number | null)[];

interface Memory {
  training: Row[];
  scale: ChannelScale | null;
  pairs: Pair[];
  /** Squared differences of the last rows, one list a row; null where a partner was missing. */
  window: (number | null)[][];
}

export const correlationBreak: DetectorKind<CorrelationBreakConfig> = {
  name: 'correlation-break',
  version: 1,
  defaults,
  create: ({ channels, config, saved }) => new CorrelationBreak(channels, { ...defaults, ...config }, saved ?? null),
};

class CorrelationBreak implements Detector {
  private readonly config: CorrelationBreakConfig;
  private readonly order: readonly number[];
  private readonly channels: readonly string[];
  private readonly memory: Memory;

  constructor(channels: readonly string[], config: CorrelationBreakConfig, saved: DetectorState | null) {
    this.config = config;
    this.order = orderByName(channels);
    this.channels = this.order.map((position) => channels[position]!);
    this.memory = { training: [], scale: null, pairs: [], window: [] };
    if (saved === null) return;
    checkState(saved, correlationBreak);
    checkChannels(saved.channels as string[], this.channels, correlationBreak.name);
    this.memory = copyPlain(saved.memory as Memory);
  }

  update(input: DetectorInput): DetectorOutput {
    const { memory, config } = this;
    const row = readRow(input.values, this.order);
    if (memory.scale === null) {
      memory.training.push(row);
      if (memory.training.length >= config.trainSamples) learnPairs(memory, this.order.length, config);
      return { score: 0, alarm: false, warmingUp: true, contributions: null };
    }
    memory.window.push(squaredDifferences(row, memory.scale, memory.pairs));
    if (memory.window.length > config.windowSamples) memory.window.shift();
    if (memory.window.length < config.windowSamples) {
      return { score: 0, alarm: false, warmingUp: true, contributions: null };
    }
    const parts = new Float64Array(row.length);
    const score = scorePairs(memory, parts) / config.threshold;
    return { score, alarm: score > 1, warmingUp: false, contributions: shareOut(parts, this.order) };
  }

  save(): DetectorState {
    const { name, version } = correlationBreak;
    return { detector: name, version, channels: [...this.channels], memory: copyPlain(this.memory) };
  }
}

function learnPairs(memory: Memory, size: number, config: CorrelationBreakConfig): void {
  const scale = learnScale(memory.training, size);
  const rows = memory.training.map((row) => scaleRow(row, scale, clipDeviations));
  const mean = Array.from({ length: size }, (_, c) => rows.reduce((sum, row) => sum + row[c]!, 0) / rows.length);
  const centred = rows.map((row) => row.map((value, c) => value - mean[c]!));
  const covariance = covarianceOfCentred(centred, size);
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      const deviations = Math.sqrt(covariance[i * size + i]! * covariance[j * size + j]!);
      const correlation = deviations > 0 ? covariance[i * size + j]! / deviations : 0;
      if (Math.abs(correlation) >= config.minCorrelation)
        memory.pairs.push(learnPair(rows, i, j, Math.sign(correlation)));
    }
  }
  memory.scale = scale;
  memory.training = [];
}

function learnPair(rows: readonly Float64Array[], i: number, j: number, sign: number): Pair {
  const differences = rows.map((row) => row[i]! - sign * row[j]!);
  const center = differences.reduce((sum, d) => sum + d, 0) / differences.length;
  const square = differences.reduce((sum, d) => sum + (d - center) ** 2, 0) / differences.length;
  return { i, j, sign, center, deviation: Math.max(Math.sqrt(square), minDifferenceDeviation) };
}

function squaredDifferences(row: Row, scale: ChannelScale, pairs: readonly Pair[]): (number | null)[] {
  const u = scaleRow(row, scale, clipDeviations);
  return pairs.map(({ i, j, sign, center, deviation }) => {
    if (row[i] === null || row[j] === null) return null;
    const difference = (u[i]! - sign * u[j]! - center) / deviation;
    return Math.min(clipDifference, Math.abs(difference)) ** 2;
  });
}

/** The largest root mean square of all pairs; `parts` receives each channel's sum of squares. */
function scorePairs(memory: Memory, parts: Float64Array): number {
  let largest = 0;
  memory.pairs.forEach(({ i, j }, p) => {
    let sum = 0;
    let known = 0;
    for (const row of memory.window) {
      const square = row[p];
      if (typeof square !== 'number') continue;
      sum += square;
      known++;
    }
    if (known === 0) return;
    const meanSquare = sum / known;
    parts[i]! += meanSquare;
    parts[j]! += meanSquare;
    largest = Math.max(largest, meanSquare);
  });
  return Math.sqrt(largest);
}
