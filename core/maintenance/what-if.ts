import type { MachineType } from '../machine-types/definition.ts';
import { clockHoursOf, type Forecast, type MachineForecast } from '../prognosis/forecast.ts';
import { type Quantiles, scaled } from '../prognosis/spread.ts';
import { chanceWithin, priceOf } from './cost.ts';

/**
 * What if the work on a component is done so much later, and the machine runs at another load or speed until then:
 *
 *   life   = life told · (1 / load)^a · (1 / speed)^b       a, b: the component's powers, shares of the present pace
 *   P      = chance that it ends before the work is done
 *   cost   = P · cost of a failure + (1 − P) · cost of the work
 *
 * ISO 281 has a = 3, b = 1 for ball bearings, Taylor's rule b = 1/n for a cutting edge. It fails where wear does not follow
 * those laws; it does not count what a slower machine makes less, nor the life left in a part that goes early. A tool's life
 * is told in hours of cutting; waits and lead times run by the clock, and so does what is compared with them.
 */
export interface Supposition {
  readonly waitHours: number;
  /** Shares of the present ones: 1 is as now. */
  readonly load: number;
  readonly speed: number;
}

export interface Plan {
  /** When the work is done; not before parts and people can be there. */
  readonly doneInHours: number;
  readonly failureChance: number;
  readonly expectedEur: number;
}

export interface WhatIf {
  readonly forecast: Forecast;
  readonly action: MachineType['actions'][number] | null;
  /** At the load and speed supposed; null where nothing can be told. */
  readonly remainingHours: Quantiles | null;
  /** As soon as it can be, and as late as supposed; null without an action or a life. */
  readonly soon: Plan | null;
  readonly later: Plan | null;
  /** The longest wait after which one in ten such parts has failed; null where nothing can be told. */
  readonly safeForHours: number | null;
  readonly why: string;
}

interface Supposing {
  readonly type: MachineType;
  readonly downtimeEurPerHour: number;
  readonly supposed: Supposition;
}

/** For each component that wears, in the order of the forecast. */
export const supposeAll = (forecast: MachineForecast | null, supposing: Supposing): WhatIf[] =>
  (forecast?.components ?? []).map((one) => suppose(one, supposing));

function suppose(forecast: Forecast, { type, downtimeEurPerHour, supposed }: Supposing): WhatIf {
  // Before wear shows no mode is known: then the work against the component's first one is meant.
  const { failureMode, component } = forecast;
  const mode = type.failureModes.find(
    (one) => one.name === failureMode || (failureMode === null && one.component === component),
  );
  const action = type.actions.find(({ name }) => name === mode?.actions[0]) ?? null;
  const told = livesAt(forecast, supposed, type);
  if (typeof told === 'string')
    return { forecast, action, remainingHours: null, soon: null, later: null, safeForHours: null, why: told };
  const planFor = (hours: number): Plan | null => {
    if (action === null) return null;
    const doneInHours = Math.max(hours, action.leadTimeHours);
    const failureChance = chanceWithin(doneInHours, told.onTheClock);
    const { actingEur, failingEur } = priceOf(action, downtimeEurPerHour);
    const expectedEur = Math.round(failureChance * failingEur + (1 - failureChance) * actingEur);
    return { doneInHours, failureChance, expectedEur };
  };
  const { remainingHours, onTheClock, why } = told;
  const [soon, later] = [planFor(0), planFor(supposed.waitHours)];
  return { forecast, action, remainingHours, soon, later, safeForHours: onTheClock.p10, why };
}

/** The life at another pace, or the sentence that says why none can be told. */
function livesAt(forecast: Forecast, { load, speed }: Supposition, type: MachineType) {
  const { remainingHours, withheldBecause, why, component } = forecast;
  const onTheClock = clockHoursOf(forecast);
  if (remainingHours === null || onTheClock === null) return withheldBecause ?? why;
  const powers = type.components.find(({ name }) => name === component)?.lifePowers ?? {};
  let factor = 1;
  let laws = '';
  for (const [pace, share] of Object.entries({ load, speed })) {
    if (share === 1) continue;
    const power = powers[pace as keyof typeof powers];
    if (power === undefined) return `by which power of ${pace} its life falls is not known`;
    factor *= share ** -power;
    laws += `; it falls by the power ${power} of ${pace}`;
  }
  return {
    remainingHours: scaled(remainingHours, factor),
    onTheClock: scaled(onTheClock, factor),
    why: `${why}${laws}`,
  };
}
