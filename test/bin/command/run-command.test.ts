import { parseArgs } from 'node:util';
import { afterEach, expect, it, vi } from 'vitest';
import { Refusal, runCommand } from '../../../bin/command/run-command.ts';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

it.each<[string, () => number, string, number]>([
  ['an option that does not exist', () => parseOptions(['--nope']), "fly: Unknown option '--nope'; see --help\n", 2],
  ['a refusal', () => refuse(), 'fly: action: got "up"\n', 2],
])('tells %s in one line that begins with the command’s name', async (_what, main, line, exitCode) => {
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await runCommand('fly', 'help', async () => main());
  expect(told.mock.calls).toEqual([[line]]);
  expect(process.exitCode).toBe(exitCode);
});

function parseOptions(args: string[]): number {
  return parseArgs({ args, options: {} }).positionals.length;
}

function refuse(): never {
  throw new Refusal('action: got "up"');
}
