import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { failure, type Result, success } from '../../core/result.ts';

export const sets = ['cmapss', 'nasa-milling', 'ims', 'own'] as const;
export type RulSet = (typeof sets)[number];
export const fds = ['FD001', 'FD002', 'FD003', 'FD004'] as const;

export interface RulOptions {
  readonly set: RulSet;
  readonly data: string;
  readonly fd: (typeof fds)[number];
  readonly json: boolean;
  /** Keep the result in bench/results, with machine and date. */
  readonly write: boolean;
}

export const helpText = `How well is remaining life foretold?

  npm run -s bench -- rul --set cmapss --fd FD001 --json

  --set name     ${sets.join(', ')}
  --data folder  the public sets, or this set's own folder (default ../shared/data); own needs none
  --fd name      ${fds.join(', ')} of cmapss (default FD001)
  --json         one JSON object on stdout instead of a table
  --write        keep the result in bench/results, with machine and date

RMSE, PHM score, coverage and mean width of the 90 % interval, α-λ (share within 20 % of the truth from half of life on) and
lateShare (share above 120 % of the truth there), each beside controls that see less. cmapss: target and truth are capped at 125
cycles; it trains on train_FDxxx and is judged on the last row of each unit of test_FDxxx. windowsPerS counts prepared windows,
points and intervals. Exit code: 0, 1 when the interval's coverage
lies outside .88 to .92 (own: .85 to .95) by more than the chance of so many units, 2 when the command line or the data are wrong.`;

export function parseRulArguments(args: string[]): Result<RulOptions | 'help', string> {
  let values: Record<string, string | boolean | undefined>;
  try {
    const options = {
      set: { type: 'string' },
      data: { type: 'string' },
      fd: { type: 'string' },
      json: { type: 'boolean' },
      write: { type: 'boolean' },
      help: { type: 'boolean' },
    } as const;
    values = parseArgs({ args, options }).values;
  } catch (error) {
    return failure((error as Error).message);
  }
  if (values.help) return success('help');
  const set = sets.find((name) => name === values.set);
  if (set === undefined) return failure(`--set: got "${values.set ?? 'nothing'}", allowed are ${sets.join(', ')}`);
  const fd = fds.find((name) => name === (values.fd ?? 'FD001'));
  if (fd === undefined) return failure(`--fd: got "${values.fd}", allowed are ${fds.join(', ')}`);
  const data = findFolder((values.data as string | undefined) ?? '../shared/data', set);
  return success({ set, fd, data, json: values.json === true, write: values.write === true });
}

/** The folder of all sets, as the other benches take it, or the set's own. */
function findFolder(given: string, set: RulSet): string {
  const inner = join(given, set);
  return existsSync(inner) ? inner : given;
}
