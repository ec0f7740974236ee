import { floorDeviation } from '../statistics/baseline.ts';
import { perChannelKind } from './per-channel.ts';

/**
 * Decides: is the value unlike the last few?
 * Formula: z = (x − mean) / deviation of the window *before* x, population deviation (divided by n); x joins afterwards.
 * Fails when: a slow drift carries the window along; an outlier in the window hides the next (use robust-z).
 * Source: Shewhart's individual chart with a moving window.
 */
export interface RollingZSettings {
  readonly windowSamples: number;
  readonly minSamples: number;
  readonly threshold: number;
  readonly direction: 'both' | 'up' | 'down';
  readonly minDeviation: number;
}

/**
 * 24 and 8 as in the milling-process scenario. So short a window estimates its deviation badly: at 6 some 1 in 100,000
 * normal values exceeds, at 4 some 1 in 1,000 (measured, 400,000 draws).
 */
const defaults: RollingZSettings = {
  windowSamples: 24,
  minSamples: 8,
  threshold: 6,
  direction: 'both',
  minDeviation: 0,
};

interface Memory {
  window: number[];
}

export const rollingZ = perChannelKind<RollingZSettings, Memory>({
  name: 'rolling-z',
  version: 1,
  defaults,
  begin: () => ({ window: [] }),
  step: ({ window }, value, _atMs, settings) => {
    const warm = window.length >= settings.minSamples;
    const z = warm ? zScore(window, value, settings) : Number.NaN;
    slide(window, value, settings.windowSamples);
    return directed(z, settings.direction) / settings.threshold;
  },
});

/** In place: a shift and a push would give the array new memory every few values. */
function slide(window: number[], value: number, length: number): void {
  if (window.length < length) {
    window.push(value);
    return;
  }
  for (let i = 1; i < length; i++) window[i - 1] = window[i]!;
  window[length - 1] = value;
}

function zScore(window: readonly number[], value: number, settings: RollingZSettings): number {
  let sum = 0;
  for (const v of window) sum += v;
  const mean = sum / window.length;
  let squares = 0;
  for (const v of window) squares += (v - mean) * (v - mean);
  const deviation = floorDeviation(Math.sqrt(squares / window.length), mean, settings);
  return (value - mean) / deviation;
}

/** The part of a z-score that points the watched way; NaN stays NaN. */
export function directed(z: number, direction: 'both' | 'up' | 'down'): number {
  if (direction === 'both') return Math.abs(z);
  return Math.max(0, direction === 'up' ? z : -z);
}
