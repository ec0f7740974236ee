import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeDataFolder } from '../../../local/command/data-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'data-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the data folder of a run', () => {
  it('is kept from a second run, which forgets nothing of it even when told to start fresh', () => {
    const taken = takeDataFolder(folder, false);
    writeFileSync(join(folder, 'samples'), 'precious');
    expect(() => takeDataFolder(folder, true)).toThrow(
      `${folder} is in use by another run; end that one, or name another folder with --data`,
    );
    expect(existsSync(join(folder, 'samples'))).toBe(true);
    taken.release();
  });

  it('goes to the next run with what it holds, or without when that starts fresh', () => {
    takeDataFolder(folder, false).release();
    mkdirSync(join(folder, 'timestream'));
    takeDataFolder(folder, false).release();
    expect(existsSync(join(folder, 'timestream'))).toBe(true);
    takeDataFolder(folder, true).release();
    expect([existsSync(join(folder, 'timestream')), existsSync(join(folder, 'logs'))]).toEqual([false, true]);
  });

  it('is refused where it holds files of others, which a fresh start would delete', () => {
    writeFileSync(join(folder, 'letter.txt'), 'precious');
    for (const fresh of [false, true]) {
      expect(() => takeDataFolder(folder, fresh)).toThrow(
        `--data: ${folder} holds files that are no run's, and a fresh start would delete them; name an empty folder`,
      );
    }
    expect(readdirSync(folder)).toEqual(['letter.txt']);
  });

  it('may hold the credentials of machines before the first run', () => {
    mkdirSync(join(folder, 'credentials'));
    takeDataFolder(folder, false).release();
    expect(existsSync(join(folder, 'credentials'))).toBe(true);
  });

  it('is refused in a sentence where it cannot be written', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const says = new RegExp(`^--data: ${file} cannot be written \\(ENOTDIR: .*\\); name another folder$`);
    expect(() => takeDataFolder(file, false)).toThrow(says);
  });

  it('is made with the folders above it', () => {
    const deep = join(folder, 'a', 'b');
    takeDataFolder(deep, false).release();
    expect(existsSync(join(deep, 'logs'))).toBe(true);
  });

  // In a process of its own, which can be ended: what tries for ever in the kernel's folder hears no signal of a test's time limit.
  it.runIf(existsSync('/proc/self'))('is refused where the system makes no folders', () => {
    const args = ['local/main.ts', '--data', '/proc/nowhere/data', '--no-simulator'];
    const { status, stderr, signal } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      timeout: 10_000,
      killSignal: 'SIGKILL',
    });
    expect([signal, status]).toEqual([null, 1]);
    expect(stderr).toMatch(
      /^start: --data: \/proc\/nowhere\/data cannot be written \(ENOENT: .*\); name another folder\n$/,
    );
  });
});
