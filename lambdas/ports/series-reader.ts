import type { AnomalyMark, HistoryPlan, TimeRange } from '../../core/api/history.ts';

export interface SignalColumns {
  readonly mean: (number | null)[];
  readonly min: (number | null)[];
  readonly max: (number | null)[];
  readonly expected: (number | null)[];
}

export const lifeQuantiles = ['p10', 'p50', 'p90'] as const;
export type LifeQuantile = (typeof lifeQuantiles)[number];

/** One entry an interval that has samples, oldest first, in every list. */
export interface HistoryColumns {
  readonly timesMs: number[];
  readonly samples: number[];
  readonly healthPercent: (number | null)[];
  /** Null where no forecast was made. */
  readonly remainingHours: Readonly<Record<LifeQuantile, (number | null)[]>>;
  readonly signals: Readonly<Record<string, SignalColumns>>;
}

export interface HistoryRequest extends HistoryPlan {
  readonly machineId: string;
  readonly machineType: string;
  /** Names of the machine type's signals: nothing else reaches a query. */
  readonly signals: readonly string[];
  readonly limit: number;
}

export interface AnomalyRequest extends TimeRange {
  /** Null: of all machines. */
  readonly machineId: string | null;
  readonly limit: number;
}

/** Asks the time-series store. Throws StoreBusy when it is away or refuses for now. */
export interface SeriesReader {
  history(request: HistoryRequest): Promise<HistoryColumns>;
  /** The newest marks of the range, at most `limit`. */
  anomalyMarks(request: AnomalyRequest): Promise<readonly AnomalyMark[]>;
}

export class StoreBusy extends Error {}
