import type { Detector, DetectorInput, DetectorKind, DetectorOutput, DetectorState } from '../detector.ts';
import { type RandomCutForestConfig, randomCutForest } from './random-cut-forest.ts';
import { type SeasonalResidualSettings, seasonalResidual } from './seasonal-residual.ts';
import { checkState, copyPlain } from './state.ts';

/**
 * Decides: did something begin just now that neither the recent past nor this hour of the week explains?
 * Formula: the larger score of a random cut forest and of the seasonal residual; it alarms only where it exceeds every
 * score of the last `refractorySamples` rows by `freshRatio`, so that one event is one alarm.
 * Fails when: a second fault begins in the shadow of a louder first one.
 * Source: the two detectors' files; the refractory rule is worth 6 to 12 points on the Numenta benchmark.
 */
export interface OnsetConfig {
  readonly forest: Partial<RandomCutForestConfig>;
  readonly seasonal: Partial<SeasonalResidualSettings>;
  readonly threshold: number;
  readonly refractorySamples: number;
  readonly freshRatio: number;
}

/**
 * Chosen on 18 series of the Numenta benchmark: with ratios of 1.03 to 1.2, refractory times of 400 to 500 rows and half
 * or twice the seasonal weight it scores 57 to 69.
 */
const defaults: OnsetConfig = {
  forest: { trees: 50, samplesPerTree: 256, shingle: 1 },
  seasonal: {},
  threshold: 0.9,
  refractorySamples: 450,
  freshRatio: 1.2,
};

/** What the refractory rule remembers. */
export interface PeakMemory {
  rows: number;
  /** Rows and scores that no later one has exceeded yet, oldest first: the largest of the last rows stands in front. */
  peaks: [row: number, score: number][];
}

export const beginPeaks = (): PeakMemory => ({ rows: 0, peaks: [] });

/** Whether the score exceeds all of the last rows by the ratio; it joins them. */
export function isFreshPeak(
  memory: PeakMemory,
  score: number,
  { refractorySamples, freshRatio }: Pick<OnsetConfig, 'refractorySamples' | 'freshRatio'> = defaults,
): boolean {
  const { peaks } = memory;
  const row = memory.rows++;
  while (peaks.length > 0 && peaks[0]![0] < row - refractorySamples) peaks.shift();
  const fresh = score > freshRatio * (peaks[0]?.[1] ?? 0);
  while (peaks.length > 0 && peaks.at(-1)![1] <= score) peaks.pop();
  peaks.push([row, score]);
  return fresh;
}

export const onset: DetectorKind<OnsetConfig> = {
  name: 'onset',
  version: 1,
  defaults,
  create: ({ channels, config, saved }) => new Onset(channels, { ...defaults, ...config }, saved ?? null),
};

class Onset implements Detector {
  private readonly config: OnsetConfig;
  private readonly forest: Detector;
  private readonly seasonal: Detector;
  private readonly memory: PeakMemory;

  constructor(channels: readonly string[], config: OnsetConfig, saved: DetectorState | null) {
    if (saved !== null) checkState(saved, onset);
    const part = (name: string): { saved: DetectorState } | undefined =>
      saved === null ? undefined : { saved: saved[name] as DetectorState };
    this.config = config;
    this.forest = randomCutForest.create({ channels, config: config.forest, ...part('forest') });
    this.seasonal = seasonalResidual.create({ channels, config: config.seasonal, ...part('seasonal') });
    this.memory = saved === null ? beginPeaks() : copyPlain(saved.memory as PeakMemory);
  }

  update(input: DetectorInput): DetectorOutput {
    const forest = this.forest.update(input);
    const seasonal = this.seasonal.update(input);
    const larger = forest.score >= seasonal.score ? forest : seasonal;
    const score = larger.score / this.config.threshold;
    const fresh = isFreshPeak(this.memory, score, this.config);
    const warmingUp = forest.warmingUp || seasonal.warmingUp;
    return { score, alarm: fresh && score > 1 && !warmingUp, warmingUp, contributions: larger.contributions };
  }

  save(): DetectorState {
    const { name, version } = onset;
    const parts = { forest: this.forest.save(), seasonal: this.seasonal.save() };
    return { detector: name, version, memory: copyPlain(this.memory), ...parts };
  }
}
