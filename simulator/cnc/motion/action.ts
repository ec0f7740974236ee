import type { Element } from './element.ts';
import type { MotionState } from './motion.ts';
import type { Plane } from './vector.ts';

/** How the machine is set while an action runs; actions of one block share it. */
export type Setting = Pick<MotionState, 'feedMmPerMin' | 'spindleRpm' | 'coolant' | 'toolNumber' | 'program' | 'block'>;

export interface Move {
  readonly kind: 'move';
  readonly element: Element;
  /** Infinite for a rapid. */
  readonly feedMmPerMin: number;
  readonly setting: Setting;
  /** Way per turn while spindle and feed are coupled (tapping); 0 otherwise. */
  readonly pitchMm: number;
  /** How the element is to be shifted sideways before it is run; null runs it as it stands. */
  readonly compensation: Compensation | null;
}

/** G41 and G42 in force. */
export interface Compensation {
  /** 1: the tool runs left of the programmed way (G41), -1: right of it (G42). */
  readonly side: 1 | -1;
  readonly radiusMm: number;
  readonly plane: Plane;
}

/** What an interpreted program asks of the machine, in order. */
export type Action =
  | Move
  | {
      readonly kind: 'wait';
      readonly mode: 'dwell' | 'tool_change';
      readonly durationS: number;
      readonly setting: Setting;
    }
  /** M codes are carried out while the axes stand. */
  | { readonly kind: 'stand'; readonly setting: Setting }
  /** Until the operator resumes. */
  | { readonly kind: 'hold'; readonly setting: Setting }
  | { readonly kind: 'end'; readonly setting: Setting }
  | { readonly kind: 'alarm'; readonly message: string; readonly setting: Setting };

export type Pause = Exclude<Action, Move>;

export const isRapid = (move: Move): boolean => move.feedMmPerMin === Number.POSITIVE_INFINITY;
