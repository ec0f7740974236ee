import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseStage } from '../../lib/stage.ts';
import { suppliedStages } from '../../lib/stages.ts';
import { type Json, owner } from '../../local/engine.ts';
import { ownerKeyId } from '../../local/wire/credentials.ts';
import { openWholeStage } from '../lib/whole-stage.ts';
import { assemblyFolder, openLaptop, synthesise, type TestLaptop } from '../local/assembly.ts';
import { until } from '../until.ts';
import { commandsOf, type Ran, runAsNpm, runInShell } from './as-npm.ts';

/**
 * Every command of the guide is followed here, in its order: against the laptop where it has what is asked, and without
 * an account where it has not. A new command fails until it has a way.
 */
const guide = readFileSync('docs/deploy.md', 'utf8');
const commands = commandsOf(guide);

/** Run by another test, which is named. */
const elsewhere: Readonly<Record<string, RegExp>> = {
  '.ci/run': /^npm ci$/,
  'test/readme.test.ts': /^npm run synth -- dev$/,
  'test/local/deployed-stage.test.ts': /^npm start -- --stage dev$/,
  'test/ui/grafana/dashboards.test.ts': /^npm run dashboards$/,
  'test/ui/grafana/compose.test.ts': /^(export GRAFANA_PASSWORD|STORE(_DATABASE)?=).*/,
  // The console of AWS's own command line, for a bucket that no laptop has left full.
  'nowhere: it deletes what a person no longer wants':
    /^for kind in Versions DeleteMarkers; do aws s3api delete-objects .*$/,
};
/** Ends at the account, which is not there: with that sentence, after everything that needs none. */
const atTheAccount = /^npm run (preflight|bootstrap|deploy|destroy) -- (dev|prod)$/;

const folder = mkdtempSync(join(tmpdir(), 'factory-twin-guide-'));
const assembly = join(folder, 'cdk.out');
const { PATH = '' } = process.env;
const nobody = { PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true' };

describe('the deploy guide', () => {
  let test: TestLaptop;
  const receiver = createServer((_, response) => response.writeHead(204).end());
  const env = (): Record<string, string> => ({
    ...nobody,
    AWS_ENDPOINT_URL: test.laptop.url,
    AWS_ACCESS_KEY_ID: ownerKeyId,
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_REGION: 'us-east-1',
  });
  /** The laptop's stage is `local`, and its one channel a webhook. */
  const onLaptop = (command: string): string =>
    command
      .replace(/ -- dev /, ' -- local ')
      .replace('--stage dev', '--stage local')
      .replace('slack', 'webhook');
  const follow = async (command: string): Promise<Ran> => {
    const ran = command.startsWith('npm run ')
      ? await runAsNpm(onLaptop(command), env(), folder)
      : await runInShell(command, env(), folder);
    expect(ran.code, `${command}: ${ran.stderr}`).toBe(0);
    expect(ran.stderr).not.toMatch(/\n\s+at /);
    return ran;
  };
  const ask = (service: string, operation: string, input: Json): Promise<Json> =>
    test.laptop.cloud.call(service, operation, input, owner) as Promise<Json>;

  beforeAll(async () => {
    await synthesise();
    // CDK's command line puts its locks into the assembly it reads: into the shared one, while another test copies it.
    cpSync(assemblyFolder, assembly, { recursive: true });
    test = await openLaptop();
    await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
    mkdirSync(join(folder, '.local/credentials'), { recursive: true });
    // As `npm start` leaves it; of an account it is Amazon's, which `enroll` writes itself.
    writeFileSync(join(folder, '.local/credentials/ca.pem'), test.laptop.iot.caPem);
  });
  afterAll(async () => {
    await test?.stop();
    await new Promise((done) => receiver.close(done));
    rmSync(folder, { recursive: true });
  });

  const ways: Readonly<Record<string, readonly [RegExp, (command: string) => Promise<void>]>> = {
    list: [/^echo '\[.*\]' > machines\.json$/, async (command) => void (await follow(command))],
    register: [
      /^npm run registry -- dev import machines\.json$/,
      async (command) => {
        await follow(command);
        expect((await follow('npm run registry -- dev list')).stdout).toContain('CNC-001\tcnc-mill\tUlm\tA\tMill 1');
      },
    ],
    enrol: [
      /^npm run enroll -- dev CNC-001$/,
      async (command) => expect((await follow(command)).stderr).toContain('CNC-001: enrolled as cnc-mill'),
    ],
    drive: [
      /^npm run simulate -- --stage dev /,
      async (command) => {
        await follow(`${command} --duration 5s`);
        await until(() => {
          const totals = test.laptop.ledger.totals();
          expect(totals).toMatchObject({ stored: totals.published, difference: 0, inFlight: 0 });
          expect(totals.published).toBeGreaterThan(0);
        });
      },
    ],
    fillSecret: [
      /^aws secretsmanager put-secret-value --secret-id \S+ --secret-string \S+$/,
      async (command) => {
        const [, SecretId] = /--secret-id (\S+)/.exec(onLaptop(command).replace('-dev-', '-local-'))!;
        const SecretString = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
        await ask('secretsmanager', 'PutSecretValue', { SecretId: SecretId!, SecretString });
      },
    ],
    tellChannel: [/^npm run test-alert -- dev --channel slack$/, async (command) => void (await follow(command))],
    help: [/^npm run desk -- --help$/, async (command) => void (await follow(command))],
    named: [
      /^npm run enroll$/,
      async () => {
        const { stderr } = await runAsNpm('npm run enroll -- dev', nobody);
        expect(stderr).toBe('enroll: machine: got nothing; name at least one\n');
      },
    ],
    retire: [
      /^npm run retire -- dev CNC-001$/,
      async (command) => {
        await follow(command);
        const { principals } = await ask('iot', 'ListThingPrincipals', { thingName: 'CNC-001' });
        expect(principals).toEqual([]);
        const { things } = await ask('iot', 'ListThings', {});
        expect(JSON.stringify(things)).not.toContain('CNC-001');
      },
    ],
    unprotect: [
      /^for part in .* update-termination-protection --no-enable-termination-protection --stack-name \S+; done$/,
      async (command) => {
        const [, parts = ''] = /for part in ([\w ]+);/.exec(command) ?? [];
        const stacks = new Set(openWholeStage('prod', {}).resources.map(({ stack }) => stack));
        expect(parts.split(' ').toSorted()).toEqual([...stacks].toSorted());
        expect(command).toContain('FactoryTwin-prod-$part');
      },
    ],
    atTheAccount: [
      atTheAccount,
      async (command) => {
        const isCdk = !command.includes('preflight');
        // What was synthesised already: that a stage synthesises is shown elsewhere.
        const flags = isCdk ? ` -- --app ${assembly} --no-notices` : '';
        const force = command.includes('destroy') ? ' --force' : '';
        const { code, stdout, stderr } = await runAsNpm(`${command}${flags}${force}`, nobody);
        expect(code, command).not.toBe(0);
        expect(`${stdout}${stderr}`, command).toMatch(/no credentials have been configured|none that work were found/);
        if (/run (deploy|bootstrap)/.test(command)) expect(stderr).toContain('npm run preflight -- dev says what');
        if (command.endsWith('destroy -- prod')) expect(stderr).toContain('stage prod retains');
      },
    ],
  };
  const waysOf = (command: string): string[] => [
    ...Object.keys(elsewhere).filter((place) => elsewhere[place]!.test(command)),
    ...Object.keys(ways).filter((name) => ways[name]![0].test(command)),
  ];

  it('says nothing that is not followed, here or where it is named', () => {
    expect(commands.length).toBeGreaterThan(15);
    expect(commands.filter((command) => waysOf(command).length !== 1)).toEqual([]);
    expect(readFileSync('README.md', 'utf8')).toContain('\nnpm run synth -- dev\n');
  });

  it.each(commands.filter((command) => Object.values(ways).some(([pattern]) => pattern.test(command))))(
    '%s',
    async (command) => {
      const [, act] = Object.values(ways).find(([pattern]) => pattern.test(command))!;
      await act(command);
    },
    60_000,
  );

  it('shows parameters of a stage that a stage takes', () => {
    const shown = [...guide.matchAll(/```json\n([\s\S]*?)```/g), ...guide.matchAll(/`("[a-zA-Z]+": [{t][^`]*)`/g)];
    expect(shown.length).toBeGreaterThan(5);
    for (const [, text] of shown) {
      const given = JSON.parse(`{${text!.replaceAll('…', '0')}}`) as object;
      const isOfAlerting = 'amazonQ' in given || 'slackButtons' in given;
      const stage = { ...suppliedStages.dev, ...(isOfAlerting ? { alerting: given } : given) };
      expect(parseStage(stage), text).toMatchObject({ ok: true });
    }
  });
});
