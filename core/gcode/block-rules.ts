import { groupOfG, groupOfM, isCycle, knownGCodes, knownMCodes, takesAxisWords } from './codes.ts';
import type { Arguments, Word } from './program.ts';

/** The parts of a block that its rules look at. */
export interface BlockWords {
  readonly gCodes: readonly Word[];
  readonly mCodes: readonly Word[];
  readonly arguments: Arguments;
}

export interface BrokenRule {
  readonly word: Word | undefined;
  readonly reason: string;
}

/** What one block alone can get wrong, first fault first; what depends on earlier blocks is the interpreter's to find. */
export function findBrokenRule(block: BlockWords): BrokenRule | null {
  return (
    findUnknownCode(block) ??
    findConflict(block.gCodes, groupOfG) ??
    findConflict(block.mCodes, groupOfM) ??
    findAxisConflict(block) ??
    findBadValue(block.arguments) ??
    findMissingWord(block)
  );
}

function findUnknownCode(block: BlockWords): BrokenRule | null {
  const g = block.gCodes.find((word) => !groupOfG.has(word.value));
  if (g !== undefined) return { word: g, reason: `unknown G code, allowed are ${knownGCodes}` };
  const m = block.mCodes.find((word) => !groupOfM.has(word.value));
  return m === undefined ? null : { word: m, reason: `unknown M code, allowed are ${knownMCodes}` };
}

function findConflict(codes: readonly Word[], groups: ReadonlyMap<number, string>): BrokenRule | null {
  if (codes.length < 2) return null;
  const seen = new Map<string, Word>();
  for (const word of codes) {
    const group = groups.get(word.value)!;
    const earlier = seen.get(group);
    if (earlier !== undefined) {
      return { word, reason: `contradicts ${earlier.text}, one code of the group "${group}" is allowed in a block` };
    }
    seen.set(group, word);
  }
  return null;
}

function findAxisConflict(block: BlockWords): BrokenRule | null {
  if (block.gCodes.length < 2) return null;
  const taker = block.gCodes.find((word) => takesAxisWords(word.value));
  if (taker === undefined) return null;
  const motion = block.gCodes.find((word) => groupOfG.get(word.value) === 'motion' && word.value > 1);
  if (motion === undefined) return null;
  return { word: motion, reason: `${taker.text} already takes the axis words of this block` };
}

const wholeLetters = ['D', 'H', 'L', 'T'] as const;
const positiveLetters = ['D', 'F', 'H', 'L', 'P', 'Q', 'S', 'T'] as const;

function findBadValue(words: Arguments): BrokenRule | null {
  for (const letter of wholeLetters) {
    const word = words[letter];
    if (word !== undefined && !Number.isInteger(word.value))
      return { word, reason: `${letter} must be a whole number` };
  }
  for (const letter of positiveLetters) {
    const word = words[letter];
    if (word !== undefined && word.value < 0) return { word, reason: `${letter} must not be negative` };
  }
  return null;
}

function findMissingWord(block: BlockWords): BrokenRule | null {
  for (const word of block.gCodes) {
    const reason = explainMissing(word.value, block.arguments);
    if (reason !== null) return { word, reason };
  }
  const call = block.mCodes.find((word) => word.value === 98);
  if (call === undefined || block.arguments.P !== undefined) return null;
  return { word: call, reason: 'a subprogram call needs P with the program number' };
}

function explainMissing(code: number, a: Arguments): string | null {
  if (code === 2 || code === 3) return explainArc(a);
  if (code === 4 && a.P === undefined && a.X === undefined) return 'a dwell needs P (milliseconds) or X (seconds)';
  if (code === 4 && (a.X?.value ?? 0) < 0) return 'a dwell must not be negative';
  if (code === 92 && !hasAxis(a) && a.S === undefined) return 'G92 needs X, Y, Z, or S for the highest spindle speed';
  if (code === 93 && hasAxis(a) && a.F === undefined) return 'inverse time feed needs F in every block that moves';
  if (isCycle(code) && a.L !== undefined && a.K !== undefined)
    return 'give the repeats of a cycle by L or by K, not both';
  return null;
}

function explainArc(a: Arguments): string | null {
  const hasCentre = a.I !== undefined || a.J !== undefined || a.K !== undefined;
  if (hasCentre && a.R !== undefined) return 'an arc takes its centre I J K or its radius R, not both';
  if (!hasCentre && a.R === undefined) return 'an arc needs its centre I J K or its radius R';
  return null;
}

const hasAxis = (a: Arguments): boolean => a.X !== undefined || a.Y !== undefined || a.Z !== undefined;
