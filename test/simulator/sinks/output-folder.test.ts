import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeCredentials, writeEndpoint } from '../../../bin/fleet/credentials-folder.ts';
import { makeOutputFolder } from '../../../simulator/sinks/output-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a folder to write in', () => {
  it('is made with those above it, for nobody else where keys go there', () => {
    const deep = join(folder, 'a', 'b');
    makeOutputFolder('--out', deep, 0o700);
    expect([deep, join(folder, 'a')].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
  });

  it('is made also where making one above it makes another of them', () => {
    makeOutputFolder('--out', `${folder}/a/../b`);
    expect(['a', 'b'].map((name) => existsSync(join(folder, name)))).toEqual([true, true]);
  });

  it('is refused in a sentence that names its option where it is a file, or below one', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => makeOutputFolder('--report', file)).toThrow(`--report: got "${file}", allowed is a folder`);
    const below = join(file, 'credentials');
    const says = new RegExp(`^--out: ${below}\\S* cannot be written \\(ENOTDIR: .*\\); name another folder$`);
    const keys = { certificatePem: '', privateKeyPem: '' };
    expect(() => writeEndpoint(below, 'localhost')).toThrow(says);
    expect(() => writeCredentials(below, 'CNC-001', keys as never)).toThrow(says);
  });

  // Processes of their own, which can be ended: what tries for ever hears no signal of a test's time limit.
  it.runIf(existsSync('/proc/self')).each([
    ['bin/train.ts', ['--machine-type', 'centrifugal-pump', '--out', '/proc/nowhere/models'], 2, 'train: --out'],
    ['bin/train.ts', ['--machine-type', 'centrifugal-pump', '--model', 'lives', '--out', '/proc/nowhere/models'], 2],
    ['scripts/screenshots.ts', ['--password', 'any', '--out', '/proc/nowhere/models'], 1, 'screenshots: --out'],
  ])('%s %j is refused at once where the system makes no folders', (program, args, code, begins = 'train: --out') => {
    const run = { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL', cwd: process.cwd() } as const;
    const { status, stderr, signal } = spawnSync(process.execPath, [program, ...args], run);
    expect([signal, status]).toEqual([null, code]);
    expect(stderr).toMatch(
      new RegExp(`^${begins}: /proc/nowhere/models cannot be written \\(ENOENT: .*\\); name another folder\\n$`),
    );
  });
});
