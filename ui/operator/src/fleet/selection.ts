import { criticalities } from '../../../../core/api/criticality.ts';
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

const isAbout = (text: string, words: readonly string[]): boolean => words.every((word) => text.includes(word));

export function select(machines: readonly MachineSummary[], selection: Selection): MachineSummary[] {
  const words = selection.search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const { state, site, line, type } = selection;
  return machines.filter(
    (machine) =>
      (state === null || stateOf(machine) === state) &&
      (site === '' || machine.site === site) &&
      (line === '' || machine.line === line) &&
      (type === '' || machine.machineType === type) &&
      (words.length === 0 || isAbout(textOf(machine), words)),
  );
}

/** Steps of health within which the name decides: a tile does not jump about under the hand for a point more or less. */
const healthStepPercent = 10;

export function sortByUrgency(machines: readonly MachineSummary[]): MachineSummary[] {
  const places = placesByName(machines);
  const ranked = machines.map((machine) => ({
    machine,
    place: places.get(machine.name) ?? 0,
    rank: statesByUrgency.indexOf(stateOf(machine)),
    // Of two in the same state, the one that the plant depends on.
    weight: -criticalities.indexOf(machine.criticality),
    health: machine.healthPercent === null ? 99 : Math.ceil(machine.healthPercent / healthStepPercent),
  }));
  ranked.sort((a, b) => a.rank - b.rank || a.weight - b.weight || a.health - b.health || a.place - b.place);
  return ranked.map(({ machine }) => machine);
}

let knownPlaces: ReadonlyMap<string, number> = new Map();

/** Names as people sort them. That is slow for a thousand of them, and they are the same each second. */
function placesByName(machines: readonly MachineSummary[]): ReadonlyMap<string, number> {
  const isKnown = machines.length <= knownPlaces.size && machines.every(({ name }) => knownPlaces.has(name));
  if (!isKnown) {
    const names = [...new Set(machines.map(({ name }) => name))].sort(compareText);
    knownPlaces = new Map(names.map((name, place) => [name, place]));
  }
  return knownPlaces;
}

const compareText = new Intl.Collator('en', { numeric: true }).compare;

export const namesOf = (
  machines: readonly MachineSummary[],
  member: 'site' | 'line' | 'machineType',
): readonly string[] =>
  [...new Set(machines.map((machine) => machine[member]))].filter((name) => name !== '').sort(compareText);
