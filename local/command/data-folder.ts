/** Where a run keeps its data: one run at a time, and told in a sentence where it cannot be written. */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describeUnwritable, makeFolder } from '../../simulator/sinks/output-folder.ts';

/** Locked through SQLite: the system frees the lock of a process that is killed. */
const lockFile = 'run.lock';

export interface DataFolder {
  release(): void;
}

/** Makes the folder and takes it for this run; only then `fresh` forgets what earlier runs left in it. */
export function takeDataFolder(folder: string, fresh: boolean): DataFolder {
  try {
    makeFolder(folder);
    if (isOfOthers(folder)) throw new OfOthers(folder);
    mkdirSync(join(folder, 'logs'), { recursive: true });
    const lock = takeLock(join(folder, lockFile));
    if (fresh) empty(folder);
    return { release: () => lock.close() };
  } catch (error) {
    if (error instanceof OfOthers) throw error;
    throw new Error(describeProblem(folder, error as Error & { code?: string; errcode?: number }));
  }
}

class OfOthers extends Error {
  constructor(folder: string) {
    super(`--data: ${folder} holds files that are no run's, and a fresh start would delete them; name an empty folder`);
  }
}

/** A run marks its folder by the lock, which stays. Credentials may have been there before any run. */
const isOfOthers = (folder: string): boolean =>
  !existsSync(join(folder, lockFile)) && readdirSync(folder).some((name) => name !== 'credentials');

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
  return describeUnwritable('--data', folder, error);
}
