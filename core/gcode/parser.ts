import { failure, type Result, success } from '../result.ts';
import { findBrokenRule } from './block-rules.ts';
import { lexLine } from './lexer.ts';
import { type Block, createProblem, type GcodeProblem, type ProblemSite, type Program, type Word } from './program.ts';

/** Reads a program and refuses it whole if any block is wrong. */
export function parseProgram(text: string, fileName = 'program'): Result<Program, readonly GcodeProblem[]> {
  const program = readProgram(text, fileName);
  const problems = [program, ...program.subprograms].flatMap((part) =>
    part.blocks.flatMap((block) => block.problem ?? []),
  );
  return problems.length > 0 ? failure(problems) : success(program);
}

/**
 * Reads a program as a control does: a wrong block stays in its place with its problem, and the machine that comes to it
 * holds. A `%` above the blocks starts the tape, a later one ends it: what follows is not part of any program.
 */
export function readProgram(text: string, fileName = 'program'): Program {
  const parts: Part[] = [{ name: fileName, blocks: [] }];
  const lines = text.split(/\r\n?|\n/);
  for (let i = 0; i < lines.length; i++) {
    const lexed = lexLine(lines[i]!);
    if (lexed.isTapeMark && lexed.fault === null) {
      if (parts.length > 1 || parts[0]!.blocks.length > 0) break;
      continue;
    }
    const words = [...lexed.words];
    if (words.length === 0 && lexed.fault === null) continue;
    const opening = takeProgramNumber(words);
    const isOpened = opening !== undefined && isProgramNumber(opening) && startPart(parts, opening);
    if (isOpened && words.length === 0 && lexed.fault === null) continue;
    parts.at(-1)!.blocks.push(readBlock({ parts, words, opening: isOpened ? undefined : opening, line: i + 1, lexed }));
  }
  const [main, ...subprograms] = parts.map((part): Program => ({ ...part, subprograms: [] }));
  return { ...main!, subprograms };
}

interface Part {
  readonly name: string;
  readonly blocks: Block[];
}

interface BlockSource {
  readonly parts: readonly Part[];
  readonly words: Word[];
  /** An O word that opened no program. */
  readonly opening: Word | undefined;
  readonly line: number;
  readonly lexed: ReturnType<typeof lexLine>;
}

const LARGEST_PROGRAM_NUMBER = 99_999_999;

const isProgramNumber = (word: Word): boolean =>
  Number.isInteger(word.value) && word.value > 0 && word.value <= LARGEST_PROGRAM_NUMBER && !word.hasPoint;

/** An O word opens a program where it leads its line; a number before it, as in `N1 O1234`, is allowed. */
function takeProgramNumber(words: Word[]): Word | undefined {
  const at = words[0]?.letter === 'N' ? 1 : 0;
  if (words[at]?.letter !== 'O') return undefined;
  const [opening] = words.splice(at, 1);
  if (words.length === 1 && at === 1) words.length = 0;
  return opening;
}

/** False where the number is taken: the second program of that name must not hide the first. */
function startPart(parts: Part[], opening: Word): boolean {
  const part: Part = { name: formatProgramName(opening.value), blocks: [] };
  if (parts.some(({ name }) => name === part.name)) return false;
  if (parts.length === 1 && parts[0]!.blocks.length === 0) parts[0] = part;
  else parts.push(part);
  return true;
}

/** `O0050` and `O50` are one program; four digits are how a control shows it. */
export const formatProgramName = (number: number): string => `O${String(number).padStart(4, '0')}`;

function readBlock(source: BlockSource): Block {
  const { words, line, lexed } = source;
  const numbers = words.filter((word) => word.letter === 'N');
  const number = numbers[0];
  const label = number === undefined ? `L${line}` : `N${number.text.slice(1).trim()}`;
  const gCodes = words.filter((word) => word.letter === 'G');
  const mCodes = words.filter((word) => word.letter === 'M');
  const rest = words.filter((word) => !'GMN'.includes(word.letter));
  const byLetter = Object.fromEntries(rest.map((word) => [word.letter, word])) as Block['arguments'];
  const block = { line, label, isSkippable: lexed.isSkippable, gCodes, mCodes, arguments: byLetter };
  const site: ProblemSite = { program: source.parts.at(-1)!.name, block };
  const found = lexed.fault
    ? { word: lexed.fault, reason: lexed.fault.reason }
    : (findBadStart(source) ?? findRepeat([...numbers, ...rest]) ?? findBadNumber(number) ?? findBrokenRule(block));
  return {
    ...block,
    sequenceNumber: number?.value ?? null,
    problem: found === null ? null : createProblem({ ...site, word: found.word }, found.reason),
  };
}

interface Finding {
  readonly word: Word;
  readonly reason: string;
}

function findBadStart({ opening, words }: BlockSource): Finding | null {
  if (opening !== undefined) {
    const reason = isProgramNumber(opening)
      ? 'this program number stands twice in the file'
      : `a program number is a whole number from 1 to ${LARGEST_PROGRAM_NUMBER}`;
    return { word: opening, reason };
  }
  const stray = words.find((word) => word.letter === 'O');
  return stray === undefined ? null : { word: stray, reason: 'a program number stands first on its line' };
}

function findRepeat(words: readonly Word[]): Finding | null {
  if (words.length < 2) return null;
  const seen = new Set<string>();
  for (const word of words) {
    if (seen.has(word.letter)) return { word, reason: `${word.letter} stands twice in this block` };
    seen.add(word.letter);
  }
  return null;
}

function findBadNumber(word: Word | undefined): Finding | null {
  if (word === undefined || (Number.isInteger(word.value) && word.value >= 0 && !word.hasPoint)) return null;
  return { word, reason: 'a block number is a whole number from 0 up' };
}
