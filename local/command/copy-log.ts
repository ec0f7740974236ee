import { closeSync, openSync, readSync } from 'node:fs';

const chunkBytes = 65_536;

/**
 * Copies what is new in a log; gives how far it came. One that was begun anew, as a fresh start does, is read from its start; one that
 * is not there for now has nothing new.
 */
export function copyLog(file: string, from: number, write: (bytes: Buffer) => void): number {
  const descriptor = open(file);
  if (descriptor === null) return 0;
  try {
    const isShorter = from > 0 && readSync(descriptor, Buffer.alloc(1), 0, 1, from - 1) === 0;
    let at = isShorter ? 0 : from;
    for (;;) {
      const chunk = Buffer.alloc(chunkBytes);
      const read = readSync(descriptor, chunk, 0, chunkBytes, at);
      if (read === 0) return at;
      write(chunk.subarray(0, read));
      at += read;
    }
  } finally {
    closeSync(descriptor);
  }
}

function open(file: string): number | null {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
