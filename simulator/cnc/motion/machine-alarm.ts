import type { Word } from '../../../core/gcode/program.ts';

/** Ends the interpretation of a block; the interpreter turns it into an alarm that names program, block and word. */
export class MachineAlarm extends Error {
  readonly word: Word | undefined;

  constructor(reason: string, word?: Word) {
    super(reason);
    this.word = word;
  }
}
