import type { DetectorState } from './detector.ts';
import type { Frame } from './plan.ts';

/** One line of a type's `checks`, running: after `run` it says whether it alarms and how loud. */
export interface RunningCheck {
  readonly code: string;
  readonly detectorName: string;
  readonly detectorVersion: number;
  /** Positions of the quantities it looks at. */
  readonly of: readonly number[];
  readonly when: number;
  alarm: boolean;
  /** Signed: which way; 1 is the threshold. */
  score: number;
  run(frame: Frame): void;
  /** What the value had to stay within for quiet; null where that is no number of this quantity. */
  limit(frame: Frame): { min?: number; max?: number } | null;
  reset(): void;
  save(): CheckState;
}

/** Plain JSON; null for checks that remember nothing. */
export type CheckState = readonly (number | null)[] | DetectorState | null;
