import { type BaselineMemory, type BaselineSettings, beginBaseline, standardise } from '../statistics/baseline.ts';
import { clip } from '../statistics/clip.ts';
import { perChannelKind } from './per-channel.ts';

/**
 * Decides: has the level moved by a little, for a while?
 * Formula: z = λ·u + (1−λ)·z over standardised values u; alarm beyond L·√(λ/(2−λ)·(1−(1−λ)^2t)).
 * Fails when: values depend on their predecessors (the limit is for independent ones: raise L); the jump is big and
 * short (the average smooths it away: use robust-z).
 * Source: Roberts 1959; Lucas and Saccucci 1990 for λ and L.
 */
export interface EwmaSettings extends BaselineSettings {
  readonly lambda: number;
  readonly widthDeviations: number;
  /** One value counts as at most so many deviations: no single sample can raise the alarm, or spoil an hour. */
  readonly clipDeviations: number;
}

/** λ .2 finds shifts of about one deviation; L 5 for streams of a million samples, 2.7–3 is the textbook's for dozens. */
const defaults: EwmaSettings = {
  lambda: 0.2,
  widthDeviations: 5,
  clipDeviations: 8,
  trainSamples: 120,
  center: null,
  deviation: null,
  minDeviation: 0,
};

interface Memory {
  baseline: BaselineMemory;
  average: number;
  /** (1−λ)^2t, which fades to 0. */
  startShare: number;
}

export const ewma = perChannelKind<EwmaSettings, Memory>({
  name: 'ewma',
  version: 1,
  defaults,
  begin: (settings) => ({ baseline: beginBaseline(settings), average: 0, startShare: 1 }),
  step: (memory, value, _atMs, settings) => {
    const u = standardise(memory.baseline, value, settings);
    if (Number.isNaN(u)) return Number.NaN;
    const { lambda, widthDeviations, clipDeviations } = settings;
    const clipped = clip(u, clipDeviations);
    memory.average += lambda * (clipped - memory.average);
    memory.startShare *= (1 - lambda) * (1 - lambda);
    if (memory.startShare < 1e-12) memory.startShare = 0;
    const deviation = Math.sqrt((lambda / (2 - lambda)) * (1 - memory.startShare));
    return Math.abs(memory.average) / (widthDeviations * deviation);
  },
});
