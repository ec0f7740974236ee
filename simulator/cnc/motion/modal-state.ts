import type { Arguments } from '../../../core/gcode/program.ts';
import type { MotionState } from './motion.ts';
import type { InterpreterSetup, WorkOffsetName } from './setup.ts';
import { type Plane, planes, toVector, type Vector, withAxis } from './vector.ts';

/** The last values a canned cycle was given, in millimetres and seconds: later blocks of the cycle use them again. */
export interface CycleWords {
  /** Level of the normal axis when the cycle was called: where G98 returns to. */
  initialLevelMm: number;
  /** As programmed, so that G91 can count each hole from its own start. */
  rMm: number | null;
  zMm: number | null;
  peckMm: number | null;
  dwellS: number;
}

/** Everything that one block leaves behind for the next. */
export interface ModalState {
  motion: number;
  plane: 17 | 18 | 19;
  isInch: boolean;
  isIncremental: boolean;
  feedMode: 93 | 94 | 95;
  /** mm/min, mm per turn or 1/min, as the feed mode says; null until F is given. */
  feed: number | null;
  /** m/min while constant surface speed is in force, else null. */
  surfaceSpeedMPerMin: number | null;
  speedRpm: number | null;
  speedLimitRpm: number;
  spindleDirection: 1 | -1 | 0;
  coolant: MotionState['coolant'];
  workOffset: WorkOffsetName;
  /** Shift of all work offsets by G92. */
  shift: Vector;
  /** Length by the H number in force; null without length compensation. */
  lengthMm: number | null;
  cycleReturn: 98 | 99;
  cycle: CycleWords | null;
  compensationSide: 1 | -1 | 0;
  compensationRadiusMm: number | null;
  preselectedTool: number | null;
  toolNumber: number;
  /** Programmed place of the tool tip in machine coordinates, before cutter compensation. */
  position: Vector;
}

/** What a control falls back to at power-on and at M30. The tool stays in the spindle and the axes stay where they are. */
export function createModalState(setup: InterpreterSetup, toolNumber: number, position: Vector): ModalState {
  return {
    motion: 0,
    plane: 17,
    isInch: false,
    isIncremental: false,
    feedMode: 94,
    feed: null,
    surfaceSpeedMPerMin: null,
    speedRpm: null,
    speedLimitRpm: setup.kinematics.maxSpindleRpm,
    spindleDirection: 0,
    coolant: 'off',
    workOffset: 'G54',
    shift: [0, 0, 0],
    lengthMm: null,
    cycleReturn: 98,
    cycle: null,
    compensationSide: 0,
    compensationRadiusMm: null,
    preselectedTool: null,
    toolNumber,
    position,
  };
}

export const planeOf = (state: ModalState): Plane => planes[state.plane];

export const toMm = (state: ModalState, value: number): number => (state.isInch ? value * 25.4 : value);

/**
 * From programmed to machine coordinates of the tool tip. Without length compensation the work offset counts as set with
 * the tool in use; with it, a wrong H number leads the tip wrong by the difference of the lengths, as on the machine.
 */
export function findOffset(setup: InterpreterSetup, state: ModalState): Vector {
  const work = toVector(setup.workOffsets?.[state.workOffset] ?? { x: 0, y: 0, z: 0 });
  const inSpindle = setup.tools.find((tool) => tool.number === state.toolNumber)?.lengthMm ?? 0;
  const length = state.lengthMm === null ? 0 : state.lengthMm - inSpindle;
  return [work[0] + state.shift[0], work[1] + state.shift[1], work[2] + state.shift[2] + length];
}

export const axisLetters = ['X', 'Y', 'Z'] as const;

export interface Target {
  readonly words: Arguments;
  readonly offset: Vector;
  /** G53: machine coordinates, whatever the offsets. */
  readonly isMachine?: boolean;
}

/** Where the axis words of a block lead; an axis that isn't named stays. */
export function findTarget(state: ModalState, { words, offset, isMachine }: Target): Vector {
  let target = state.position;
  axisLetters.forEach((letter, axis) => {
    const word = words[letter];
    if (word === undefined) return;
    const value = toMm(state, word.value);
    if (isMachine) target = withAxis(target, axis, value);
    else if (state.isIncremental) target = withAxis(target, axis, state.position[axis]! + value);
    else target = withAxis(target, axis, value + offset[axis]!);
  });
  return target;
}

export const hasAxisWord = (words: Arguments): boolean => axisLetters.some((letter) => words[letter] !== undefined);

/** rpm = 1000·v/(π·D): on a mill the surface that is held is the tool's. */
export function findSpindleSpeed(setup: InterpreterSetup, state: ModalState): number {
  if (state.spindleDirection === 0) return 0;
  let rpm = state.speedRpm ?? 0;
  if (state.surfaceSpeedMPerMin !== null) {
    const tool = setup.tools.find(({ number }) => number === state.toolNumber);
    rpm = tool === undefined ? 0 : (1000 * state.surfaceSpeedMPerMin) / (Math.PI * tool.diameterMm);
  }
  return state.spindleDirection * Math.min(rpm, state.speedLimitRpm, setup.kinematics.maxSpindleRpm);
}
