import type { SeenValue } from './seen-value.ts';

/** Plain JSON: the last reading, where the span began, and what is known of the pace. */
export type PartPace = readonly [
  name: string,
  work: string,
  atS: number,
  wear: number,
  count: number,
  spanWear: number,
  spanCount: number,
  pace: number,
  excess: number,
  wearBefore: number,
];

export interface PaceState {
  readonly parts: readonly PartPace[];
  /** What it alarms for, as seen then; absent where it does not. */
  readonly seen?: SeenValue;
}
