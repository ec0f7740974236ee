import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { replaceFolder } from '../../../local/command/page.ts';

const folder = mkdtempSync(join(tmpdir(), 'page-'));
afterAll(() => rmSync(folder, { recursive: true }));

function make(name: string, ...files: string[]): string {
  const path = join(folder, name);
  mkdirSync(path);
  for (const file of files) writeFileSync(join(path, file), '');
  return path;
}

describe('a folder that is replaced', () => {
  it('holds what was made and nothing of what was there', () => {
    const built = make('built', 'index.html', 'old.js');
    const made = make('made', 'index.html', 'new.js');
    replaceFolder(built, made);
    expect(readdirSync(built).toSorted()).toEqual(['index.html', 'new.js']);
    expect(readdirSync(folder)).toEqual(['built']);
  });

  it('comes to be where there was none', () => {
    replaceFolder(join(folder, 'first'), make('made', 'index.html'));
    expect(readdirSync(join(folder, 'first'))).toEqual(['index.html']);
  });
});
