/**
 * Chooses the speed at every junction of a run of moves, so that the machine can always stop at the end of what it has read.
 *
 *   backward   v_i ≤ √(v_{i+1}² + 2·a_i·L_i)      (able to slow down in time)
 *   forward    v_{i+1} ≤ √(v_i² + 2·a_i·L_i)      (no faster than it can get)
 *
 * The window holds `WINDOW` moves; its older half is settled, then it is filled up again. A rapid starts and ends at a stand
 * (the in-position check of a positioning block), and so does a move beside a dwell, an M code or a tool change.
 * It fails where a stop needs more than half a window of tiny moves: speed is lost there, as on a control with as many blocks.
 * Source: the two-pass planner of S. K. Jeon (Grbl).
 */
import type { Action, Move, Pause } from './action.ts';
import { isRapid } from './action.ts';
import { tangentAt } from './element.ts';
import { type AxisLimits, limitCorner, limitPiece } from './limits.ts';
import { type ProfileLimits, planProfile, type VelocityProfile } from './velocity-profile.ts';

/** Blocks read ahead: what a mid-range milling control offers. */
export const WINDOW = 128;

export interface TimedMove {
  readonly kind: 'move';
  readonly move: Move;
  readonly profile: VelocityProfile;
}

export type TimedAction = TimedMove | Pause;

interface Planned {
  readonly move: Move;
  readonly limits: ProfileLimits;
  /** Highest speed allowed at its start by the corner before it. */
  readonly cornerMmPerS: number;
  entryMmPerS: number;
}

export function* planMotion(actions: Iterable<Action>, limits: AxisLimits): Generator<TimedAction> {
  let window: Planned[] = [];
  for (const action of actions) {
    if (action.kind !== 'move') {
      yield* settle(window, window.length);
      window = [];
      yield action;
      continue;
    }
    window.push(appendTo(window.at(-1), action, limits));
    if (window.length === WINDOW) {
      yield* settle(window, WINDOW / 2);
      window = window.slice(WINDOW / 2);
    }
  }
  yield* settle(window, window.length);
}

function appendTo(before: Planned | undefined, move: Move, axes: AxisLimits): Planned {
  const piece = limitPiece(move.element, move.feedMmPerMin / 60, axes);
  const limits = { lengthMm: move.element.lengthMm, ...piece };
  const corner = before === undefined ? 0 : limitJunction(before.move, move, axes);
  const speed = Math.min(before?.limits.speedMmPerS ?? 0, piece.speedMmPerS, corner);
  return { move, limits, cornerMmPerS: speed, entryMmPerS: speed };
}

function limitJunction(before: Move, after: Move, axes: AxisLimits): number {
  if (isRapid(before) || isRapid(after) || before.pitchMm > 0 || after.pitchMm > 0) return 0;
  return limitCorner(tangentAt(before.element, before.element.lengthMm), tangentAt(after.element, 0), axes);
}

/** The first entry is settled already: it is where the machine stands, or the last exit that was given away. */
function* settle(window: readonly Planned[], count: number): Generator<TimedMove> {
  let exit = 0;
  for (let i = window.length - 1; i > 0; i--) {
    const planned = window[i]!;
    exit = Math.min(planned.cornerMmPerS, reach(planned.limits, exit));
    planned.entryMmPerS = exit;
  }
  for (let i = 0; i < count; i++) {
    const planned = window[i]!;
    const next = window[i + 1];
    if (next !== undefined) next.entryMmPerS = Math.min(next.entryMmPerS, reach(planned.limits, planned.entryMmPerS));
    const profile = planProfile(planned.limits, planned.entryMmPerS, next?.entryMmPerS ?? 0);
    yield { kind: 'move', move: planned.move, profile };
  }
}

const reach = (limits: ProfileLimits, speedMmPerS: number): number =>
  Math.sqrt(speedMmPerS ** 2 + 2 * limits.accelerationMmPerS2 * limits.lengthMm);
