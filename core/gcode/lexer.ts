import { argumentLetters, type Letter, type Word } from './program.ts';

/** One line taken apart. The first fault ends the reading of the line: what follows it cannot be trusted. */
export interface LexedLine {
  readonly words: readonly Word[];
  readonly isSkippable: boolean;
  /** A lone `%`: the start or the end of the tape. */
  readonly isTapeMark: boolean;
  readonly fault: LexicalFault | null;
}

export interface LexicalFault {
  readonly text: string;
  readonly column: number;
  readonly reason: string;
}

/** Eight digits are what Fanuc-style controls take; a wider value is a slip of the keyboard, not a place. */
export const LARGEST_VALUE = 99_999_999;

const letters: ReadonlySet<string> = new Set([...argumentLetters, 'G', 'M', 'N', 'O']);
const allowedLetters = [...letters].sort().join(' ');
const numberAt = /[+-]?(?:\d+\.?\d*|\.\d+)/y;
const malformedTail = /[^\sA-Za-z(;%/]*/y;

export function lexLine(line: string): LexedLine {
  const trimmed = line.trim();
  if (trimmed.startsWith('%')) return lexTapeMark(line, trimmed);
  const words: Word[] = [];
  let isSkippable = false;
  let at = 0;
  while (at < line.length) {
    const char = line[at]!;
    if (char === ';') break;
    if (isBlank(char)) at++;
    else if (char === '(') {
      const end = line.indexOf(')', at);
      if (end < 0) return stop(words, isSkippable, fault(line, at, 'the comment has no closing ")"'));
      at = end + 1;
    } else if (char === '/' && words.length === 0 && !isSkippable) {
      isSkippable = true;
      at++;
    } else {
      const read = readWord(line, at);
      if ('reason' in read) return stop(words, isSkippable, read);
      words.push(read.word);
      at = read.end;
    }
  }
  return { words, isSkippable, isTapeMark: false, fault: null };
}

const isBlank = (char: string): boolean => char === ' ' || char === '\t' || char === '\r' || char === '\uFEFF';

const stop = (words: readonly Word[], isSkippable: boolean, found: LexicalFault): LexedLine => ({
  words,
  isSkippable,
  isTapeMark: false,
  fault: found,
});

const fault = (line: string, at: number, reason: string, end = line.length): LexicalFault => ({
  text: line.slice(at, end).trim(),
  column: at + 1,
  reason,
});

/** A name may stand behind the mark, as in `%1234`, but no block. */
function lexTapeMark(line: string, trimmed: string): LexedLine {
  const isPlain = /^%\s*\w*\s*$/.test(trimmed);
  const found = isPlain ? null : fault(line, line.indexOf('%'), 'nothing but a name may follow "%" on its line');
  return { words: [], isSkippable: false, isTapeMark: true, fault: found };
}

function readWord(line: string, at: number): { readonly word: Word; readonly end: number } | LexicalFault {
  const letter = line[at]!.toUpperCase();
  if (!letters.has(letter)) {
    const isLetter = /[A-Z]/.test(letter);
    const end = isLetter ? tailEnd(line, at + 1) : at + 1;
    const reason = isLetter ? `unknown word, allowed letters are ${allowedLetters}` : 'this character starts no word';
    return fault(line, at, reason, end);
  }
  numberAt.lastIndex = skipBlanks(line, at + 1);
  const match = numberAt.exec(line);
  const end = tailEnd(line, match === null ? at + 1 : numberAt.lastIndex);
  if (match === null || end !== numberAt.lastIndex) {
    return fault(line, at, `malformed word, a plain number must follow the letter ${letter}`, end);
  }
  const value = Number(match[0]);
  if (Math.abs(value) > LARGEST_VALUE) return fault(line, at, `the value must lie within ±${LARGEST_VALUE}`, end);
  const text = line.slice(at, end);
  return { word: { letter: letter as Letter, value, text, column: at + 1, hasPoint: match[0].includes('.') }, end };
}

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (at < line.length && isBlank(line[at]!)) at++;
  return at;
}

function tailEnd(line: string, from: number): number {
  malformedTail.lastIndex = from;
  malformedTail.exec(line);
  return malformedTail.lastIndex;
}
