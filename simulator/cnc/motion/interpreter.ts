/**
 * Turns the blocks of a program into what the machine is to do, one action after the other and only as far as asked for.
 *
 * Order within a block: modes and numbers; tool change; spindle and coolant; dwell, reference return or motion; then the
 * program flow. Whatever cannot be carried out ends in an alarm that names program, block and word, after all that came
 * before it has been done. Order after RS274/NGC (NIST IR 6556, table 8).
 */
import { type Block, createProblem, type Word } from '../../../core/gcode/program.ts';
import type { Action, Setting } from './action.ts';
import { runMotion } from './block-motion.ts';
import { applySettings, findTool } from './block-settings.ts';
import { MachineAlarm } from './machine-alarm.ts';
import { createModalState, findSpindleSpeed, type ModalState } from './modal-state.ts';
import { ProgramFlow } from './program-flow.ts';
import type { InterpreterSetup } from './setup.ts';

/** Blocks that may follow each other without the machine doing anything that takes time: more is an endless loop. */
export const MOST_IDLE_BLOCKS = 10_000;

export function* interpretProgram(setup: InterpreterSetup): Generator<Action> {
  const interpreter = new Interpreter(setup);
  do yield* interpreter.runCycle();
  while (setup.repeat && interpreter.hasFinished);
}

class Interpreter {
  /** False after an alarm. */
  hasFinished = false;
  private readonly setup: InterpreterSetup;
  private state: ModalState;
  private idleBlocks = 0;
  private takesTime = false;

  constructor(setup: InterpreterSetup) {
    this.setup = setup;
    this.state = createModalState(setup, setup.toolInSpindle ?? 0, setup.start);
  }

  /** From the start of the main program to its end or to an alarm. */
  *runCycle(): Generator<Action> {
    const { programs, mainProgram, blockSkip = false } = this.setup;
    const flow = new ProgramFlow(programs, mainProgram, blockSkip);
    this.state = createModalState(this.setup, this.state.toolNumber, this.state.position);
    this.hasFinished = false;
    this.takesTime = false;
    let program = mainProgram;
    let block: Pick<Block, 'label' | 'line'> = { label: 'L1', line: 1 };
    try {
      if (flow.programName === undefined) throw new MachineAlarm(`program ${mainProgram} is not in memory`);
      for (let next = flow.next(); next !== null; next = flow.next()) {
        block = next;
        program = flow.programName ?? mainProgram;
        for (const action of this.runBlock(next, program, flow)) {
          yield* this.pass(action);
          if (action.kind === 'alarm' || action.kind === 'end') return;
        }
      }
      yield* this.pass({ kind: 'end', setting: this.describe(program, block.label) });
    } catch (error) {
      if (!(error instanceof MachineAlarm)) throw error;
      const { message } = createProblem({ program, block, word: error.word }, error.message);
      this.hasFinished = false;
      yield { kind: 'alarm', message, setting: this.describe(program, block.label) };
    }
  }

  private *runBlock(block: Block, program: string, flow: ProgramFlow): Generator<Action> {
    if (block.problem !== null) {
      const setting = this.describe(program, block.label);
      yield { kind: 'alarm', message: block.problem.message, setting };
      return;
    }
    this.countIdle();
    const { setup, state } = this;
    applySettings(setup, state, block);
    const describe = (): Setting => this.describe(program, block.label);
    yield* this.changeTool(block, describe);
    yield* this.switchAuxiliaries(block, describe);
    yield* runMotion({ setup, state, block, describe, countIdle: () => this.countIdle() });
    yield* this.leaveBlock(block, flow, describe);
  }

  /** The tool that is in the spindle already stays there, at once. */
  private *changeTool(block: Block, describe: () => Setting): Generator<Action> {
    const code = block.mCodes.find((word) => word.value === 6);
    if (code === undefined) return;
    const { state, setup } = this;
    if (state.preselectedTool === null) throw new MachineAlarm('a tool change needs T with the tool number', code);
    if (state.compensationSide !== 0) throw new MachineAlarm('a tool change needs G40 first', code);
    if (state.preselectedTool !== 0) findTool(setup, state.preselectedTool, block.arguments.T ?? code);
    state.spindleDirection = 0;
    const durationS = state.toolNumber === state.preselectedTool ? 0 : setup.kinematics.toolChangeS;
    yield { kind: 'wait', mode: 'tool_change', durationS, setting: describe() };
    state.toolNumber = state.preselectedTool;
    yield { kind: 'stand', setting: describe() };
  }

  private *switchAuxiliaries(block: Block, describe: () => Setting): Generator<Action> {
    let isSwitched = false;
    for (const code of block.mCodes) if (this.switchOne(code)) isSwitched = true;
    if (isSwitched) yield { kind: 'stand', setting: describe() };
  }

  private switchOne(code: Word): boolean {
    const { state } = this;
    const { value } = code;
    if (value === 3 || value === 4) {
      if (state.speedRpm === null && state.surfaceSpeedMPerMin === null) {
        throw new MachineAlarm('the spindle needs S with its speed', code);
      }
      state.spindleDirection = value === 3 ? 1 : -1;
      if (state.surfaceSpeedMPerMin !== null && state.toolNumber === 0) {
        throw new MachineAlarm('constant surface speed (G96) needs a tool in the spindle', code);
      }
    } else if (value === 5 || value === 19) state.spindleDirection = 0;
    else if (value === 7) state.coolant = 'mist';
    else if (value === 8) state.coolant = 'flood';
    else if (value === 9) state.coolant = 'off';
    else return false;
    return true;
  }

  private *leaveBlock(block: Block, flow: ProgramFlow, describe: () => Setting): Generator<Action> {
    for (const { value } of block.mCodes) {
      if (value === 0 || (value === 1 && this.setup.optionalStop !== false))
        yield { kind: 'hold', setting: describe() };
      else if (value === 98) flow.call(block.arguments);
      else if (value === 99) flow.return(block.arguments.P);
      else if (value === 2 || value === 30) {
        this.state.spindleDirection = 0;
        this.state.coolant = 'off';
        yield { kind: 'end', setting: describe() };
      }
    }
  }

  private *pass(action: Action): Generator<Action> {
    this.hasFinished = action.kind === 'end';
    if (this.hasFinished && this.setup.repeat && !this.takesTime) {
      throw new MachineAlarm('the program takes no time and cannot be repeated');
    }
    const isHold = action.kind === 'hold' && this.setup.autoResumeS !== 0;
    if (action.kind === 'move' || (action.kind === 'wait' && action.durationS > 0) || isHold) {
      this.idleBlocks = 0;
      this.takesTime = true;
    }
    yield action;
  }

  private countIdle(): void {
    if (++this.idleBlocks <= MOST_IDLE_BLOCKS) return;
    throw new MachineAlarm(`the program runs in a circle: ${MOST_IDLE_BLOCKS} blocks took no time`);
  }

  private describe(program: string, block: string): Setting {
    const { state } = this;
    const spindleRpm = findSpindleSpeed(this.setup, state);
    const perTurn = state.feedMode === 95 ? Math.abs(spindleRpm) : 1;
    const feed = state.feedMode === 93 ? 0 : (state.feed ?? 0) * perTurn;
    return {
      feedMmPerMin: Math.min(feed, this.setup.kinematics.maxFeedMmPerMin),
      spindleRpm,
      coolant: state.coolant,
      toolNumber: state.toolNumber,
      program,
      block,
    };
  }
}
