import { ordered, type Quantiles } from './spread.ts';

/**
 * Decides: how long does a component live that has reached this age and shows nothing yet? The fleet's word, not this machine's.
 * Formula: t_p = η·((t/η)^β − ln(1−p))^(1/β) − t, the conditional quantile of a Weibull life at age t.
 * Fails when: the fleet's shape and scale are not this plant's; wear already shows (then the wear itself says more).
 * Source: Weibull 1951; conditional form as in Meeker and Escobar, Statistical Methods for Reliability Data (1998).
 */
export interface WeibullLife {
  readonly shape: number;
  readonly scaleHours: number;
}

export function conditionalLife({ shape, scaleHours }: WeibullLife, ageHours: number): Quantiles {
  const spent = (Math.max(0, ageHours) / scaleHours) ** shape;
  const at = (p: number): number => scaleHours * (spent - Math.log(1 - p)) ** (1 / shape) - ageHours;
  return ordered({ p10: at(0.1), p50: at(0.5), p90: at(0.9) });
}
