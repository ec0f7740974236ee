import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Says in a sentence which folder of which option cannot be written. */
export class OutputFolderError extends Error {}

/** Before the work whose outcome goes there: made where it is missing, and refused in a sentence where it cannot be. */
export function makeOutputFolder(option: string, folder: string, mode?: number): void {
  try {
    makeFolder(folder, mode);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new OutputFolderError(describeUnwritable(option, folder, error as Error));
  }
  if (!statSync(folder).isDirectory()) throw new OutputFolderError(`${option}: got "${folder}", allowed is a folder`);
}

export const describeUnwritable = (option: string, folder: string, { message }: Error): string =>
  `${option}: ${folder} cannot be written (${message}); name another folder`;

/** Step by step: a recursive mkdir tries for ever where the system says ENOENT of a folder that is there, as Linux does in /proc. */
export function makeFolder(folder: string, mode?: number): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder), mode);
  try {
    mkdirSync(folder, mode);
  } catch (error) {
    // Another process may have made it by now, or the step before: `a/..` is there with `a`.
    if (!existsSync(folder)) throw error;
  }
}
