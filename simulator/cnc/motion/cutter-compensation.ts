/**
 * G40 to G42: shifts the programmed way by the tool's radius, one way behind the program because an end depends on what follows.
 *
 * The first straight move after G41 or G42 leads in: it ends square to the start of the next way. The first straight move after
 * G40 leads out from a place square to the end of the last (Fanuc calls this type A). In between see corner.ts. Moves along the
 * tool's axis, dwells and M codes wait for the end of the way before them, `MOST_WAITING` at most. The feed is the centre's.
 */
import type { Action, Compensation, Move } from './action.ts';
import { type Joint, joinWays, type OffsetWay } from './corner.ts';
import { createArc, createLine, type Element } from './element.ts';
import { type Flat, flatten, offsetCurve, placeOn } from './offset-curve.ts';
import { type Plane, type Vector, withAxis } from './vector.ts';

/** Actions that may stand between two ways in the plane. */
export const MOST_WAITING = 64;
/** Gaps below this are rounding of the program. */
const LEAST_GAP_MM = 1e-4;

export function* compensateCutter(actions: Iterable<Action>, start: Vector): Generator<Action> {
  const compensator = new CutterCompensator(start);
  for (const action of actions) {
    yield* compensator.take(action);
    if (compensator.hasFailed) return;
  }
}

interface Pending {
  readonly move: Move;
  readonly plane: Plane;
  /** Null for the lead-in, which runs straight to where the next way starts. */
  readonly way: OffsetWay | null;
  readonly waiting: Action[];
}

class CutterCompensator {
  hasFailed = false;
  /** Where the tool's centre really is. */
  private place: Vector;
  /** The plane in which the centre is off the programmed way; null while it is on it. */
  private shiftedIn: Plane | null = null;
  private pending: Pending | null = null;

  constructor(start: Vector) {
    this.place = start;
  }

  *take(action: Action): Generator<Action> {
    if (action.kind === 'move' && action.compensation !== null) yield* this.takeShifted(action, action.compensation);
    else if (action.kind === 'move') yield* this.takePlain(action);
    else if (this.pending === null) yield action;
    else if (action.kind === 'end' || action.kind === 'alarm') {
      yield* this.release();
      yield action;
    } else yield* this.wait(action);
  }

  private *takePlain(move: Move): Generator<Action> {
    yield* this.release();
    if (this.shiftedIn === null) {
      this.place = move.element.to;
      yield move;
      return;
    }
    if (move.element.shape === 'arc') {
      yield this.fail(move, 'G40', 'the move that leaves cutter compensation must be straight');
      return;
    }
    const isAlongTool = lengthInPlane(move.element, this.shiftedIn) === 0;
    const target = isAlongTool ? this.beside(move.element.to, this.shiftedIn) : move.element.to;
    if (!isAlongTool) this.shiftedIn = null;
    yield* this.run(move, createLine(this.place, target));
  }

  private *takeShifted(move: Move, compensation: Compensation): Generator<Action> {
    const { plane } = compensation;
    if (lengthInPlane(move.element, plane) === 0) {
      if (this.pending === null) yield* this.run(move, createLine(this.place, this.beside(move.element.to, plane)));
      else yield* this.wait(move);
      return;
    }
    if (this.pending === null && this.shiftedIn === null) {
      if (move.element.shape === 'line') this.pending = { move, plane, way: null, waiting: [] };
      else yield this.fail(move, nameOf(move), 'the move that enters cutter compensation must be straight');
      return;
    }
    const way = this.shift(move, compensation);
    if (way === null) {
      yield this.fail(move, nameOf(move), `the arc is narrower than the tool of radius ${compensation.radiusMm} mm`);
      return;
    }
    yield* this.connect(move, way, plane);
  }

  private shift({ element }: Move, { side, radiusMm, plane }: Compensation): OffsetWay | null {
    const programmed = flatten(element, plane);
    const toLeft = side * radiusMm;
    const shifted = offsetCurve(programmed, toLeft);
    return shifted === null ? null : { programmed, shifted, toLeft, from: 0, to: shifted.extent };
  }

  /** Ends the way before this one, puts what the corner needs between them, and keeps this one back. */
  private *connect(move: Move, way: OffsetWay, plane: Plane): Generator<Action> {
    const before = this.pending?.way ?? null;
    const joint: Joint = before === null ? { kind: 'line' } : joinWays(before, way);
    if (joint.kind === 'gouge') {
      const earlier = this.pending?.move.setting.block ?? '';
      yield this.fail(move, nameOf(move), `the tool does not fit into the corner after ${earlier}`);
      return;
    }
    yield* this.release(placeOn(way.shifted, way.from));
    const start = withFlat(this.place, plane, placeOn(way.shifted, way.from));
    if (joint.kind === 'arc') yield* this.run(move, roundCorner(this.place, start, plane, joint));
    else if (joint.kind === 'line' && createLine(this.place, start).lengthMm > LEAST_GAP_MM) {
      yield* this.run(move, createLine(this.place, start));
    }
    this.shiftedIn = plane;
    this.pending = { move, plane, way, waiting: [] };
  }

  /** Runs the way kept back and what waits behind it; a lead-in needs to know where the next way starts. */
  private *release(nextStart?: Flat): Generator<Action> {
    const { pending } = this;
    if (pending === null) return;
    this.pending = null;
    const { move, way, plane, waiting } = pending;
    if (way === null) yield* this.run(move, createLine(this.place, leadInEnd(move, plane, nextStart)));
    else yield* this.run(move, this.cut(move, way, plane));
    for (const action of waiting) {
      if (action.kind === 'move')
        yield* this.run(action, createLine(this.place, this.beside(action.element.to, plane)));
      else yield action;
    }
  }

  private cut({ element }: Move, way: OffsetWay, plane: Plane): Element {
    const end = withFlat(element.to, plane, placeOn(way.shifted, way.to));
    const { shifted } = way;
    if (shifted.shape === 'line' || way.to - way.from < 1e-9) return createLine(this.place, end);
    return createArc({
      from: this.place,
      to: end,
      plane,
      center: shifted.center,
      radiusMm: shifted.radius,
      startAngle: shifted.startAngle + shifted.turn * way.from,
      sweep: shifted.turn * (way.to - way.from),
    });
  }

  private *run(move: Move, element: Element): Generator<Action> {
    this.place = element.to;
    if (element.lengthMm > 1e-9) yield { ...move, element };
  }

  private *wait(action: Action): Generator<Action> {
    const { move, waiting } = this.pending!;
    waiting.push(action);
    if (waiting.length > MOST_WAITING) {
      yield this.fail(move, nameOf(move), `more than ${MOST_WAITING} blocks without a move in the plane follow`);
    }
  }

  /** The tool's place in the plane, at the height of another place. */
  private beside(to: Vector, plane: Plane): Vector {
    return withAxis(this.place, plane.normal, to[plane.normal]);
  }

  private fail({ setting }: Move, word: string, reason: string): Action {
    this.hasFailed = true;
    return { kind: 'alarm', message: `${setting.program} ${setting.block} ${word}: ${reason}`, setting };
  }
}

const nameOf = ({ compensation }: Move): string => (compensation?.side === -1 ? 'G42' : 'G41');

function lengthInPlane({ shape, from, to }: Element, plane: Plane): number {
  if (shape === 'arc') return 1;
  const length = Math.hypot(to[plane.first] - from[plane.first], to[plane.second] - from[plane.second]);
  return length < 1e-9 ? 0 : length;
}

const withFlat = (v: Vector, plane: Plane, [first, second]: Flat): Vector =>
  withAxis(withAxis(v, plane.first, first), plane.second, second);

const leadInEnd = ({ element }: Move, plane: Plane, nextStart: Flat | undefined): Vector =>
  nextStart === undefined ? element.to : withFlat(element.to, plane, nextStart);

function roundCorner(from: Vector, to: Vector, plane: Plane, joint: Extract<Joint, { kind: 'arc' }>): Element {
  const { center, sweep } = joint;
  const [dx, dy] = [from[plane.first] - center[0], from[plane.second] - center[1]];
  return createArc({ from, to, plane, center, radiusMm: Math.hypot(dx, dy), startAngle: Math.atan2(dy, dx), sweep });
}
