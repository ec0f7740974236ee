import type { Severity } from '../detection/observation.ts';
import type { MachineType } from '../machine-types/definition.ts';
import { compareCosts } from '../maintenance/cost.ts';
import { defaultMaintenancePolicy } from '../maintenance/plan.ts';
import { clockHoursOf, type MachineForecast } from '../prognosis/forecast.ts';
import type { Quantiles } from '../prognosis/spread.ts';

/** The next work on a machine, short enough to stand beside its state: a fleet is summed up without opening each. */
export interface KeptDue {
  readonly action: string;
  readonly orderWithinHours: number;
  readonly doneWithinHours: number;
  readonly remainingHours: Quantiles;
  readonly atMs: number;
}

export function briefDue(forecast: MachineForecast | null): KeptDue | null {
  const due = forecast?.nextMaintenance ?? null;
  if (forecast === null || due === null) return null;
  const { action, component, part, orderWithinHours, doneWithinHours } = due;
  const worn = forecast.components.find((one) => one.component === component && one.part === part);
  const hours = worn === undefined ? null : clockHoursOf(worn);
  if (hours === null) return null;
  const { p10, p50, p90 } = hours;
  return { action, orderWithinHours, doneWithinHours, remainingHours: { p10, p50, p90 }, atMs: forecast.atMs };
}

export interface DueWork {
  readonly isToOrderNow: boolean;
  readonly waitingEur: number;
  readonly actingEur: number;
}

export interface Pricing {
  readonly type: MachineType;
  readonly severity: Severity;
  readonly downtimeEurPerHour: number;
  readonly nowMs: number;
}

const hourMs = 3_600_000;

/**
 * Null while more than the usual time between standstills is left: waiting for the next one costs nothing yet. An action
 * that the type does not know is due all the same, at no price that could be told.
 */
export function priceDue(due: KeptDue, { type, severity, downtimeEurPerHour, nowMs }: Pricing): DueWork | null {
  const { horizonHours } = defaultMaintenancePolicy;
  const passedHours = Math.max(0, (nowMs - due.atMs) / hourMs);
  if (due.doneWithinHours - passedHours > horizonHours) return null;
  const isToOrderNow = due.orderWithinHours - passedHours <= 0;
  const action = type.actions.find(({ name }) => name === due.action);
  if (action === undefined) return { isToOrderNow, waitingEur: 0, actingEur: 0 };
  const { remainingHours } = due;
  const { waitingEur, actingEur } = compareCosts({
    action,
    severity,
    downtimeEurPerHour,
    horizonHours,
    remainingHours,
  });
  return { isToOrderNow, waitingEur, actingEur };
}
