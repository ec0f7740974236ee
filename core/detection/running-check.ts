import type { DetectorState, Limit } from './detector.ts';
import type { PaceState } from './pace-state.ts';
import type { Frame } from './plan.ts';
import type { SeenValue } from './seen-value.ts';

/** One line of a type's `checks`, running: after `run` it says whether it alarms and how loud. */
export interface RunningCheck {
  readonly code: string;
  readonly detectorName: string;
  readonly detectorVersion: number;
  /** Positions of the quantities it looks at. */
  readonly of: readonly number[];
  readonly when: number;
  /** Has not seen enough to say anything. */
  isWarmingUp: boolean;
  alarm: boolean;
  /** Signed: which way; 1 is the threshold. */
  score: number;
  run(frame: Frame): void;
  /** Its condition does not hold at this sample: what was true of the moment is over, what was learned stays. */
  pause(): void;
  /** What it last looked at, where that may be another moment than this sample. */
  readonly seen: SeenValue | null;
  /** Each quantity's part of the score, adding up to 1, in the order of `of`; absent or null where there is one only. */
  readonly shares?: readonly number[] | null;
  /** What quantity `q` had to stay within for quiet; null where that is no number of this quantity. */
  limit(frame: Frame, q: number): Limit | null;
  /** What keeps parts apart starts the one that is named anew; null, and all else, starts anew as a whole. */
  reset(part?: string | null): void;
  save(): CheckState;
}

/** Plain JSON; null for checks that remember nothing. */
export type CheckState = readonly (number | null)[] | DetectorState | PaceState | null;
