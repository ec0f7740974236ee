/** Where a run keeps its data: one run at a time, and told in a sentence where it cannot be written. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Locked through SQLite: the system frees the lock of a process that is killed. */
const lockFile = 'run.lock';

export interface DataFolder {
  release(): void;
}

/** Makes the folder and takes it for this run; only then `fresh` forgets what earlier runs left in it. */
export function takeDataFolder(folder: string, fresh: boolean): DataFolder {
  try {
    makeFolder(folder);
    mkdirSync(join(folder, 'logs'), { recursive: true });
    const lock = takeLock(join(folder, lockFile));
    if (fresh) empty(folder);
    return { release: () => lock.close() };
  } catch (error) {
    throw new Error(describeProblem(folder, error as Error & { code?: string; errcode?: number }));
  }
}

/** Step by step: a recursive mkdir tries for ever where the system says ENOENT of a folder that is there, as Linux does in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

function takeLock(file: string): DatabaseSync {
  const lock = new DatabaseSync(file);
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}

function empty(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(lockFile)) rmSync(join(folder, name), { recursive: true, force: true });
  }
  mkdirSync(join(folder, 'logs'), { recursive: true });
}

const sqliteBusy = 5;

function describeProblem(folder: string, error: Error & { code?: string; errcode?: number }): string {
  if (error.errcode === sqliteBusy)
    return `${folder} is in use by another run; end that one, or name another folder with --data`;
  return `--data: ${folder} cannot be written (${error.message}); name another folder`;
}
