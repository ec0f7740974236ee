import type { Block, Word } from '../../../core/gcode/program.ts';
import { MachineAlarm } from './machine-alarm.ts';
import { findOffset, hasAxisWord, type ModalState, toMm } from './modal-state.ts';
import type { InterpreterSetup, WorkOffsetName } from './setup.ts';
import { subtract, type Vector } from './vector.ts';

/** Modes first, then the numbers they give a meaning to: `G20 F10` feeds 10 inches a minute. */
export function applySettings(setup: InterpreterSetup, state: ModalState, block: Block): void {
  for (const code of block.gCodes) applyMode(setup, state, code, block);
  const { F, S, T, D, H } = block.arguments;
  if (F !== undefined) state.feed = state.feedMode === 93 ? F.value : toMm(state, F.value);
  if (S !== undefined) applySpeed(state, S, block);
  if (T !== undefined) state.preselectedTool = T.value;
  if (H !== undefined) applyLength(setup, state, H, block);
  if (D !== undefined) applyRadius(setup, state, D);
  checkCompensation(state, block);
}

function applyMode(setup: InterpreterSetup, state: ModalState, code: Word, block: Block): void {
  const { value } = code;
  switch (value) {
    case 17:
    case 18:
    case 19:
      if (state.compensationSide !== 0 && state.plane !== value) refuseInCompensation(code);
      state.plane = value;
      return;
    case 20:
    case 21:
      state.isInch = value === 20;
      return;
    case 40:
      state.compensationSide = 0;
      return;
    case 41:
    case 42:
      state.compensationSide = value === 41 ? 1 : -1;
      return;
    case 43:
      if (block.arguments.H === undefined)
        throw new MachineAlarm('length compensation needs H with the offset number', code);
      return;
    case 49:
      state.lengthMm = null;
      return;
    case 80:
      endCycle(state);
      return;
    case 90:
    case 91:
      state.isIncremental = value === 91;
      return;
    case 92:
      applyShift(setup, state, code, block);
      return;
    case 98:
    case 99:
      state.cycleReturn = value;
      return;
    default:
      applyFeedOrOffset(state, code, block);
  }
}

function applyFeedOrOffset(state: ModalState, code: Word, block: Block): void {
  const { value } = code;
  if (value >= 54 && value <= 59) {
    if (state.compensationSide !== 0) refuseInCompensation(code);
    state.workOffset = `G${value}` as WorkOffsetName;
  } else if (value === 93 || value === 94 || value === 95) {
    if (state.feedMode !== value) state.feed = null;
    state.feedMode = value;
  } else if (value === 96) {
    if (state.surfaceSpeedMPerMin === null && block.arguments.S === undefined) {
      throw new MachineAlarm('constant surface speed needs S in m/min (ft/min with G20)', code);
    }
    if (state.spindleDirection !== 0 && state.toolNumber === 0) {
      throw new MachineAlarm('constant surface speed needs a tool in the spindle', code);
    }
    state.surfaceSpeedMPerMin ??= 0;
  } else if (value === 97) {
    state.surfaceSpeedMPerMin = null;
  }
}

/** A cycle that ends leaves positioning in force. */
function endCycle(state: ModalState): void {
  if (state.cycle !== null) state.motion = 0;
  state.cycle = null;
}

/** Feet per minute in an inch program: 1 ft = 0.3048 m. */
const METRES_PER_FOOT = 0.3048;

function applySpeed(state: ModalState, word: Word, block: Block): void {
  if (block.gCodes.some((code) => code.value === 92)) state.speedLimitRpm = word.value;
  else if (state.surfaceSpeedMPerMin === null) state.speedRpm = word.value;
  else state.surfaceSpeedMPerMin = word.value * (state.isInch ? METRES_PER_FOOT : 1);
}

/** G92: the present place gets these coordinates; all work offsets move with it. */
function applyShift(setup: InterpreterSetup, state: ModalState, code: Word, block: Block): void {
  if (!hasAxisWord(block.arguments)) return;
  if (state.compensationSide !== 0) refuseInCompensation(code);
  const offset = findOffset(setup, state);
  const shift: [number, number, number] = [...state.shift];
  const { X, Y, Z } = block.arguments;
  const now: Vector = subtract(state.position, offset);
  [X, Y, Z].forEach((word, axis) => {
    if (word !== undefined) shift[axis] = state.shift[axis]! + now[axis]! - toMm(state, word.value);
  });
  state.shift = shift;
}

function applyLength(setup: InterpreterSetup, state: ModalState, word: Word, block: Block): void {
  const isCalled = block.gCodes.some((code) => code.value === 43);
  if (!isCalled && state.lengthMm === null) {
    throw new MachineAlarm('H has no meaning without length compensation (G43)', word);
  }
  if (word.value === 0) state.lengthMm = null;
  else state.lengthMm = findToolOffset(setup, word).lengthMm;
}

function applyRadius(setup: InterpreterSetup, state: ModalState, word: Word): void {
  state.compensationRadiusMm = word.value === 0 ? 0 : findToolOffset(setup, word).radiusMm;
}

function findToolOffset(setup: InterpreterSetup, word: Word): { readonly lengthMm: number; readonly radiusMm: number } {
  const own = setup.toolOffsets?.[word.value];
  if (own !== undefined) return own;
  const tool = findTool(setup, word.value, word);
  return { lengthMm: tool.lengthMm, radiusMm: tool.diameterMm / 2 };
}

export function findTool(
  setup: InterpreterSetup,
  number: number,
  word: Word | undefined,
): InterpreterSetup['tools'][number] {
  const tool = setup.tools.find((candidate) => candidate.number === number);
  if (tool !== undefined) return tool;
  const known = setup.tools.map((candidate) => candidate.number).join(', ');
  throw new MachineAlarm(`there is no tool ${number}, the magazine holds ${known || 'none'}`, word);
}

function checkCompensation(state: ModalState, block: Block): void {
  if (state.compensationSide === 0 || state.compensationRadiusMm !== null) return;
  const code = block.gCodes.find((word) => word.value === 41 || word.value === 42);
  throw new MachineAlarm('cutter compensation needs D with the offset number', code);
}

function refuseInCompensation(code: Word): never {
  throw new MachineAlarm('not allowed while cutter compensation is in force, cancel it with G40 first', code);
}
