import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyLog } from '../../../local/command/copy-log.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'copy-log-'));
  file = join(folder, 'detection.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a reader who has come so far is shown, and how far they are then. */
function follow(from: number): [text: string, at: number] {
  const parts: Buffer[] = [];
  const at = copyLog(file, from, (bytes) => parts.push(bytes));
  return [Buffer.concat(parts).toString(), at];
}

describe('a log that is followed', () => {
  it('shows what is new, however long', () => {
    writeFileSync(file, 'one\n');
    expect(follow(0)).toEqual(['one\n', 4]);
    expect(follow(4)).toEqual(['', 4]);
    const long = `${'ü'.repeat(100_000)}\n`;
    appendFileSync(file, long);
    expect(follow(4)).toEqual([long, 4 + Buffer.byteLength(long)]);
  });

  it('goes on where a fresh start took the log away and began it anew', () => {
    writeFileSync(file, 'one\ntwo\n');
    expect(follow(0)).toEqual(['one\ntwo\n', 8]);
    rmSync(file);
    expect(follow(8)).toEqual(['', 0]);
    writeFileSync(file, 'new\n');
    expect(follow(0)).toEqual(['new\n', 4]);
    expect(follow(8)).toEqual(['new\n', 4]);
  });
});
