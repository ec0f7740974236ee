import { parseArgs } from 'node:util';
import { connectionFor, describeError, Refusal, requireStage, runCommand } from './command/run-command.ts';
import { checkCredentials, listChecks } from './preflight/checks.ts';
import { type Check, type Finding, fail, formatFinding } from './preflight/finding.ts';

const help = `npm run preflight -- <stage> [--json]
  Asks the account whether the stage can be deployed there, and changes nothing. Each line is pass, warn or fail with the
  mend. Exit code 1 when something fails.`;

await runCommand('preflight', help, async (args) => {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { json: { type: 'boolean' } } });
  const stage = requireStage(positionals[0]);
  if (stage.laptop) throw new Refusal('the laptop has no account to be asked; name a stage for AWS, like dev');
  const connection = connectionFor(stage);
  const credentials = checkCredentials(stage, connection);
  const findings: [Check, Finding][] = [[credentials, await attempt(credentials)]];
  if (findings[0]![1].level === 'pass') {
    for (const check of listChecks(stage, connection)) findings.push([check, await attempt(check)]);
  }
  for (const [check, finding] of findings) {
    console.log(values.json ? JSON.stringify({ check: check.name, ...finding }) : formatFinding(check.name, finding));
  }
  return findings.some(([, { level }]) => level === 'fail') ? 1 : 0;
});

/** A check that cannot be made is told as such; the others are made all the same. */
async function attempt(check: Check): Promise<Finding> {
  try {
    return await check.run();
  } catch (error) {
    return fail(describeError(error), 'mend this first; the check could not be made');
  }
}
