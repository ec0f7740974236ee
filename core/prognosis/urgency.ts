import type { MachineForecast, MaintenanceDue } from './forecast.ts';

/**
 * How soon work must be ordered so that it is done before one in ten such components has failed: within a week, or now.
 * It rises and does not fall until the component is a new one, so that a forecast that wavers tells it once.
 */
export const urgencies = ['none', 'week', 'now'] as const;
export type Urgency = (typeof urgencies)[number];

const weekHours = 168;

export function urgencyOf(forecast: Pick<MachineForecast, 'nextMaintenance'> | null): Urgency {
  const due = forecast?.nextMaintenance ?? null;
  if (due === null || due.orderWithinHours > weekHours) return 'none';
  return due.orderWithinHours > 0 ? 'week' : 'now';
}

export interface Crossing {
  readonly from: Urgency;
  readonly to: Urgency;
  readonly due: MaintenanceDue;
}

/** Null where nothing became more urgent. */
export function findCrossing(before: Urgency, forecast: MachineForecast | null): Crossing | null {
  const to = urgencyOf(forecast);
  const due = forecast?.nextMaintenance ?? null;
  if (due === null || urgencies.indexOf(to) <= urgencies.indexOf(before)) return null;
  return { from: before, to, due };
}
