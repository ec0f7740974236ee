import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** A command's options and words; a wrong one ends it with a sentence. */
export function readOptions<T extends ParseArgsOptionsConfig>(command: string, options: T) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    process.stderr.write(`${command}: ${describeWrongWords(error as Error)}; see --help\n`);
    process.exit(2);
  }
}

/** `parseArgs` explains at length, over several lines where a value begins with a dash: the first and the last say it. */
export function describeWrongWords({ message }: Error): string {
  const lines = message.split('\n');
  const first = lines[0]!.split('. ')[0]!.replace(/\.$/, '');
  return lines.length === 1 ? first : `${first}: ${lines.at(-1)!.replace(/^To/, 'to')}`;
}

/** Whoever reads may stop reading, as `head` does: no failure, and nothing more to say. */
export function endWithReader(): void {
  process.stdout.on('error', () => process.exit());
}
