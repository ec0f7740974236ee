/**
 * Drilling, boring and tapping cycles, hole by hole, as the moves a control makes of them:
 *
 *   rapid over the hole · rapid to R · the cycle's own way to Z · back to the initial level (G98) or to R (G99)
 *
 *   G73 pecks of Q, each followed by a short lift · G83 pecks of Q, each followed by a full retract to R and a rapid
 *   back to the clearance above the bottom · G81 G82 drill, G82 dwells · G84 taps with feed and spindle coupled, both ways ·
 *   G85 G89 bore and feed out, G89 dwells · G86 bores, stops the spindle, rapid out · G88 bores, dwells, stops, holds for
 *   the operator · G87 bores back: in beside the wall by Q, up to Z with the spindle turning, out the way it came.
 *
 * The way follows Fanuc-style milling controls (RS274/NGC, NIST IR 6556, 3.5.16 describes the shared ones). G87 moves aside
 * along the plane's first axis; reversing a spindle at the bottom of a thread takes no time of its own beyond the ramps.
 */
import type { Word } from '../../../core/gcode/program.ts';
import { MachineAlarm } from './machine-alarm.ts';
import { type Plane, type Vector, withAxis } from './vector.ts';

/** Lift of G73 and approach distance of G83: a common setting of the control's parameter. */
export const PECK_CLEARANCE_MM = 0.5;
/** More pecks than this in one hole is a slip in Q. */
export const MOST_PECKS = 1000;

export interface Hole {
  readonly code: Word | undefined;
  readonly cycle: number;
  readonly plane: Plane;
  /** Where the tool stands before the hole. */
  readonly from: Vector;
  /** The hole's place, at the level of `from`. */
  readonly over: Vector;
  readonly rMm: number;
  readonly zMm: number;
  readonly returnMm: number;
  readonly peckMm: number | null;
  readonly dwellS: number;
}

export type CycleStep =
  | { readonly do: 'rapid' | 'feed' | 'tap-in' | 'tap-out'; readonly to: Vector }
  | { readonly do: 'dwell' }
  | { readonly do: 'spindle-stop' | 'spindle-start' | 'hold' };

export function* expandHole(hole: Hole): Generator<CycleStep> {
  checkHole(hole);
  const at = (level: number): Vector => withAxis(hole.over, hole.plane.normal, level);
  if (hole.cycle === 87) {
    yield* boreBack(hole, at);
    return;
  }
  yield { do: 'rapid', to: hole.over };
  yield { do: 'rapid', to: at(hole.rMm) };
  if (hole.cycle === 73 || hole.cycle === 83) yield* peck(hole, at);
  else yield { do: hole.cycle === 84 ? 'tap-in' : 'feed', to: at(hole.zMm) };
  if (hole.dwellS > 0) yield { do: 'dwell' };
  yield* leave(hole, at);
  yield { do: 'rapid', to: at(hole.returnMm) };
}

function checkHole({ code, cycle, rMm, zMm, peckMm }: Hole): void {
  if (cycle !== 87 && zMm > rMm) {
    throw new MachineAlarm(`the bottom Z must not lie above the level R, got ${zMm} mm above ${rMm} mm`, code);
  }
  if (cycle === 87 && zMm < rMm) throw new MachineAlarm('back boring needs Z above R', code);
  if (cycle !== 73 && cycle !== 83 && cycle !== 87) return;
  if (peckMm === null || peckMm <= 0) throw new MachineAlarm('this cycle needs Q above 0', code);
  if (cycle !== 87 && (rMm - zMm) / peckMm > MOST_PECKS) {
    throw new MachineAlarm(`Q makes more than ${MOST_PECKS} pecks in one hole`, code);
  }
}

type AtLevel = (levelMm: number) => Vector;

function* peck(hole: Hole, at: AtLevel): Generator<CycleStep> {
  const step = hole.peckMm!;
  for (let bottom = hole.rMm; bottom > hole.zMm; ) {
    if (hole.cycle === 83 && bottom < hole.rMm) {
      yield { do: 'rapid', to: at(Math.min(hole.rMm, bottom + PECK_CLEARANCE_MM)) };
    }
    const before = bottom;
    bottom = Math.max(hole.zMm, bottom - step);
    if (bottom - hole.zMm < 1e-9) bottom = hole.zMm;
    yield { do: 'feed', to: at(bottom) };
    if (bottom === hole.zMm || before === bottom) return;
    const lift = hole.cycle === 83 ? hole.rMm : Math.min(hole.rMm, bottom + PECK_CLEARANCE_MM);
    yield { do: 'rapid', to: at(lift) };
  }
}

function* leave(hole: Hole, at: AtLevel): Generator<CycleStep> {
  switch (hole.cycle) {
    case 84:
      yield { do: 'tap-out', to: at(hole.rMm) };
      return;
    case 85:
    case 89:
      yield { do: 'feed', to: at(hole.rMm) };
      return;
    case 86:
    case 88:
      yield { do: 'spindle-stop' };
      if (hole.cycle === 88) yield { do: 'hold' };
      yield { do: 'rapid', to: at(hole.rMm) };
      yield { do: 'spindle-start' };
      return;
    default:
  }
}

function* boreBack(hole: Hole, at: AtLevel): Generator<CycleStep> {
  const { first } = hole.plane;
  const aside = (v: Vector): Vector => withAxis(v, first, v[first] + hole.peckMm!);
  const top = hole.from[hole.plane.normal];
  yield { do: 'rapid', to: hole.over };
  yield { do: 'spindle-stop' };
  yield { do: 'rapid', to: aside(hole.over) };
  yield { do: 'rapid', to: aside(at(hole.rMm)) };
  yield { do: 'rapid', to: at(hole.rMm) };
  yield { do: 'spindle-start' };
  yield { do: 'feed', to: at(hole.zMm) };
  if (hole.dwellS > 0) yield { do: 'dwell' };
  yield { do: 'spindle-stop' };
  yield { do: 'rapid', to: aside(at(hole.zMm)) };
  yield { do: 'rapid', to: aside(at(top)) };
  yield { do: 'rapid', to: at(top) };
  yield { do: 'spindle-start' };
}
