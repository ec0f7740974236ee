import { uniformAt } from '../statistics/counter-random.ts';
import { beginHistory, hasHistory, type ScoreHistory, surpriseOf } from './own-history.ts';
import { perChannelKind } from './per-channel.ts';

/**
 * Decides: has the signal ever run like this over the last while?
 * Formula: the last `means · samplesPerMean` values as `means` means; the root mean square distance to the `neighbour`-th
 * nearest of `windows` earlier such rows, chosen at random from the whole past, in decayed deviations of the signal;
 * its surprise beside its own history, divided by `sigmas`.
 * Fails when: the fault is shorter than a mean; the shape has come before, however wrong its hour.
 * Source: Burnaev and Ishimtsev, Conformalized density- and distance-based anomaly detection in time-series data (2016),
 * without its Mahalanobis distance.
 */
export interface NearestWindowsSettings {
  readonly means: number;
  readonly samplesPerMean: number;
  readonly windows: number;
  readonly neighbour: number;
  readonly minWindows: number;
  readonly sigmas: number;
  readonly seed: number;
}

/** Chosen on 18 series of the Numenta benchmark among 4 to 16 means of 1 to 8 values; 500 windows do nearly as well. */
const defaults: NearestWindowsSettings = {
  means: 8,
  samplesPerMean: 8,
  windows: 1000,
  neighbour: 5,
  minWindows: 50,
  sigmas: 8,
  seed: 1,
};

/** Every second row is kept: the next one says nearly the same. */
const rowsPerWindow = 2;
const deviationShare = 1 / 2000;
/** A wild value enters as at most so many deviations. */
const clipDeviations = 20;

interface Memory {
  samples: number;
  mean: number;
  variance: number;
  recent: number[];
  windows: number[][];
  offered: number;
  history: ScoreHistory;
}

export const nearestWindows = perChannelKind<NearestWindowsSettings, Memory>({
  name: 'nearest-windows',
  version: 1,
  defaults,
  begin: () => ({
    samples: 0,
    mean: 0,
    variance: 0,
    recent: [],
    windows: [],
    offered: 0,
    history: beginHistory(),
  }),
  step: (memory, value, _atMs, settings) => {
    take(memory, value, settings);
    if (memory.recent.length < settings.means * settings.samplesPerMean) return Number.NaN;
    const window = meansOf(memory.recent, settings);
    const distance = memory.windows.length >= settings.minWindows ? distanceOf(memory, window, settings) : Number.NaN;
    if (memory.samples % rowsPerWindow === 0) keep(memory, window, settings);
    if (Number.isNaN(distance)) return distance;
    const known = hasHistory(memory.history);
    const surprise = surpriseOf(memory.history, distance);
    return known ? surprise / settings.sigmas : Number.NaN;
  },
});

function take(memory: Memory, value: number, { means, samplesPerMean }: NearestWindowsSettings): void {
  const reach = clipDeviations * Math.sqrt(memory.variance);
  const clips = memory.samples >= means * samplesPerMean && reach > 0;
  const taken = clips ? Math.min(memory.mean + reach, Math.max(memory.mean - reach, value)) : value;
  memory.samples++;
  const weight = Math.max(deviationShare, 1 / memory.samples);
  const change = taken - memory.mean;
  memory.mean += weight * change;
  memory.variance = (1 - weight) * (memory.variance + weight * change * change);
  memory.recent.push(taken);
  if (memory.recent.length > means * samplesPerMean) memory.recent.shift();
}

function meansOf(recent: readonly number[], { means, samplesPerMean }: NearestWindowsSettings): number[] {
  return Array.from({ length: means }, (_, m) => {
    let sum = 0;
    for (let i = m * samplesPerMean; i < (m + 1) * samplesPerMean; i++) sum += recent[i]!;
    return sum / samplesPerMean;
  });
}

function distanceOf(memory: Memory, window: readonly number[], { neighbour, means }: NearestWindowsSettings): number {
  const nearest: number[] = new Array(neighbour).fill(Number.POSITIVE_INFINITY);
  for (const other of memory.windows) {
    const square = squareDistance(window, other, nearest[neighbour - 1]!);
    let place = neighbour - 1;
    if (square >= nearest[place]!) continue;
    for (; place > 0 && nearest[place - 1]! > square; place--) nearest[place] = nearest[place - 1]!;
    nearest[place] = square;
  }
  const unit = Math.max(Math.sqrt(memory.variance), 1e-9 * Math.abs(memory.mean), Number.MIN_VALUE);
  return Math.min(Math.sqrt(nearest[neighbour - 1]! / means) / unit, clipDeviations);
}

/** Stops where it can no longer be below the limit. */
function squareDistance(a: readonly number[], b: readonly number[], limit: number): number {
  let sum = 0;
  for (let i = 0; i < a.length && sum < limit; i++) sum += (a[i]! - b[i]!) * (a[i]! - b[i]!);
  return sum;
}

function keep(memory: Memory, window: number[], { windows, seed }: NearestWindowsSettings): void {
  const { length } = memory.windows;
  const place = length < windows ? length : Math.floor(uniformAt(seed, memory.offered) * windows);
  memory.windows[place] = window;
  memory.offered++;
}
