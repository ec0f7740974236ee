import type { MachineSummary } from '../../../../core/api/schemas.ts';
import { type State, stateOf, statesByUrgency } from '../wording.ts';

/** Which machines are looked at. Empty texts and null choose nothing away. */
export interface Selection {
  readonly search: string;
  readonly state: State | null;
  readonly site: string;
  readonly line: string;
  readonly type: string;
}

export const everything: Selection = { search: '', state: null, site: '', line: '', type: '' };

const textOf = ({ machineId, name, machineType, site, line }: MachineSummary): string =>
  `${machineId} ${name} ${machineType} ${site} ${line}`.toLowerCase();

export function select(machines: readonly MachineSummary[], selection: Selection): MachineSummary[] {
  const words = selection.search.toLowerCase().split(/\s+/);
  const { state, site, line, type } = selection;
  return machines.filter(
    (machine) =>
      (state === null || stateOf(machine) === state) &&
      (site === '' || machine.site === site) &&
      (line === '' || machine.line === line) &&
      (type === '' || machine.machineType === type) &&
      words.every((word) => textOf(machine).includes(word)),
  );
}

/** Steps of health within which the name decides: a tile does not jump about under the hand for a point more or less. */
const healthStepPercent = 10;

export function sortByUrgency(machines: readonly MachineSummary[]): MachineSummary[] {
  const ranked = machines.map((machine) => ({
    machine,
    rank: statesByUrgency.indexOf(stateOf(machine)),
    health: machine.healthPercent === null ? 99 : Math.ceil(machine.healthPercent / healthStepPercent),
  }));
  ranked.sort((a, b) => a.rank - b.rank || a.health - b.health || compareText(a.machine.name, b.machine.name));
  return ranked.map(({ machine }) => machine);
}

/** A collator is made once: a thousand names are compared each second. */
const compareText = new Intl.Collator('en', { numeric: true }).compare;

export const namesOf = (
  machines: readonly MachineSummary[],
  member: 'site' | 'line' | 'machineType',
): readonly string[] =>
  [...new Set(machines.map((machine) => machine[member]))].filter((name) => name !== '').sort(compareText);
