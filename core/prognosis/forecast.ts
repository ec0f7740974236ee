import { type Quantiles, scaled } from './spread.ts';

export const forecastMethods = [
  'weibull_prior',
  'exponential',
  'wiener',
  'growth_laws',
  'similarity',
  'tree_ensemble',
  'taylor',
] as const;
export type ForecastMethod = (typeof forecastMethods)[number];

/** What is known of one component's remaining life: never a bare number (ISO 13381-1). */
export interface Forecast {
  readonly component: string;
  /** Which of several: the tool in the magazine. Null where there is one. */
  readonly part: string | null;
  readonly failureMode: string | null;
  /** `none_seen` tells the fleet's life, not this machine's; `withheld` tells nothing. */
  readonly status: 'none_seen' | 'wearing' | 'failed' | 'withheld';
  readonly remainingHours: Quantiles | null;
  /**
   * Hours of the clock in which an hour of the remaining life passes: a tool's are hours of cutting. Absent where they are the
   * same, and where it is not known yet: then as if the tool cut all the time, for work must not come too late.
   */
  readonly clockHoursPerHour?: number | undefined;
  /** Null where the machine counts no cycles. */
  readonly remainingCycles: Quantiles | null;
  readonly method: ForecastMethod | null;
  /** Why this method, in one sentence. */
  readonly why: string;
  /** 0 to 1: how narrow the distribution is, and how much was seen. */
  readonly confidence: number;
  readonly evidence: ForecastEvidence | null;
  /** Why more is left than was told before; null where no more is. */
  readonly grewBecause: string | null;
  readonly withheldBecause: string | null;
}

/** What is left on the clock: what lead times and shifts are counted in. */
export const clockHoursOf = ({
  remainingHours,
  clockHoursPerHour = 1,
}: Pick<Forecast, 'remainingHours' | 'clockHoursPerHour'>): Quantiles | null =>
  remainingHours === null ? null : scaled(remainingHours, clockHoursPerHour);

export interface ForecastEvidence {
  readonly signal: string;
  readonly unit: string;
  /** 0 healthy, 1 failed. */
  readonly healthIndex: number;
  readonly ageHours: number;
  /** Null before wear shows. */
  readonly hoursSinceOnset: number | null;
  readonly points: number;
}

export interface MaintenanceDue {
  readonly component: string;
  readonly part: string | null;
  readonly failureMode: string;
  readonly action: string;
  readonly leadTimeHours: number;
  /** Until the work must be ordered so that it is done before one in ten such components has failed; 0 means now. */
  readonly orderWithinHours: number;
  readonly doneWithinHours: number;
}

export interface MachineForecast {
  readonly machineId: string;
  readonly atMs: number;
  readonly components: readonly Forecast[];
  /** The earliest that matters; null where nothing wears. */
  readonly nextMaintenance: MaintenanceDue | null;
}
