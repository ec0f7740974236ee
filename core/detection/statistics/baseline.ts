import { robustSpread } from './order.ts';

/**
 * The level and noise a channel had at first, learned robustly from `trainSamples` values and then frozen, or given
 * outright. Median and MAD: up to half of the training may be wild without moving it far.
 */
export interface BaselineSettings {
  readonly trainSamples: number;
  /** Given values skip the training; null means: learn it. */
  readonly center: number | null;
  readonly deviation: number | null;
  /** No deviation counts as smaller: keeps a quantised or constant signal from crying over one step. */
  readonly minDeviation: number;
}

export interface BaselineMemory {
  /** Values of the training; empty once it is over. */
  training: number[];
  center: number | null;
  deviation: number | null;
}

/** A deviation below this share of the level is rounding, not noise (assumption). */
const roundingShare = 1e-9;

export function beginBaseline(settings: BaselineSettings): BaselineMemory {
  const given = settings.center !== null && settings.deviation !== null;
  const deviation = given ? floorDeviation(settings.deviation!, settings.center!, settings) : null;
  return { training: [], center: given ? settings.center : null, deviation };
}

/** The value in deviations from the baseline; NaN while the baseline is being learned. */
export function standardise(memory: BaselineMemory, value: number, settings: BaselineSettings): number {
  if (memory.deviation !== null) return (value - memory.center!) / memory.deviation;
  memory.training.push(value);
  if (memory.training.length >= settings.trainSamples) finishTraining(memory, settings);
  return Number.NaN;
}

function finishTraining(memory: BaselineMemory, settings: BaselineSettings): void {
  const learned = robustSpread(memory.training);
  memory.center = settings.center ?? learned.center;
  memory.deviation = floorDeviation(settings.deviation ?? learned.deviation, memory.center, settings);
  memory.training = [];
}

export function floorDeviation(deviation: number, level: number, settings: { readonly minDeviation: number }): number {
  return Math.max(deviation, settings.minDeviation, roundingShare * Math.abs(level), Number.EPSILON);
}
