import { type BaselineMemory, type BaselineSettings, beginBaseline, standardise } from '../statistics/baseline.ts';
import { perChannelKind } from './per-channel.ts';

/**
 * Decides: does the value climb or fall faster than it may?
 * Formula: least-squares slope over the last `windowSamples` values against time; alarm beyond `limitPerS`, or, where no
 * limit is given, beyond `sigmas` deviations of the slopes seen first.
 * Fails when: the machine legitimately changes phase (a warm-up climbs): use it per phase or on residuals.
 * Source: slope by ordinary least squares; rate limits as in alarm practice (ISA-18.2).
 */
export interface RateOfChangeSettings extends BaselineSettings {
  readonly windowSamples: number;
  readonly limitPerS: number | null;
  readonly sigmas: number;
}

const defaults: RateOfChangeSettings = {
  windowSamples: 10,
  limitPerS: null,
  sigmas: 7,
  trainSamples: 120,
  center: null,
  deviation: null,
  minDeviation: 0,
};

interface Memory {
  baseline: BaselineMemory;
  valuesAt: [atMs: number, value: number][];
}

export const rateOfChange = perChannelKind<RateOfChangeSettings, Memory>({
  name: 'rate-of-change',
  version: 1,
  defaults,
  begin: (settings) => ({ baseline: beginBaseline(settings), valuesAt: [] }),
  step: ({ baseline, valuesAt }, value, atMs, settings) => {
    valuesAt.push([atMs, value]);
    if (valuesAt.length > settings.windowSamples) valuesAt.shift();
    if (valuesAt.length < settings.windowSamples) return Number.NaN;
    const slopePerS = fitSlopePerS(valuesAt);
    if (Number.isNaN(slopePerS)) return 0;
    if (settings.limitPerS !== null) return Math.abs(slopePerS) / settings.limitPerS;
    return Math.abs(standardise(baseline, slopePerS, settings)) / settings.sigmas;
  },
});

const roundingShare = 1e-9;

/** NaN when all values carry one and the same time. */
function fitSlopePerS(valuesAt: readonly (readonly [atMs: number, value: number])[]): number {
  const startMs = valuesAt[0]![0];
  let sumT = 0;
  let sumV = 0;
  for (const [atMs, value] of valuesAt) {
    sumT += (atMs - startMs) / 1000;
    sumV += value;
  }
  const meanT = sumT / valuesAt.length;
  const meanV = sumV / valuesAt.length;
  let products = 0;
  let squares = 0;
  for (const [atMs, value] of valuesAt) {
    const t = (atMs - startMs) / 1000 - meanT;
    products += t * (value - meanV);
    squares += t * t;
  }
  if (squares === 0) return Number.NaN;
  // A constant value's slope is nothing but rounding.
  return Math.abs(products) > roundingShare * Math.abs(meanV) * Math.sqrt(squares) ? products / squares : 0;
}
