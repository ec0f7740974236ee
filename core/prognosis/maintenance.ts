import type { MachineType } from '../machine-types/definition.ts';
import { clockHoursOf, type Forecast, type MaintenanceDue } from './forecast.ts';

/**
 * The next work on each component that wears, first what must be ordered first: so that it is done before one in ten such
 * components has failed (P10 less the action's lead time and duration). Each of several parts has its own, the earliest.
 */
export function listMaintenance(components: readonly Forecast[], type: MachineType): MaintenanceDue[] {
  const earliest = new Map<string, MaintenanceDue>();
  const all = components.flatMap((forecast) => dueOf(forecast, type) ?? []);
  for (const { due } of all.toSorted((a, b) => a.slackHours - b.slackHours)) {
    const place = JSON.stringify([due.component, due.part]);
    if (!earliest.has(place)) earliest.set(place, due);
  }
  return [...earliest.values()];
}

/** The earliest that matters; null where nothing wears. */
export const findMaintenance = (components: readonly Forecast[], type: MachineType): MaintenanceDue | null =>
  listMaintenance(components, type)[0] ?? null;

function dueOf(forecast: Forecast, type: MachineType): { due: MaintenanceDue; slackHours: number } | null {
  const { status, failureMode, component, part } = forecast;
  const remainingHours = clockHoursOf(forecast);
  if (status !== 'wearing' && status !== 'failed') return null;
  if (failureMode === null || remainingHours === null) return null;
  const actionName = type.failureModes.find((mode) => mode.name === failureMode)?.actions[0];
  const action = type.actions.find((a) => a.name === actionName);
  if (action === undefined) return null;
  const { durationHours, leadTimeHours } = action;
  const doneWithinHours = Math.max(0, remainingHours.p10 - durationHours);
  const slackHours = doneWithinHours - leadTimeHours;
  const orderWithinHours = Math.max(0, slackHours);
  const due = { component, part, failureMode, action: action.name, leadTimeHours, orderWithinHours, doneWithinHours };
  return { due, slackHours };
}
