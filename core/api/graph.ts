/** The graph over the same operations: which field asks which of them, and with what of its parent. */
import { incidentListSchema, incidentOperations, incidentSchema } from './desk.ts';
import type { Operation } from './operation.ts';
import { operations } from './operations.ts';
import { fleetSchema } from './rollup.ts';
import { anomaliesSchema, historySchema, machinePageSchema, machineSummarySchema, twinSchema } from './schemas.ts';

export interface GraphField {
  readonly type: string;
  readonly field: string;
  readonly operation: Operation;
  /** Parameters that come from the parent, so that nobody has to name them again. */
  readonly fromParent: readonly string[];
}

/** Types of these schemas; objects inside of them are named after their place. */
export const graphTypes = {
  MachinePage: machinePageSchema,
  MachineSummary: machineSummarySchema,
  Twin: twinSchema,
  History: historySchema,
  Anomalies: anomaliesSchema,
  Fleet: fleetSchema,
  IncidentList: incidentListSchema,
  Incident: incidentSchema,
} as const;

const all: readonly Operation[] = [...operations, ...incidentOperations];

function field(path: string, operationId: string, fromParent: readonly string[] = []): GraphField {
  const [type = '', name = ''] = path.split('.');
  const operation = all.find(({ id }) => id === operationId);
  if (operation === undefined) throw new Error(`graph field ${path}: there is no operation ${operationId}`);
  return { type, field: name, operation, fromParent };
}

export const graphFields: readonly GraphField[] = [
  field('Query.machines', 'listMachines'),
  field('Query.twin', 'getTwin'),
  field('Query.history', 'getHistory'),
  field('Query.anomalies', 'listAnomalies'),
  field('Query.incidents', 'listIncidents'),
  field('Query.fleet', 'getFleet'),
  field('MachineSummary.twin', 'getTwin', ['machineId']),
  field('Twin.history', 'getHistory', ['machineId']),
  field('Twin.anomalies', 'listAnomaliesOfMachine', ['machineId']),
];

/** Told by the bus when an incident changed; whoever subscribed to its site hears it. Nobody else may say it. */
export const incidentChanged = { type: 'Mutation', field: 'incidentChanged' } as const;

/** Deep enough for a history's columns of every machine; the evidence's limits of every machine at once are too much. */
export const graphDepthLimit = 6;
/** Each is an invocation, all at once: fifty machines with a twin each and some more, far from an account's thousand. */
export const graphResolverLimit = 60;
