import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyLog } from './command/copy-log.ts';
import { endWithReader, readOptions } from './command/options.ts';

const help = `Prints the log of a function, or of the simulator.

  npm run -s logs -- <part of its name> [--follow] [--data folder]`;

const pollMs = 200;

const { values, positionals } = readOptions('logs', {
  follow: { type: 'boolean', default: false },
  data: { type: 'string', default: '.local' },
  help: { type: 'boolean', default: false },
});
endWithReader();
if (values.help) process.stdout.write(`${help}\n`);
else process.exitCode = await print(positionals[0] ?? '', join(values.data, 'logs'), values.follow);

async function print(name: string, folder: string, follow: boolean): Promise<number> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const found = names.filter((file) => file.toLowerCase().includes(name.toLowerCase()));
  const [file] = found;
  if (file === undefined || found.length > 1) {
    process.stderr.write(`logs: ${describeChoice(name, names, found, folder)}\n`);
    return 1;
  }
  let at = 0;
  do {
    at = copyLog(join(folder, file), at, (bytes) => process.stdout.write(bytes));
    if (follow) await sleep(pollMs);
  } while (follow);
  return 0;
}

function describeChoice(name: string, names: readonly string[], found: readonly string[], folder: string): string {
  if (names.length === 0) return `nothing has run here: there is no log in ${folder}; begin with npm start`;
  if (name === '') return `name one of ${names.join(', ')}`;
  if (found.length === 0)
    return `no log is named like "${name}" (a function has one once it has run); there are ${names.join(', ')}`;
  return `"${name}" could be ${found.join(', ')}`;
}
