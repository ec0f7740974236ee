import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Everything that a run has written below a folder. */
export const readFilesBelow = (folder: string): readonly { readonly name: string; readonly text: string }[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({ name, text: readFileSync(join(parentPath, name), 'utf8') }));
