import { lifeOf } from '../../core/maintenance/request.ts';
import { listMaintenance } from '../../core/prognosis/maintenance.ts';
import { type Crossing, findCrossing } from '../../core/prognosis/urgency.ts';
import type { TwinEvent } from '../ports/event-publisher.ts';
import type { LifecycleEvent } from './lifecycle.ts';
import type { Told } from './machine-twins.ts';
import type { Observed } from './present.ts';

/** Waits while the twin says do_not_proceed: what asks for work must rest on data and a process that can be trusted. */
export function noteUrgency({ forecast, observation, type }: Observed, told: Told): Crossing[] {
  if (forecast === null || observation.advice.decision === 'do_not_proceed') return [];
  return listMaintenance(forecast.components, type).flatMap((due) => {
    const { component, part } = due;
    const crossing = findCrossing(told.urgencies?.[component]?.urgency ?? told.urgency ?? 'none', due);
    if (crossing === null) return [];
    told.urgencies = { ...told.urgencies, [component]: { urgency: crossing.to, part } };
    return [crossing];
  });
}

/** What was renewed is a new one; of several parts only the one that was told of counts. */
export function forgetUrgency(told: Told, { component, part }: LifecycleEvent): void {
  delete told.urgency;
  const isRenewed = (name: string, toldPart: string | null): boolean =>
    (component === null || component === name) && (part === null || part === toldPart);
  const kept = Object.entries(told.urgencies ?? {}).filter(([name, one]) => !isRenewed(name, one.part));
  told.urgencies = Object.fromEntries(kept);
}

export function describeCrossing({ observation, machine, forecast }: Observed, crossing: Crossing): TwinEvent {
  const { machineId } = machine;
  const { sampledAtMs: atMs, severity, advice } = observation;
  const { component } = crossing.due;
  return {
    detailType: 'rul_crossed',
    eventId: `${machineId}/rul_crossed/${component}/${crossing.to}/${atMs}`,
    machineId,
    atMs,
    detail: { machine, crossing, remainingLife: lifeOf(forecast, component), severity, gate: advice.decision },
  };
}
