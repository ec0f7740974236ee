import type { AnomalyMark } from '../../core/api/anomalies.ts';
import type { HistoryPlan, TimeRange } from '../../core/api/history.ts';
import type { PastRow } from '../../core/api/past.ts';
import type { MachineType } from '../../core/machine-types/definition.ts';

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

export interface PastRequest {
  readonly machineId: string;
  readonly type: MachineType;
  readonly atMs: number;
}

/** A machine that was silent for longer before a moment has no state of that moment. */
export const longestLookBackMs = 24 * 3_600_000;

/** Asks the time-series store. Throws StoreBusy when it is away or refuses for now. */
export interface SeriesReader {
  history(request: HistoryRequest): Promise<HistoryColumns>;
  /** The newest marks of the range, at most `limit`. */
  anomalyMarks(request: AnomalyRequest): Promise<readonly AnomalyMark[]>;
  /** The newest row with conclusions not later than then, at most a day before it. */
  rowAt(request: PastRequest): Promise<PastRow | undefined>;
}

export class StoreBusy extends Error {}
