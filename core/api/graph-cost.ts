/**
 * What a question of the graph costs, before anything of it is answered. The unit is one read of a present state; a
 * question of the time-series store is four. A list costs what is asked of each entry, times the entries it may have.
 */
import { type GraphField, graphFields } from './graph.ts';

/** A selected field by its own name, whatever it is called in the answer; null is a named fragment, of unknown content. */
export interface Selected {
  readonly name: string | null;
  readonly selected: readonly Selected[];
}

/** Fifty machines with their twins, or ten with a history each. */
export const graphCostLimit = 100;

const prices: Readonly<Record<string, number>> = {
  listMachines: 2,
  getTwin: 1,
  getHistory: 4,
  listAnomalies: 4,
  listAnomaliesOfMachine: 4,
  listIncidents: 2,
  getFleet: 10,
};

/** In which type fields that are asked for stand again below an answer; lists are read by the page. */
const answers: Readonly<Record<string, string>> = { listMachines: 'MachinePage', getTwin: 'Twin' };
const lists: Readonly<Record<string, string>> = { 'MachinePage.machines': 'MachineSummary' };

export function priceField(field: GraphField, selected: readonly Selected[], entries: number): number {
  const type = answers[field.operation.id];
  const below = type === undefined ? 0 : sum(selected.map((one) => priceBelow(type, one, entries)));
  return (prices[field.operation.id] ?? 1) + below;
}

function priceBelow(type: string, { name, selected }: Selected, entries: number): number {
  if (name === null) return priceAll(type, entries);
  const field = graphFields.find((one) => one.type === type && one.field === name);
  if (field !== undefined) return priceField(field, selected, entries);
  const listed = lists[`${type}.${name}`];
  return listed === undefined ? 0 : entries * sum(selected.map((one) => priceBelow(listed, one, entries)));
}

/** Nobody tells what a named fragment holds, so it is priced as if it asked for everything. */
function priceAll(type: string, entries: number): number {
  const everything: Selected[] = [{ name: null, selected: [] }];
  const fields = graphFields.filter((one) => one.type === type);
  const inLists = Object.entries(lists).filter(([place]) => place.startsWith(`${type}.`));
  return (
    sum(fields.map((field) => priceField(field, everything, entries))) +
    sum(inLists.map(([, listed]) => entries * priceAll(listed, entries)))
  );
}

const sum = (prices: readonly number[]): number => prices.reduce((total, price) => total + price, 0);
