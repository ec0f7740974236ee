import type { Observation } from '../../core/detection/observation.ts';
import type { MachineType } from '../../core/machine-types/definition.ts';
import type { MachineForecast } from '../../core/prognosis/forecast.ts';
import type { Sample } from '../../core/telemetry/sample.ts';
import type { RegisteredMachine } from './registry.ts';

/** One sample with what the twin said of it, on its way into the time-series store. */
export interface SeriesRow {
  readonly type: MachineType;
  readonly sample: Sample;
  readonly observation: Observation;
  readonly machine: RegisteredMachine;
  readonly forecast: MachineForecast | null;
  readonly isForecastNew: boolean;
  /** Position of its record in the batch: what fails for now is delivered again from there. */
  readonly recordIndex: number;
}

export interface RefusedRow {
  readonly row: SeriesRow;
  readonly reason: string;
}

/** Each row ends in one of the lists or is stored; none is forgotten. */
export interface SeriesOutcome {
  /** Stored before: the same machine and moment. */
  readonly duplicates: number;
  /** Never storable, with the store's reason. */
  readonly refused: readonly RefusedRow[];
  /** The store was busy or away beyond the writer's patience: try again later. */
  readonly unwritten: readonly SeriesRow[];
}

export interface SeriesWriter {
  write(rows: readonly SeriesRow[]): Promise<SeriesOutcome>;
}
