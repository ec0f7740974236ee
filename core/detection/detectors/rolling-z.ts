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
  /** Where the oldest value stands; a state without it has it first. */
  oldest?: number;
}

export const rollingZ = perChannelKind<RollingZSettings, Memory>({
  name: 'rolling-z',
  version: 1,
  defaults,
  begin: () => ({ window: [], oldest: 0 }),
  step: (memory, value, _atMs, settings) => {
    const warm = memory.window.length >= settings.minSamples;
    const z = warm ? zScore(memory, value, settings) : Number.NaN;
    slide(memory, value, settings.windowSamples);
    return directed(z, settings.direction) / settings.threshold;
  },
});

/** A ring once it is full: a shift would move all the others for each value. */
function slide(memory: Memory, value: number, length: number): void {
  const { window } = memory;
  if (window.length < length) {
    window.push(value);
    return;
  }
  const oldest = memory.oldest ?? 0;
  window[oldest] = value;
  memory.oldest = oldest + 1 === length ? 0 : oldest + 1;
}

function zScore({ window, oldest = 0 }: Memory, value: number, settings: RollingZSettings): number {
  const length = window.length;
  // From the oldest on: the order of a sum is part of its last digit, and states must go on to the digit.
  let sum = 0;
  for (let i = oldest; i < length; i++) sum += window[i]!;
  for (let i = 0; i < oldest; i++) sum += window[i]!;
  const mean = sum / length;
  let squares = 0;
  for (let i = oldest; i < length; i++) squares += (window[i]! - mean) * (window[i]! - mean);
  for (let i = 0; i < oldest; i++) squares += (window[i]! - mean) * (window[i]! - mean);
  const deviation = floorDeviation(Math.sqrt(squares / length), mean, settings);
  return (value - mean) / deviation;
}

/** The part of a z-score that points the watched way; NaN stays NaN. */
export function directed(z: number, direction: 'both' | 'up' | 'down'): number {
  if (direction === 'both') return Math.abs(z);
  return Math.max(0, direction === 'up' ? z : -z);
}
