import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openLogFiles } from '../../../local/logs/log-files.ts';

it('keeps lines that cannot be written, says so once, and writes them in order when there is room', () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-files-'));
  const told: string[] = [];
  const logs = openLogFiles(folder, (message) => told.push(message));
  // A folder in the file's place stands for a disk without room.
  mkdirSync(join(folder, 'detection.log'));
  for (const line of ['first', 'second']) {
    logs.write('detection', line);
    logs.flush();
  }
  expect(told).toEqual([expect.stringMatching(/^lines wait, they cannot be written: EISDIR/)]);
  rmSync(join(folder, 'detection.log'), { recursive: true });
  logs.flush();
  expect(readFileSync(join(folder, 'detection.log'), 'utf8')).toBe('first\nsecond\n');
  rmSync(folder, { recursive: true });
});
