import type { MaintenanceDue } from './forecast.ts';

/**
 * How soon work on a component must be ordered so that it is done before one in ten such components has failed: within a
 * week, or now. It rises and does not fall until the component is a new one, so that a forecast that wavers tells it once.
 */
export const urgencies = ['none', 'week', 'now'] as const;
export type Urgency = (typeof urgencies)[number];

const weekHours = 168;

function urgencyOf({ orderWithinHours }: MaintenanceDue): Urgency {
  if (orderWithinHours > weekHours) return 'none';
  return orderWithinHours > 0 ? 'week' : 'now';
}

export interface Crossing {
  readonly from: Urgency;
  readonly to: Urgency;
  readonly due: MaintenanceDue;
}

/** Null where it became no more urgent than it was told before. */
export function findCrossing(before: Urgency, due: MaintenanceDue): Crossing | null {
  const to = urgencyOf(due);
  return urgencies.indexOf(to) > urgencies.indexOf(before) ? { from: before, to, due } : null;
}
