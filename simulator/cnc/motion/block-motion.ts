import { isCycle, takesAxisWords } from '../../../core/gcode/codes.ts';
import type { Word } from '../../../core/gcode/program.ts';
import type { Action, Compensation } from './action.ts';
import { buildArc } from './arc.ts';
import { type BlockContext, createMove } from './block-move.ts';
import { drillHoles } from './cycle-motion.ts';
import { readDwell, roundToMs } from './dwell.ts';
import { createLine } from './element.ts';
import { MachineAlarm } from './machine-alarm.ts';
import { findOffset, findTarget, hasAxisWord, planeOf } from './modal-state.ts';
import { findUnusedWord } from './unused-words.ts';
import { toVector, type Vector, withAxis } from './vector.ts';

/** The dwell, the reference return or the motion of one block. */
export function* runMotion(context: BlockContext): Generator<Action> {
  const { block, state } = context;
  const oneShot = block.gCodes.find(({ value }) => takesAxisWords(value));
  const motion = block.gCodes.find(({ value }) => value <= 3 || isCycle(value));
  if (motion !== undefined) chooseMotion(context, motion.value);
  const unused = findUnusedWord(block, state.motion);
  if (unused !== undefined) throw new MachineAlarm(`${unused.letter} has no meaning in this block`, unused);
  if (oneShot?.value === 4) yield* dwell(context);
  else if (oneShot?.value === 28 || oneShot?.value === 30) yield* returnToReference(context, oneShot);
  else if (oneShot === undefined) yield* move(context, motion);
}

/** A cycle that follows another keeps its levels, not its pecks and dwells. */
function chooseMotion({ state }: BlockContext, code: number): void {
  if (isCycle(code)) {
    const level = state.position[planeOf(state).normal];
    state.cycle ??= { initialLevelMm: level, rMm: null, zMm: null, peckMm: null, dwellS: 0 };
    if (code !== state.motion) Object.assign(state.cycle, { peckMm: null, dwellS: 0 });
  } else state.cycle = null;
  state.motion = code;
}

function* dwell({ block, describe }: BlockContext): Generator<Action> {
  const { P, X } = block.arguments;
  const durationS = P === undefined ? roundToMs(X?.value ?? 0) : readDwell(P);
  yield { kind: 'wait', mode: 'dwell', durationS, setting: describe() };
}

/** Through the programmed place to the reference point, in the axes named; in all of them where none is. */
function* returnToReference(context: BlockContext, code: Word): Generator<Action> {
  const { block, state, setup } = context;
  if (state.compensationSide !== 0) throw new MachineAlarm('a reference return needs G40 first', code);
  const which = block.arguments.P;
  if (which !== undefined && which.value !== 2) throw new MachineAlarm('there is only the second reference, P2', which);
  const home = setup.referencePoints?.[code.value === 28 ? 0 : 1] ?? { x: 0, y: 0, z: 0 };
  const { X, Y, Z } = block.arguments;
  const isAll = !hasAxisWord(block.arguments);
  const through = findTarget(state, { words: block.arguments, offset: findOffset(setup, state) });
  let target: Vector = through;
  [X, Y, Z].forEach((word, axis) => {
    if (isAll || word !== undefined) target = withAxis(target, axis, toVector(home)[axis]!);
  });
  yield* rapidTo(context, through);
  yield* rapidTo(context, target);
}

function* rapidTo(context: BlockContext, to: Vector): Generator<Action> {
  yield* createMove(context, createLine(context.state.position, to), { isRapid: true });
  context.state.position = to;
}

function* move(context: BlockContext, code: Word | undefined): Generator<Action> {
  const { block, state } = context;
  const { I, J, K, R } = block.arguments;
  const isArc = state.motion === 2 || state.motion === 3;
  const machine = block.gCodes.find(({ value }) => value === 53);
  if (machine !== undefined) checkMachineMove(context, machine);
  if (isCycle(state.motion)) {
    if (hasAxisWord(block.arguments) || R !== undefined) yield* drillHoles(context, code);
  } else if (hasAxisWord(block.arguments) || (isArc && (I ?? J ?? K ?? R) !== undefined)) {
    yield* isArc ? moveRound(context, code) : moveStraight(context, machine !== undefined);
  }
}

function checkMachineMove({ state }: BlockContext, code: Word): void {
  if (state.motion > 1) throw new MachineAlarm('machine coordinates need G0 or G1', code);
  if (state.isIncremental) throw new MachineAlarm('machine coordinates need G90', code);
  if (state.compensationSide !== 0) throw new MachineAlarm('machine coordinates need G40 first', code);
}

function* moveStraight(context: BlockContext, isMachine: boolean): Generator<Action> {
  const { block, state, setup } = context;
  const to = findTarget(state, { words: block.arguments, offset: findOffset(setup, state), isMachine });
  const compensation = findCompensation(context);
  yield* createMove(context, createLine(state.position, to), { isRapid: state.motion === 0, compensation });
  state.position = to;
}

function* moveRound(context: BlockContext, code: Word | undefined): Generator<Action> {
  const { block, state, setup } = context;
  const words = block.arguments;
  if ((words.I ?? words.J ?? words.K ?? words.R) === undefined) {
    throw new MachineAlarm('an arc needs its centre I J K or its radius R', words.X ?? words.Y ?? words.Z);
  }
  const to = findTarget(state, { words, offset: findOffset(setup, state) });
  const arc = buildArc({
    from: state.position,
    to,
    plane: planeOf(state),
    isClockwise: state.motion === 2,
    words,
    unitMm: state.isInch ? 25.4 : 1,
    code: code ?? words.I ?? words.J ?? words.K ?? words.R,
  });
  yield* createMove(context, arc, { isRapid: false, compensation: findCompensation(context) });
  state.position = to;
}

function findCompensation({ state }: BlockContext): Compensation | null {
  if (state.compensationSide === 0 || state.compensationRadiusMm === null) return null;
  return { side: state.compensationSide, radiusMm: state.compensationRadiusMm, plane: planeOf(state) };
}
