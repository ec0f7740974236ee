import { perChannelKind } from './per-channel.ts';

/**
 * Decides: is the value unlike what this hour of the day, or of the week, has been?
 * Formula: three forecasts compete — the slow level, the profile of the day, the profile of the week, in `binsPerDay` bins —
 * and the one with the smallest decayed error so far is believed; score = |x − forecast| / (decayed error + `floorShare` ·
 * decayed deviation of x) / `sigmas`. A bin learns the mean of each visit with weight `learningShare`.
 * Fails when: shifts move from week to week; a period is no divisor of a week (use the phase of the machine instead).
 * Source: seasonal naive forecasts, as the floor every forecaster must beat (Hyndman and Athanasopoulos, ch. 5).
 */
export interface SeasonalResidualSettings {
  readonly binsPerDay: number;
  readonly learningShare: number;
  readonly floorShare: number;
  readonly sigmas: number;
  readonly minSamples: number;
}

/** Chosen on 18 series of the Numenta benchmark; a bin of an hour, as shifts and offices keep. */
const defaults: SeasonalResidualSettings = {
  binsPerDay: 24,
  learningShare: 0.3,
  floorShare: 0.07,
  sigmas: 4,
  minSamples: 60,
};

const dayMs = 86_400_000;
const daysPerWeek = 7;
/** The slow level follows over some 50 values, errors over some 500, the deviation over some 1,000 (assumptions). */
const levelShare = 0.02;
const errorShare = 0.002;
const deviationShare = 0.001;
/** One error counts as at most so many usual ones: a fault must not teach that faults are usual. */
const errorClip = 8;

interface Profile {
  /** null: never visited. */
  means: (number | null)[];
  visits: number[];
}

interface Forecast {
  error: number | null;
}

interface Memory {
  samples: number;
  level: number;
  mean: number;
  variance: number;
  spread: number | null;
  day: Profile;
  week: Profile;
  errors: { level: Forecast; day: Forecast; week: Forecast };
  /** The visit going on: which bin of the week, and what it summed up. */
  bin: number;
  visitSum: number;
  visitSamples: number;
}

const emptyProfile = (bins: number): Profile => ({
  means: new Array(bins).fill(null),
  visits: new Array(bins).fill(0),
});

export const seasonalResidual = perChannelKind<SeasonalResidualSettings, Memory>({
  name: 'seasonal-residual',
  version: 1,
  defaults,
  begin: ({ binsPerDay }) => ({
    samples: 0,
    level: 0,
    mean: 0,
    variance: 0,
    spread: null,
    day: emptyProfile(binsPerDay),
    week: emptyProfile(binsPerDay * daysPerWeek),
    errors: { level: { error: null }, day: { error: null }, week: { error: null } },
    bin: -1,
    visitSum: 0,
    visitSamples: 0,
  }),
  step: (memory, value, atMs, settings) => {
    turnBin(memory, atMs, settings);
    const clipped = clipToUsual(memory, value);
    const forecasts = forecast(memory, settings);
    const residual = Math.abs(value - believe(memory, forecasts));
    const score = scoreResidual(memory, residual, settings);
    learn(memory, clipped, forecasts);
    return score;
  },
});

/** Closes the visit of a bin when the clock has left it. */
function turnBin(memory: Memory, atMs: number, { binsPerDay, learningShare }: SeasonalResidualSettings): void {
  const bins = binsPerDay * daysPerWeek;
  const bin = ((Math.floor((atMs / dayMs) * binsPerDay) % bins) + bins) % bins;
  if (bin === memory.bin) return;
  if (memory.visitSamples > 0) {
    const mean = memory.visitSum / memory.visitSamples;
    learnVisit(memory.week, memory.bin, mean, learningShare);
    learnVisit(memory.day, memory.bin % binsPerDay, mean, learningShare);
  }
  memory.bin = bin;
  memory.visitSum = 0;
  memory.visitSamples = 0;
}

function learnVisit(profile: Profile, bin: number, mean: number, learningShare: number): void {
  const visits = ++profile.visits[bin]!;
  const known = profile.means[bin] ?? mean;
  profile.means[bin] = known + Math.max(learningShare, 1 / visits) * (mean - known);
}

/** An enormous value teaches only that something large came by. */
function clipToUsual(memory: Memory, value: number): number {
  if (memory.spread === null || memory.samples < 2) return value;
  const reach = 20 * (memory.spread + Math.sqrt(memory.variance)) + Number.EPSILON * Math.abs(memory.level);
  return Math.min(memory.level + reach, Math.max(memory.level - reach, value));
}

interface Forecasts {
  readonly level: number;
  readonly day: number | null;
  readonly week: number | null;
}

function forecast(memory: Memory, { binsPerDay }: SeasonalResidualSettings): Forecasts {
  const day = memory.day.means[memory.bin % binsPerDay] ?? null;
  return { level: memory.level, day, week: memory.week.means[memory.bin] ?? null };
}

function believe(memory: Memory, forecasts: Forecasts): number {
  let best = forecasts.level;
  let smallest = memory.errors.level.error ?? Number.POSITIVE_INFINITY;
  for (const name of ['day', 'week'] as const) {
    const value = forecasts[name];
    const { error } = memory.errors[name];
    if (value === null || error === null || error >= smallest) continue;
    best = value;
    smallest = error;
  }
  return best;
}

function scoreResidual(
  memory: Memory,
  residual: number,
  { floorShare, sigmas, minSamples }: SeasonalResidualSettings,
): number {
  if (memory.samples < minSamples) {
    memory.spread = memory.samples === 0 ? 0 : follow(memory.spread ?? residual, residual, 1 / (memory.samples + 1));
    return Number.NaN;
  }
  const rounding = 1e-9 * Math.abs(memory.level) + Number.EPSILON;
  const usual = memory.spread! + floorShare * Math.sqrt(memory.variance) + rounding;
  memory.spread = follow(memory.spread!, Math.min(residual, errorClip * usual), errorShare);
  return residual / usual / sigmas;
}

function learn(memory: Memory, value: number, forecasts: Forecasts): void {
  for (const name of ['level', 'day', 'week'] as const) {
    const predicted = forecasts[name];
    if (predicted === null || memory.samples === 0) continue;
    const forecastMemory = memory.errors[name];
    const missed = Math.abs(value - predicted);
    const known = forecastMemory.error;
    forecastMemory.error =
      known === null ? missed : follow(known, Math.min(missed, errorClip * known + 1e-12), errorShare);
  }
  const weight = Math.max(1 / (memory.samples + 1), deviationShare);
  memory.mean = follow(memory.mean, value, weight);
  memory.variance = follow(memory.variance, (value - memory.mean) ** 2, weight);
  memory.level = memory.samples === 0 ? value : follow(memory.level, value, levelShare);
  memory.samples++;
  memory.visitSum += value;
  memory.visitSamples++;
}

const follow = (known: number, value: number, share: number): number => known + share * (value - known);
