import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Refusal, requireStage, runCommand } from './command/run-command.ts';

const help = `npm run synth -- <stage>       templates into cdk.out; needs no account
npm run bootstrap -- <stage>   once for an account and region: the bucket and the roles by which CDK deploys
npm run deploy -- <stage>      creates or updates the stage's stacks (npm run preflight -- <stage> first)
npm run destroy -- <stage>     removes them; what the stage retains stays
  What follows a further -- goes to cdk as it is: npm run deploy -- dev -- --require-approval never`;

const cdkArguments: Readonly<Record<string, readonly string[]>> = {
  synth: ['synth', '--quiet'],
  bootstrap: ['bootstrap'],
  deploy: ['deploy', '--all'],
  destroy: ['destroy', '--all'],
};

/** Each of them is an npm script of its own name. */
const [name = ''] = process.argv.slice(2);
await runCommand(name in cdkArguments ? name : 'stage', help, async (args) => {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const [action = '', stageName, ...forCdk] = positionals;
  const command = cdkArguments[action];
  if (command === undefined)
    throw new Refusal(`action: got "${action}", allowed are ${Object.keys(cdkArguments).join(', ')}`);
  const stage = requireStage(stageName);
  if (stage.laptop && action !== 'synth') {
    throw new Refusal(`stage ${stage.name} is the laptop's: npm start runs it, there is nothing to ${action}`);
  }
  const cdk = join(import.meta.dirname, '../node_modules/aws-cdk/bin/cdk');
  const { status } = spawnSync(process.execPath, [cdk, ...command, '-c', `stage=${stage.name}`, ...forCdk], {
    stdio: 'inherit',
    cwd: join(import.meta.dirname, '..'),
  });
  if (status !== 0 && action === 'destroy' && stage.removal === 'retain') {
    console.error(
      `stage ${stage.name} retains, so its stacks are protected from deletion; docs/deploy.md, "Back to nothing", lifts that`,
    );
  }
  if (status !== 0 && (action === 'deploy' || action === 'bootstrap')) {
    console.error(`npm run preflight -- ${stage.name} says what the account lacks, each with its mend`);
  }
  return status ?? 1;
});
