import { isCycle, takesAxisWords } from '../../../core/gcode/codes.ts';
import type { ArgumentLetter, Block, Word } from '../../../core/gcode/program.ts';

/** Words that mean something in every block. */
const always: readonly ArgumentLetter[] = ['F', 'S', 'T', 'D', 'H', 'X', 'Y', 'Z'];

/** A known letter that nothing in its block uses is a slip, and a slip must not be passed over. */
export function findUnusedWord(block: Block, motion: number): Word | undefined {
  const words = Object.values(block.arguments);
  if (words.every((word) => always.includes(word.letter as ArgumentLetter))) return undefined;
  const used = new Set<string>([...always, ...lettersOf(block, motion)]);
  return words.find((word) => !used.has(word.letter));
}

function lettersOf(block: Block, motion: number): string {
  const oneShot = block.gCodes.find((code) => takesAxisWords(code.value))?.value;
  let letters = '';
  if (oneShot === 4 || oneShot === 30) letters += 'P';
  if (oneShot === undefined && (motion === 2 || motion === 3)) letters += 'IJKR';
  if (oneShot === undefined && isCycle(motion)) letters += lettersOfCycle(motion);
  for (const code of block.mCodes) {
    if (code.value === 98) letters += 'PL';
    if (code.value === 99) letters += 'P';
  }
  return letters;
}

function lettersOfCycle(code: number): string {
  const takesPecks = code === 73 || code === 83 || code === 87;
  return `RLK${takesPecks ? 'Q' : ''}${code === 81 ? '' : 'P'}`;
}
