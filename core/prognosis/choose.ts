import { type CurvePoint, exponentialLife, leastIndex, residualDeviation } from './exponential.ts';
import type { ForecastMethod } from './forecast.ts';
import { growthLife, powerScatter } from './growth.ts';
import { widenByHindsight } from './hindsight.ts';
import { foreseeLife, type LifeEnsemble, type Outlook } from './life-ensemble.ts';
import { type FinishedLife, similarLife } from './similarity.ts';
import type { Quantiles } from './spread.ts';
import { wienerLife } from './wiener.ts';

/** What finished lives have taught so far. */
export interface Experience {
  readonly library: readonly FinishedLife[];
  readonly ensemble: LifeEnsemble | null;
}

export const noExperience: Experience = { library: [], ensemble: null };

export interface Choice {
  readonly quantiles: Quantiles;
  readonly method: ForecastMethod;
  readonly why: string;
}

/** Finished lives of a mode before they say more than the curve itself (reference: similarity from 20, trees from 50). */
const similarFrom = 20;

/** One law is believed only where it fits clearly better than every other; else they are averaged (assumption). */
const clearlyBetter = 0.6;

/** The method with the most to go on: taught trees, then finished lives, then the curve's own course. */
export function chooseForecast(outlook: Outlook, { library, ensemble }: Experience): Choice {
  const taught = ensemble === null ? undefined : foreseeLife(ensemble, outlook);
  if (taught !== undefined) {
    const why = `trees taught by finished lives (${ensemble?.lives}) know ${outlook.failureMode}`;
    return { quantiles: taught, method: 'tree_ensemble', why };
  }
  const alike = library.filter((life) => life.failureMode === outlook.failureMode);
  if (alike.length >= similarFrom) {
    const why = `${alike.length} lives ended by ${outlook.failureMode} are known, ${similarFrom} are enough to compare with`;
    return { quantiles: similarLife(outlook.curve, alike), method: 'similarity', why };
  }
  const choice = chooseCourse(outlook.curve);
  const quantiles = widenByHindsight(outlook.curve, choice.quantiles, (past) => chooseCourse(past).quantiles);
  return { ...choice, quantiles };
}

function chooseCourse(curve: readonly CurvePoint[]): Choice {
  const hours = curve.map((p) => p.hours);
  const straight = residualDeviation(
    hours,
    curve.map((p) => p.index),
  );
  const bent = bentScatter(hours, curve);
  const scatter = `scatter ${straight.toPrecision(2)} about a straight line, ${bent.toPrecision(2)} about an exponential`;
  const power = powerScatter(curve);
  if (straight <= clearlyBetter * Math.min(bent, power))
    return { quantiles: wienerLife(curve), method: 'wiener', why: `wear grows steadily: ${scatter}` };
  if (bent <= clearlyBetter * Math.min(straight, power))
    return {
      quantiles: exponentialLife(curve),
      method: 'exponential',
      why: `wear grows by a steady share: ${scatter}`,
    };
  const why = `by which law wear grows cannot be told yet, so the mean over several is: ${scatter}`;
  return { quantiles: growthLife(curve), method: 'growth_laws', why };
}

/** Scatter of the curve about the exponential that fits its logarithm, in units of the index. */
function bentScatter(hours: readonly number[], curve: readonly CurvePoint[]): number {
  const logs = curve.map((p) => Math.log(Math.max(leastIndex, p.index)));
  const mean = curve.reduce((sum, p) => sum + p.index, 0) / curve.length;
  return residualDeviation(hours, logs) * mean;
}
