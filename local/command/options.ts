import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** A command's options and words; a wrong one ends it with a sentence. */
export function readOptions<T extends ParseArgsOptionsConfig>(command: string, options: T) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    process.stderr.write(`${command}: ${(error as Error).message.split('. ')[0]}; see --help\n`);
    process.exit(2);
  }
}
