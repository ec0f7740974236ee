import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { describeWrongWords } from '../../simulator/command/wrong-words.ts';

/** A command's options and words; a wrong one ends it with a sentence. */
export function readOptions<T extends ParseArgsOptionsConfig>(command: string, options: T) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    process.stderr.write(`${command}: ${describeWrongWords(error as Error)}; see --help\n`);
    process.exit(2);
  }
}

/** Whoever reads may stop reading, as `head` does: no failure, and nothing more to say. */
export function endWithReader(): void {
  process.stdout.on('error', () => process.exit());
}
