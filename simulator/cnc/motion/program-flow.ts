import { formatProgramName } from '../../../core/gcode/parser.ts';
import type { Arguments, Block, Program, Word } from '../../../core/gcode/program.ts';
import { MachineAlarm } from './machine-alarm.ts';

/** Levels of subprograms that may call each other: what current Fanuc-style controls allow. */
export const DEEPEST_CALL = 10;
/** Highest number of repeats of a call or a cycle: four digits. */
export const MOST_REPEATS = 9999;

interface Frame {
  readonly program: Program;
  next: number;
  repeatsLeft: number;
}

/** Which block comes next: calls, returns, repeats and the block-skip switch. */
export class ProgramFlow {
  private readonly programs: ReadonlyMap<string, Program>;
  private readonly blockSkip: boolean;
  private readonly frames: Frame[];

  constructor(programs: readonly Program[], mainProgram: string, blockSkip: boolean) {
    const all = programs.flatMap((program) => [program, ...program.subprograms]);
    this.programs = new Map(all.map((program) => [program.name, program]));
    this.blockSkip = blockSkip;
    const main = this.programs.get(mainProgram);
    this.frames = main === undefined ? [] : [{ program: main, next: 0, repeatsLeft: 0 }];
  }

  get programName(): string | undefined {
    return this.frames.at(-1)?.program.name;
  }

  /** Null at the end of the main program, which counts as M30. A subprogram must return by itself. */
  next(): Block | null {
    const frame = this.frames.at(-1);
    if (frame === undefined) return null;
    const { blocks } = frame.program;
    while (this.blockSkip && blocks[frame.next]?.isSkippable) frame.next++;
    const block = blocks[frame.next];
    if (block !== undefined) {
      frame.next++;
      return block;
    }
    if (this.frames.length > 1) throw new MachineAlarm(`subprogram ${frame.program.name} ends without M99`);
    return null;
  }

  /** M98 P.. L.., or P with the repeats before the last four digits as in P31234. */
  call(words: Arguments): void {
    const p = words.P!;
    if (!Number.isInteger(p.value) || p.hasPoint) throw new MachineAlarm('P must be a whole program number', p);
    const isPacked = words.L === undefined && p.value > 9999 && !this.programs.has(formatProgramName(p.value));
    const name = formatProgramName(isPacked ? p.value % 10_000 : p.value);
    const repeats = isPacked ? Math.floor(p.value / 10_000) : (words.L?.value ?? 1);
    const program = this.programs.get(name);
    if (program === undefined)
      throw new MachineAlarm(`subprogram ${name} is not in memory, there are ${this.list()}`, p);
    if (repeats > MOST_REPEATS) throw new MachineAlarm(`a call repeats at most ${MOST_REPEATS} times`, words.L ?? p);
    if (repeats === 0) return;
    if (this.frames.length > DEEPEST_CALL) {
      throw new MachineAlarm(`subprograms call each other more than ${DEEPEST_CALL} levels deep`, p);
    }
    this.frames.push({ program, next: 0, repeatsLeft: repeats - 1 });
  }

  /** M99: the next repeat, back to the caller (at block P if given), or the start of the main program again. */
  return(target: Word | undefined): void {
    const frame = this.frames.at(-1)!;
    if (frame.repeatsLeft > 0 && target === undefined) {
      frame.repeatsLeft--;
      frame.next = 0;
      return;
    }
    if (this.frames.length > 1) this.frames.pop();
    else frame.next = 0;
    if (target !== undefined) this.jump(target);
  }

  private jump(target: Word): void {
    const frame = this.frames.at(-1)!;
    const at = frame.program.blocks.findIndex((block) => block.sequenceNumber === target.value);
    if (at < 0) throw new MachineAlarm(`${frame.program.name} has no block N${target.value}`, target);
    frame.next = at;
  }

  private list(): string {
    const names = [...this.programs.keys()];
    return names.length > 12 ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more` : names.join(', ');
  }
}
