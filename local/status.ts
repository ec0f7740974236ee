import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readOptions } from './command/options.ts';
import { describeReport, type Report } from './command/report.ts';

const help = `Says how the system that \`npm start\` runs is doing.

  npm run -s status [-- --json] [--data folder]

Exit code: 0 while it runs, 1 when it has ended or never ran.`;

/** A report is written each second; an older one is of a run that has ended. */
const staleMs = 3000;

const { values } = readOptions('status', {
  json: { type: 'boolean', default: false },
  data: { type: 'string', default: '.local' },
  help: { type: 'boolean', default: false },
});
const file = join(values.data, 'status.json');
if (values.help) process.stdout.write(`${help}\n`);
else if (!existsSync(file)) {
  process.stderr.write(`status: nothing has run here: there is no ${file}; begin with npm start\n`);
  process.exitCode = 1;
} else tellStatus();

function tellStatus(): void {
  const report = readReport();
  if (report?.publishToAlertMs === undefined) {
    process.stderr.write(`status: ${file} is no report of this version's npm start; the next start writes it anew\n`);
    process.exitCode = 1;
    return;
  }
  const isRunning = report.final !== true && Date.now() - statSync(file).mtimeMs < staleMs;
  if (values.json) process.stdout.write(`${JSON.stringify({ running: isRunning, ...report })}\n`);
  else process.stdout.write(`${isRunning ? 'running' : 'ended'}  ${describeReport(report)}\n`);
  process.exitCode = isRunning ? 0 : 1;
}

function readReport(): Report | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return null;
  }
}
