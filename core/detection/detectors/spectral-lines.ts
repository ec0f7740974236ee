import { type BaselineMemory, type BaselineSettings, beginBaseline, standardise } from '../statistics/baseline.ts';
import { clip } from '../statistics/clip.ts';
import { perChannelKind } from './per-channel.ts';

/**
 * Decides: has a spectral line or a band grown, for good, to a multiple of what it was when the machine was healthy?
 * Formula: the logarithm of the amplitude, smoothed by λ, against the logs' median and deviation in training; the score is
 * the smaller of (deviations over `sigmas`) and (log of the growth over log of `minRatio`): growth that is both out of the
 * noise and worth a visit. Only growth counts.
 * Fails when: speed or load change, which moves every line (compare like with like); training began on a worn bearing.
 * Source: trending of envelope lines, ISO 13373-2; lines and bands come from bearing-features.ts or from the sensor.
 */
export interface SpectralLinesSettings extends BaselineSettings {
  readonly lambda: number;
  readonly sigmas: number;
  readonly minRatio: number;
}

/** 1.25: the share of change that ISO 10816 calls significant; on logs of noisy lines 5 deviations after smoothing. */
const defaults: SpectralLinesSettings = {
  lambda: 0.2,
  sigmas: 5,
  minRatio: 1.25,
  trainSamples: 100,
  center: null,
  deviation: null,
  minDeviation: 0.01,
};

/** Amplitudes below this are zero lines: the logarithm must not make a fall of them. */
const smallestAmplitude = 1e-12;
/** One reading counts as at most so many deviations. */
const clipDeviations = 12;

interface Memory {
  baseline: BaselineMemory;
  smooth: number;
}

export const spectralLines = perChannelKind<SpectralLinesSettings, Memory>({
  name: 'spectral-lines',
  version: 1,
  defaults,
  begin: (settings) => ({ baseline: beginBaseline(settings), smooth: 0 }),
  step: (memory, value, _atMs, settings) => {
    const log = Math.log(Math.max(Math.abs(value), smallestAmplitude));
    const u = standardise(memory.baseline, log, settings);
    if (Number.isNaN(u)) return Number.NaN;
    const clipped = clip(u, clipDeviations);
    memory.smooth += settings.lambda * (clipped - memory.smooth);
    const growth = memory.smooth * memory.baseline.deviation!;
    // A smoothed value's noise is smaller by the root of λ/(2−λ).
    const deviations = memory.smooth / Math.sqrt(settings.lambda / (2 - settings.lambda));
    return Math.max(0, Math.min(deviations / settings.sigmas, growth / Math.log(settings.minRatio)));
  },
});
