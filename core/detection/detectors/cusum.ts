import { type BaselineMemory, type BaselineSettings, beginBaseline, standardise } from '../statistics/baseline.ts';
import { clip } from '../statistics/clip.ts';
import { perChannelKind } from './per-channel.ts';

/**
 * Decides: has the level left its baseline, and does it stay away?
 * Formula: up = max(0, up + u − k), down = max(0, down − u − k) over standardised u; alarm when either exceeds h.
 * Fails when: the baseline itself was learned on a fault; the normal level wanders by more than k deviations.
 * Source: Page 1954; average run length by Siegmund's (e^(2kb) − 2kb − 1)/(2k²), b = h + 1.166.
 */
export interface CusumSettings extends BaselineSettings {
  /** Half of the shift worth finding, in deviations. */
  readonly slackDeviations: number;
  readonly thresholdDeviations: number;
  /** One value counts as at most so many deviations. */
  readonly clipDeviations: number;
}

/**
 * k .5 aims at a shift of one deviation; h 12 gives a false alarm in some 500,000 normal samples of a known baseline. One
 * learned from 120 samples is off by a tenth of a deviation, which costs most of that: give it, or train longer.
 */
const defaults: CusumSettings = {
  slackDeviations: 0.5,
  thresholdDeviations: 12,
  clipDeviations: 8,
  trainSamples: 120,
  center: null,
  deviation: null,
  minDeviation: 0,
};

interface Memory {
  baseline: BaselineMemory;
  up: number;
  down: number;
}

/** The sums stop at twice the threshold, so that the alarm ends soon after the shift does. */
const ceilingShare = 2;

export const cusum = perChannelKind<CusumSettings, Memory>({
  name: 'cusum',
  version: 1,
  defaults,
  begin: (settings) => ({ baseline: beginBaseline(settings), up: 0, down: 0 }),
  step: (memory, value, _atMs, settings) => {
    const u = standardise(memory.baseline, value, settings);
    if (Number.isNaN(u)) return Number.NaN;
    const { slackDeviations, thresholdDeviations, clipDeviations } = settings;
    const clipped = clip(u, clipDeviations);
    const ceiling = ceilingShare * thresholdDeviations;
    memory.up = Math.min(ceiling, Math.max(0, memory.up + clipped - slackDeviations));
    memory.down = Math.min(ceiling, Math.max(0, memory.down - clipped - slackDeviations));
    return Math.max(memory.up, memory.down) / thresholdDeviations;
  },
});
