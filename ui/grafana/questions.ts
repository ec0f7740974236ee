import type { Decision } from '../../core/detection/observation.ts';
import type { Asked, Json, Source } from './panel.ts';

export type StoreKind = 'timestream' | 'influxdb';

export type Aggregate = 'mean' | 'min' | 'max';

export interface Variable {
  readonly name: string;
  readonly label: string;
  /** In the store's own shape. */
  readonly query: Json;
  readonly allValue?: string;
}

export interface Annotation {
  readonly name: string;
  readonly color: 'red' | 'green';
  readonly json: Json;
}

/**
 * What the dashboards ask of a time-series store, whichever it is: each answers in its own language. Columns are those of
 * lambdas/adapters/series-layout.ts. All but the variables ask for the machines chosen above the panels only, in the
 * range shown.
 */
export interface StoreQuestions {
  readonly source: Source;
  /** Site, line, type, machine. */
  readonly variables: readonly Variable[];
  readonly annotations: readonly Annotation[];

  readonly heardOf: Asked;
  readonly heardInTheLastMinute: Asked;
  readonly lowestHealth: Asked;
  readonly healthNow: Asked;
  /** 100 less health. */
  readonly scoreNow: Asked;
  readonly scoreOverTime: Asked;
  readonly status: Asked;
  decidedNow(decision: Decision): Asked;

  countSamples(which: 'stoodOut' | 'critical' | 'doubtful'): Asked;
  readonly severityOfMachinesOverTime: Asked;
  readonly severitiesOverTime: Asked;
  readonly findingsOverTime: Asked;
  readonly decisionsOverTime: Asked;
  readonly recentAlerts: Asked;
  readonly rootCauses: Asked;
  readonly doubtfulValues: Asked;

  /** A line for each machine. */
  overTime(column: string, aggregate: Aggregate): Asked;
  readonly wearNow: Asked;
  readonly replacement: Asked;
  readonly toolLifeOverTime: Asked;

  readonly schedule: Asked;
  readonly losingHealth: Asked;
  readonly componentHealth: Asked;
  /** By the variables `horizonHours`, `unplannedHours`, `downtimeEurPerHour`. */
  readonly costOfWaiting: Asked;
}
