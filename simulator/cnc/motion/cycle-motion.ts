import type { Word } from '../../../core/gcode/program.ts';
import type { Action } from './action.ts';
import { type BlockContext, createMove } from './block-move.ts';
import { type CycleStep, expandHole } from './canned-cycle.ts';
import { readDwell } from './dwell.ts';
import { createLine } from './element.ts';
import { MachineAlarm } from './machine-alarm.ts';
import { axisLetters, type CycleWords, findOffset, findTarget, planeOf, toMm } from './modal-state.ts';
import { MOST_REPEATS } from './program-flow.ts';
import type { Plane, Vector } from './vector.ts';
import { withAxis } from './vector.ts';

/** The holes of one block: one, or as many as L or K says, each from where the last one left off. */
export function* drillHoles(context: BlockContext, code: Word | undefined): Generator<Action> {
  const { block, state, setup } = context;
  const cycle = state.cycle!;
  const plane = planeOf(state);
  const named = code ?? Object.values(block.arguments)[0];
  if (state.compensationSide !== 0) throw new MachineAlarm('a canned cycle needs G40 first', named);
  if (state.feedMode === 93) throw new MachineAlarm('a canned cycle needs G94 or G95', named);
  const direction = state.spindleDirection;
  const normal = findOffset(setup, state)[plane.normal];
  takeCycleWords(context, cycle, normal);
  if (cycle.rMm === null) throw new MachineAlarm('the cycle needs R, the level to which it goes rapidly', named);
  if (cycle.zMm === null) throw new MachineAlarm(`the cycle needs ${axisLetters[plane.normal]}, its bottom`, named);
  const [rMm, zMm] = [cycle.rMm + normal, cycle.zMm + normal];
  const returnMm = state.cycleReturn === 98 ? cycle.initialLevelMm : rMm;
  for (let left = readRepeats(block.arguments.L ?? block.arguments.K); left > 0; left--) {
    context.countIdle();
    const from = state.position;
    const over = findPlace(context, plane);
    const { peckMm, dwellS } = cycle;
    const hole = { code: named, cycle: state.motion, plane, from, over, rMm, zMm, returnMm, peckMm, dwellS };
    for (const step of expandHole(hole)) yield* carryOut({ ...context, direction }, step);
  }
}

/** The levels are kept in work coordinates, so that a change of G54 to G59 moves them along. */
function takeCycleWords({ block, state }: BlockContext, cycle: CycleWords, offsetMm: number): void {
  const { R, Q, P } = block.arguments;
  const bottom = block.arguments[axisLetters[planeOf(state).normal]];
  if (R !== undefined) {
    const r = toMm(state, R.value);
    cycle.rMm = state.isIncremental ? cycle.initialLevelMm - offsetMm + r : r;
  }
  if (bottom !== undefined) {
    const z = toMm(state, bottom.value);
    cycle.zMm = state.isIncremental ? (cycle.rMm ?? 0) + z : z;
  }
  if (Q !== undefined) cycle.peckMm = toMm(state, Q.value);
  if (P !== undefined) cycle.dwellS = readDwell(P);
}

function readRepeats(word: Word | undefined): number {
  if (word === undefined) return 1;
  if (Number.isInteger(word.value) && word.value >= 0 && word.value <= MOST_REPEATS) return word.value;
  throw new MachineAlarm(`repeats are a whole number from 0 to ${MOST_REPEATS}`, word);
}

/** The hole's place in the plane, at the present level. */
function findPlace({ block, state, setup }: BlockContext, plane: Plane): Vector {
  const target = findTarget(state, { words: block.arguments, offset: findOffset(setup, state) });
  return withAxis(target, plane.normal, state.position[plane.normal]);
}

interface CycleContext extends BlockContext {
  /** How the spindle turned when the cycle was called. */
  readonly direction: 1 | -1 | 0;
}

function* carryOut(context: CycleContext, step: CycleStep): Generator<Action> {
  const { state, describe } = context;
  switch (step.do) {
    case 'dwell':
      yield { kind: 'wait', mode: 'dwell', durationS: state.cycle!.dwellS, setting: describe() };
      return;
    case 'hold':
      yield { kind: 'hold', setting: describe() };
      return;
    case 'spindle-stop':
    case 'spindle-start':
      state.spindleDirection = step.do === 'spindle-stop' ? 0 : context.direction;
      yield { kind: 'stand', setting: describe() };
      return;
    default:
      yield* travel(context, step);
  }
}

function* travel(context: BlockContext, step: Extract<CycleStep, { to: Vector }>): Generator<Action> {
  const line = createLine(context.state.position, step.to);
  if (step.do === 'rapid') yield* createMove(context, line, { isRapid: true });
  else if (step.do === 'feed') yield* createMove(context, line, { isRapid: false });
  else yield* createMove(context, line, { isRapid: false, tap: step.do === 'tap-in' ? 1 : -1 });
  context.state.position = step.to;
}
