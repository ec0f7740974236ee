import { type BaselineMemory, type BaselineSettings, beginBaseline, standardise } from '../statistics/baseline.ts';
import { clip } from '../statistics/clip.ts';
import { perChannelKind } from './per-channel.ts';

/**
 * Decides: when did the level change? One alarm a change, then the new level is the normal one (CUSUM keeps alarming).
 * Formula: over standardised u with running mean m: up += u − m − δ, alarm when up − min(up) > λ; likewise down.
 * Fails when: the level creeps, for the running mean creeps along; right after the start the mean is still rough.
 * Source: Page 1954, Hinkley 1971; with forgetting as in Gama et al., A Survey on Concept Drift Adaptation (2014).
 */
export interface PageHinkleySettings extends BaselineSettings {
  /** Changes up to this size, in deviations, are tolerated. */
  readonly toleranceDeviations: number;
  readonly thresholdDeviations: number;
  readonly clipDeviations: number;
  /** Samples over which the running mean forgets. */
  readonly memorySamples: number;
}

const defaults: PageHinkleySettings = {
  toleranceDeviations: 0.5,
  thresholdDeviations: 20,
  clipDeviations: 8,
  memorySamples: 1000,
  trainSamples: 120,
  center: null,
  deviation: null,
  minDeviation: 0,
};

interface Memory {
  baseline: BaselineMemory;
  samples: number;
  mean: number;
  /** Distance of the cumulated sums from their extremes: all that the test needs of them. */
  up: number;
  down: number;
}

export const pageHinkley = perChannelKind<PageHinkleySettings, Memory>({
  name: 'page-hinkley',
  version: 1,
  defaults,
  begin: (settings) => ({ baseline: beginBaseline(settings), samples: 0, mean: 0, up: 0, down: 0 }),
  step: (memory, value, _atMs, settings) => {
    const u = standardise(memory.baseline, value, settings);
    if (Number.isNaN(u)) return Number.NaN;
    const { toleranceDeviations, thresholdDeviations, clipDeviations, memorySamples } = settings;
    if (memory.up > thresholdDeviations || memory.down > thresholdDeviations) restart(memory);
    const clipped = clip(u, clipDeviations);
    memory.samples = Math.min(memory.samples + 1, memorySamples);
    const deviation = clipped - memory.mean;
    memory.mean += deviation / memory.samples;
    memory.up = Math.max(0, memory.up + deviation - toleranceDeviations);
    memory.down = Math.max(0, memory.down - deviation - toleranceDeviations);
    return Math.max(memory.up, memory.down) / thresholdDeviations;
  },
});

function restart(memory: Memory): void {
  memory.samples = 0;
  memory.up = 0;
  memory.down = 0;
}
