import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const project = resolve(import.meta.dirname, '../..');

/** Runs `npm run <script> -- …` as npm does, without the second that npm takes for it, wherever it is called. */
export function runAsNpm(command: string, env: Readonly<Record<string, string>>, cwd = project): Promise<Ran> {
  const { scripts } = JSON.parse(readFileSync(`${project}/package.json`, 'utf8')) as {
    scripts: Record<string, string>;
  };
  const [, name = '', rest = ''] = /^npm run ([a-z-]+) -- (.*)$/.exec(command) ?? [];
  const script = scripts[name] ?? `echo no script "${name}" >&2; false`;
  return runInShell(`${script.replace(/^node /, `${process.execPath} ${project}/`)} ${rest}`, env, cwd);
}

export function runInShell(line: string, env: Readonly<Record<string, string>>, cwd = project): Promise<Ran> {
  // Each loads the same clients: compiled once, they are there at once.
  const NODE_COMPILE_CACHE = `${project}/node_modules/.cache/compiled`;
  const child = spawn('bash', ['-c', line], {
    cwd,
    env: { ...env, NODE_COMPILE_CACHE },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (texts.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (texts.stderr += data.toString()));
  return new Promise((done) => child.on('close', (code) => done({ code, ...texts })));
}

/** The lines of a page's shell blocks, and the commands that it names in passing. */
export function commandsOf(page: string): string[] {
  const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split('\n'));
  const passing = [...page.matchAll(/`((?:npm|npx|aws|docker) [^`]+)`/g)].map(([, command]) => command!);
  return [...new Set([...blocks, ...passing].map((line) => line.replace(/\s+# .*$/, '').trim()))];
}
