import type { MachineType } from '../machine-types/definition.ts';
import type { Forecast, MachineForecast } from '../prognosis/forecast.ts';
import { type Element, group, type Identified, link, number, submodel, text, words } from './elements.ts';

/** No template of the IDTA holds a forecast with its band: this submodel is the twin's own, and its id says so. */
export const maintenanceSemanticId = 'urn:factory-twin:aas:submodel:maintenance:1:0';

export interface MaintenanceParts {
  readonly id: string;
  readonly machineId: string;
  readonly type: MachineType;
  readonly forecast: MachineForecast | null;
}

/** What may be done to the machine, what each component has left, and what is due next. */
export function describeMaintenance({ id, machineId, type, forecast }: MaintenanceParts): Identified {
  const path = `/api/machines/${machineId}`;
  return submodel({
    id,
    idShort: 'Maintenance',
    semanticId: maintenanceSemanticId,
    elements: [
      link('RemainingLifeEndpoint', `${path}/remaining-life`),
      link('RequestEndpoint', `${path}/maintenance-requests`),
      group('RemainingLife', (forecast?.components ?? []).map(describeLife)),
      describeNext(forecast),
      group('Actions', type.actions.map(describeAction)),
    ],
  });
}

function describeLife(life: Forecast): Element {
  const { component, part, status, failureMode, remainingHours, confidence, why, withheldBecause } = life;
  return group(part === null ? component : `${component}_${part.replaceAll(/[^A-Za-z0-9]+/g, '_')}`, [
    text('Component', component),
    part === null ? null : text('Part', part),
    text('Status', status),
    failureMode === null ? null : text('FailureMode', failureMode),
    remainingHours === null ? null : number('RemainingHoursP10', remainingHours.p10, 'h'),
    remainingHours === null ? null : number('RemainingHoursP50', remainingHours.p50, 'h'),
    remainingHours === null ? null : number('RemainingHoursP90', remainingHours.p90, 'h'),
    number('Confidence', confidence, ''),
    text('Why', withheldBecause ?? why),
  ]);
}

function describeNext(forecast: MachineForecast | null): Element | null {
  const due = forecast?.nextMaintenance ?? null;
  if (due === null) return null;
  return group('NextMaintenance', [
    text('Action', due.action),
    text('Component', due.component),
    due.part === null ? null : text('Part', due.part),
    number('OrderWithinHours', due.orderWithinHours, 'h'),
    number('DoneWithinHours', due.doneWithinHours, 'h'),
  ]);
}

const describeAction = ({ name, title, component, ...work }: MachineType['actions'][number]): Element =>
  group(name, [
    words('Title', title),
    text('Component', component),
    number('DurationHours', work.durationHours, 'h'),
    number('LeadTimeHours', work.leadTimeHours, 'h'),
    group(
      'Parts',
      work.parts.map((part, i) =>
        group(`Part${i + 1}`, [
          text('Name', part.name),
          number('Quantity', part.quantity, ''),
          number('Price', part.priceEur, 'EUR'),
        ]),
      ),
    ),
  ]);
