import { type BaselineMemory, type BaselineSettings, beginBaseline, standardise } from '../statistics/baseline.ts';
import { scoreAgainstLimits } from './limits.ts';
import { perChannelKind } from './per-channel.ts';

/**
 * Decides: is measured − expected larger than the noise of the difference explains?
 * Formula: with bounds, as `limits` on the residual; else |r − center| / (sigmas · deviation), center and deviation
 * learned once from the first residuals or given. `holdSamples` in a row must agree.
 * Fails when: the expectation is wrong (a new part, a wrong phase): then the model is the fault; slow growth during the
 * training becomes normal.
 * Source: parity relations, e.g. Isermann, Fault-Diagnosis Systems (2006), ch. 10.
 */
export interface ResidualSettings extends BaselineSettings {
  readonly min: number | null;
  readonly max: number | null;
  readonly sigmas: number;
  readonly holdSamples: number;
}

/** 5 deviations: one false exceedance in 1.7 million normal samples. */
const defaults: ResidualSettings = {
  min: null,
  max: null,
  sigmas: 5,
  holdSamples: 1,
  trainSamples: 120,
  center: null,
  deviation: null,
  minDeviation: 0,
};

interface Memory {
  baseline: BaselineMemory;
  heldSamples: number;
}

export const residual = perChannelKind<ResidualSettings, Memory>({
  name: 'residual',
  version: 1,
  defaults,
  begin: (settings) => ({ baseline: beginBaseline(settings), heldSamples: 0 }),
  step: (memory, value, _atMs, settings) => {
    const score = scoreResidual(memory.baseline, value, settings);
    memory.heldSamples = score > 1 ? Math.min(memory.heldSamples + 1, settings.holdSamples) : 0;
    return memory.heldSamples > 0 && memory.heldSamples < settings.holdSamples ? 1 : score;
  },
});

function scoreResidual(baseline: BaselineMemory, value: number, settings: ResidualSettings): number {
  const { min, max } = settings;
  if (min !== null || max !== null) return scoreAgainstLimits(value, min, max);
  return Math.abs(standardise(baseline, value, settings)) / settings.sigmas;
}
