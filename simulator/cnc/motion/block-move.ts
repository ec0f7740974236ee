import type { Block } from '../../../core/gcode/program.ts';
import type { Action, Compensation, Setting } from './action.ts';
import type { Element } from './element.ts';
import { MachineAlarm } from './machine-alarm.ts';
import { findSpindleSpeed, type ModalState } from './modal-state.ts';
import type { InterpreterSetup } from './setup.ts';

/** What the motion of one block is made from. */
export interface BlockContext {
  readonly setup: InterpreterSetup;
  readonly state: ModalState;
  readonly block: Block;
  readonly describe: () => Setting;
  /** To be called for work that may turn out to take no time. */
  readonly countIdle: () => void;
}

/** Ways shorter than a nanometre are rounding. */
const LEAST_WAY_MM = 1e-6;

export interface MoveKind {
  readonly isRapid: boolean;
  readonly compensation?: Compensation | null;
  /** Tapping: feed and spindle are coupled; -1 turns backwards out of the thread. */
  readonly tap?: 1 | -1;
}

/** The move, or none where it leads nowhere. */
export function* createMove(context: BlockContext, element: Element, kind: MoveKind): Generator<Action> {
  const { isRapid, compensation = null, tap } = kind;
  const feed = isRapid ? Number.POSITIVE_INFINITY : findFeed(context, element.lengthMm);
  if (element.lengthMm < LEAST_WAY_MM) return;
  const base = context.describe();
  if (isRapid) {
    yield { kind: 'move', element, feedMmPerMin: feed, setting: base, pitchMm: 0, compensation };
    return;
  }
  const feedMmPerMin = Math.min(feed, context.setup.kinematics.maxFeedMmPerMin);
  const setting = { ...base, feedMmPerMin, spindleRpm: base.spindleRpm * (tap ?? 1) };
  const pitchMm = tap === undefined ? 0 : findPitch(base, feedMmPerMin);
  yield { kind: 'move', element, feedMmPerMin, setting, pitchMm, compensation };
}

function findPitch(setting: Setting, feedMmPerMin: number): number {
  if (setting.spindleRpm === 0) throw new MachineAlarm('tapping needs a turning spindle (M3 or M4 with S)');
  return feedMmPerMin / Math.abs(setting.spindleRpm);
}

/** mm/min along the way. */
function findFeed({ state, block, setup }: BlockContext, lengthMm: number): number {
  const { F } = block.arguments;
  if (state.feedMode === 93 && F === undefined) {
    throw new MachineAlarm('inverse time feed (G93) needs F in every block that moves');
  }
  if (state.feed === null) throw new MachineAlarm('the feed F was never set');
  if (state.feed === 0) throw new MachineAlarm('the feed F must be above 0', F);
  if (state.feedMode === 93) return lengthMm * state.feed;
  if (state.feedMode === 94) return state.feed;
  const rpm = Math.abs(findSpindleSpeed(setup, state));
  if (rpm === 0) throw new MachineAlarm('feed per turn (G95) needs a turning spindle');
  return state.feed * rpm;
}
