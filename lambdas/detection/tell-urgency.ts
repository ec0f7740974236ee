import { lifeOf } from '../../core/maintenance/request.ts';
import type { MachineForecast } from '../../core/prognosis/forecast.ts';
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
    const key = keyOf(component, part);
    // By its component alone a part stands in states from before each part was told of.
    const before = [told.urgencies?.[key], told.urgencies?.[component]].find((one) => one?.part === part);
    const crossing = findCrossing(before?.urgency ?? told.urgency ?? 'none', due);
    if (crossing === null) return [];
    told.urgencies = { ...keepKnown(told.urgencies, forecast), [key]: { urgency: crossing.to, part } };
    return [crossing];
  });
}

const keyOf = (component: string, part: string | null): string => (part === null ? component : `${component}/${part}`);

const isOf = (key: string, component: string): boolean => key === component || key.startsWith(`${component}/`);

/** A machine that names each tool by its number meets new ones for ever: what the forecast has forgotten goes here too. */
function keepKnown(urgencies: Told['urgencies'] = {}, { components }: MachineForecast): Told['urgencies'] {
  const isKnown = (key: string, part: string | null): boolean =>
    components.some((one) => one.part === part && isOf(key, one.component));
  return Object.fromEntries(Object.entries(urgencies).filter(([key, one]) => isKnown(key, one.part)));
}

/** What was renewed is a new one; of several parts only that one. */
export function forgetUrgency(told: Told, { component, part }: LifecycleEvent): void {
  delete told.urgency;
  const isRenewed = (name: string, toldPart: string | null): boolean =>
    (component === null || isOf(name, component)) && (part === null || part === toldPart);
  const kept = Object.entries(told.urgencies ?? {}).filter(([name, one]) => !isRenewed(name, one.part));
  told.urgencies = Object.fromEntries(kept);
}

export function describeCrossing({ observation, machine, forecast }: Observed, crossing: Crossing): TwinEvent {
  const { machineId } = machine;
  const { sampledAtMs: atMs, severity, advice } = observation;
  const { component, part } = crossing.due;
  return {
    detailType: 'rul_crossed',
    eventId: `${machineId}/rul_crossed/${keyOf(component, part)}/${crossing.to}/${atMs}`,
    machineId,
    atMs,
    detail: { machine, crossing, remainingLife: lifeOf(forecast, component, part), severity, gate: advice.decision },
  };
}
