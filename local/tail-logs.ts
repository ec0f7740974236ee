import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readOptions } from './command/options.ts';

const help = `Prints the log of a function, or of the simulator.

  npm run -s logs -- <part of its name> [--follow] [--data folder]`;

const pollMs = 200;

const { values, positionals } = readOptions('logs', {
  follow: { type: 'boolean', default: false },
  data: { type: 'string', default: '.local' },
  help: { type: 'boolean', default: false },
});
if (values.help) process.stdout.write(`${help}\n`);
else process.exitCode = await print(positionals[0] ?? '', join(values.data, 'logs'), values.follow);

async function print(name: string, folder: string, follow: boolean): Promise<number> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const found = names.filter((file) => file.toLowerCase().includes(name.toLowerCase()));
  const [file] = found;
  if (file === undefined || found.length > 1) {
    const fits = name === '' ? 'name one' : `"${name}" is part of ${found.length} names`;
    process.stderr.write(`logs: ${fits}; there are ${names.join(', ') || 'none yet'}\n`);
    return 1;
  }
  let at = 0;
  do {
    at = copyFrom(join(folder, file), at);
    if (follow) await sleep(pollMs);
  } while (follow);
  return 0;
}

/** Copies what is new to stdout; gives how far it came. A file that was begun anew is read from its start. */
function copyFrom(file: string, at: number): number {
  const { size } = statSync(file);
  const start = size < at ? 0 : at;
  const bytes = Buffer.alloc(size - start);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, bytes, 0, bytes.length, start);
  closeSync(descriptor);
  process.stdout.write(bytes);
  return size;
}
