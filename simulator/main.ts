import { parseArguments } from './command/arguments.ts';
import { execute } from './command/execute.ts';
import { helpText } from './command/help.ts';

const parsed = parseArguments(process.argv.slice(2));
if (!parsed.ok) {
  process.stderr.write(`simulate: ${parsed.error}\n`);
  process.exitCode = 2;
} else if (parsed.value === 'help') {
  process.stdout.write(`${helpText}\n`);
} else {
  process.exitCode = await execute(parsed.value);
}
