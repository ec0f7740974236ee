import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

/** Every command of the README is run here, or named with the place that runs it. A new one fails until it is. */
const project = resolve(import.meta.dirname, '..');
const readme = readFileSync(join(project, 'README.md'), 'utf8');
const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split('\n'));
const scripts = (JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { scripts: Record<string, string> })
  .scripts;

const folder = mkdtempSync(join(tmpdir(), 'factory-twin-readme-'));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** These need an empty machine or never end: continuous integration runs both on each push. */
const runElsewhere = ['npm ci && npm start', 'npm ci && npm test'];
/** These talk to a system that runs. */
const beside = ['npm run status', 'npm run logs -- detection'];
const starts = commands.filter((command) => command.startsWith('npm start --'));
const plain = commands.filter((command) => ![...runElsewhere, ...beside, ...starts].includes(command));

/** Files of the examples land in a folder of this test; the laptop takes free ports and ends by itself. */
const place = (command: string): string =>
  command
    .replace(/(?<=--file |--labels |< )(?=[a-z-]+\.(?:ndjson|csv))/g, `${folder}/`)
    .replace(/(?<=--config )(?=[a-z-]+\.json)/g, `${folder}/`);
const quietly = (command: string): string =>
  `${command} --for 8s --port 0 --mqtt-port 0 --data ${folder}/data --assembly ${folder}/cdk.out`;
const here = (command: string): string => `${command} ${command.includes(' -- ') ? '' : '-- '}--data ${folder}/data`;

function run(
  command: string,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn('bash', ['-c', command], { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (texts.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (texts.stderr += data.toString()));
  return new Promise((done) => child.on('close', (code) => done({ code, ...texts })));
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((done) => setTimeout(done, 50));
}

describe('the README', () => {
  it('names only scripts that exist', () => {
    const named = [...readme.matchAll(/npm run (?:-s )?([a-z-]+)/g)].map(([, name]) => name!);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('links only to what is there', () => {
    const targets = [...readme.matchAll(/\]\(((?!https?:)[^)#]+)\)/g)].map(([, target]) => target!);
    expect(targets.filter((target) => !existsSync(join(project, target)))).toEqual([]);
  });

  it('is run by continuous integration as it says', () => {
    expect(readFileSync(join(project, '.ci/run'), 'utf8')).toMatch(/npm ci\nnpm test\n$/);
  });

  it.each(plain)(
    '%s',
    async (command) => {
      cpSync(join(project, 'core/machine-types/builtin/cnc-mill.json'), join(folder, 'my-types.json'));
      if (existsSync(join(folder, 'mill.ndjson')))
        cpSync(join(folder, 'mill.ndjson'), join(folder, 'my-recording.ndjson'));
      const { code, stderr } = await run(place(command));
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(code, stderr).toBe(0);
    },
    120_000,
  );

  it.each(starts)(
    '%s, and what is asked of it meanwhile',
    async (command) => {
      const running = run(quietly(command));
      const logs = join(folder, 'data/logs');
      await until(() => existsSync(logs) && readdirSync(logs).some((name) => name.includes('Detection')));
      await until(() => existsSync(join(folder, 'data/status.json')));
      for (const asked of beside) {
        const { code, stdout, stderr } = await run(here(asked));
        expect(code, stderr).toBe(0);
        expect(stdout).not.toBe('');
      }
      const { code, stderr } = await running;
      expect(code, stderr).toBe(0);
      expect(stderr).toMatch(/\d+ published = \d+ stored/);
    },
    120_000,
  );
});
