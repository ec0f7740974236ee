import { renameSync, writeFileSync } from 'node:fs';

/** Written beside and renamed: a process that is killed leaves the old file or the new one, never half of one. */
export function replaceFile(file: string, content: string | Uint8Array, mode = 0o666): void {
  writeFileSync(`${file}.new`, content, { mode });
  renameSync(`${file}.new`, file);
}
