/** What a part program is once it has been read. Lengths are in the program's own unit; nothing is interpreted yet. */
export interface Word {
  readonly letter: Letter;
  readonly value: number;
  /** As written, for messages: `X-1.50`. */
  readonly text: string;
  /** Counted from 1. */
  readonly column: number;
  /** `P500` and `P0.5` mean different things to a dwell. */
  readonly hasPoint: boolean;
}

export const argumentLetters = ['D', 'F', 'H', 'I', 'J', 'K', 'L', 'P', 'Q', 'R', 'S', 'T', 'X', 'Y', 'Z'] as const;
export type ArgumentLetter = (typeof argumentLetters)[number];
export type Letter = ArgumentLetter | 'G' | 'M' | 'N' | 'O';
export type Arguments = Readonly<Partial<Record<ArgumentLetter, Word>>>;

export interface Block {
  /** Counted from 1 in the file. */
  readonly line: number;
  /** `N0150` as written, or `L17` where the block has no N word. */
  readonly label: string;
  readonly sequenceNumber: number | null;
  /** It begins with `/`: passed over while the block-skip switch is on. */
  readonly isSkippable: boolean;
  readonly gCodes: readonly Word[];
  readonly mCodes: readonly Word[];
  readonly arguments: Arguments;
  /** Why this block cannot be run; a machine that reaches it must hold. */
  readonly problem: GcodeProblem | null;
}

export interface Program {
  /** `O1234`; the file's name where the text has no O word. */
  readonly name: string;
  readonly blocks: readonly Block[];
  /** Further O numbers of the same file. */
  readonly subprograms: readonly Program[];
}

export interface GcodeProblem {
  readonly program: string;
  readonly block: string;
  readonly line: number;
  readonly column: number;
  /** The word as written; empty where a word is missing. */
  readonly word: string;
  /** One sentence that names program, block and word. */
  readonly message: string;
}

export interface ProblemSite {
  readonly program: string;
  readonly block: Pick<Block, 'label' | 'line'>;
  readonly word?: Pick<Word, 'text' | 'column'> | undefined;
}

/** Longest echo of the program in a message: an alarm is read on a small screen. */
const ECHO_LENGTH = 40;

export function createProblem(site: ProblemSite, reason: string): GcodeProblem {
  const { program, block, word } = site;
  const text = word === undefined ? '' : word.text.slice(0, ECHO_LENGTH);
  const column = word?.column ?? 1;
  const place =
    word === undefined ? `${program} ${block.label}` : `${program} ${block.label} ${text} (column ${column})`;
  return { program, block: block.label, line: block.line, column, word: text, message: `${place}: ${reason}` };
}
