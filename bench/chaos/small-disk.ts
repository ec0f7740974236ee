/** A disk that can be filled: a file system in memory, mounted where no other process sees it. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const insideKey = 'CHAOS_OWN_MOUNTS';
const ownMounts = ['--user', '--map-root-user', '--mount'];
const sizeMb = 64;
const chunk = Buffer.alloc(64 * 1024);

/** Runs this command again in a mount namespace of its own, which needs no root on Linux; undefined where that cannot be, or is so. */
export function runWithOwnMounts(args: readonly string[]): number | undefined {
  const env = { ...process.env, [insideKey]: '1' };
  if (process.env[insideKey] !== undefined || spawnSync('unshare', [...ownMounts, 'true']).status !== 0)
    return undefined;
  const command = [process.execPath, ...process.execArgv, ...args];
  return spawnSync('unshare', [...ownMounts, ...command], { stdio: 'inherit', env }).status ?? 1;
}

/** False where it may not. The mount ends with the processes that see it. */
export function mountSmallDisk(folder: string): boolean {
  if (process.env[insideKey] === undefined) return false;
  mkdirSync(folder, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', folder]).status === 0;
}

export const unmount = (folder: string): void => void spawnSync('umount', [folder]);

/** Not a byte is left. */
export function fillDisk(folder: string): void {
  const descriptor = openSync(join(folder, 'balloon'), 'w');
  try {
    for (;;) writeSync(descriptor, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(descriptor);
  }
}

export const freeDisk = (folder: string): void => rmSync(join(folder, 'balloon'), { force: true });
