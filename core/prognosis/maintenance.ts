import type { MachineType } from '../machine-types/definition.ts';
import type { Forecast, MaintenanceDue } from './forecast.ts';

/**
 * The next work the machine needs: of all components that wear, the one whose work must be ordered first, so that it is done
 * before one in ten such components has failed (P10 less the action's lead time and duration).
 */
export function findMaintenance(components: readonly Forecast[], type: MachineType): MaintenanceDue | null {
  let earliest: MaintenanceDue | null = null;
  for (const forecast of components) {
    const due = dueOf(forecast, type);
    if (due === null) continue;
    const isEarlier = earliest === null || due.slackHours < earliest.doneWithinHours - earliest.leadTimeHours;
    if (isEarlier) earliest = due.due;
  }
  return earliest;
}

function dueOf(forecast: Forecast, type: MachineType): { due: MaintenanceDue; slackHours: number } | null {
  const { status, failureMode, remainingHours, component, part } = forecast;
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
