import { spawnSync } from 'node:child_process';
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
    logs.write('detection', line, '/aws/lambda/detection');
    logs.flush();
  }
  expect(told).toEqual([expect.stringMatching(/^lines wait, they cannot be written: EISDIR/)]);
  rmSync(join(folder, 'detection.log'), { recursive: true });
  logs.flush();
  expect(readFileSync(join(folder, 'detection.log'), 'utf8')).toBe('first\nsecond\n');
  rmSync(folder, { recursive: true });
});

it('keeps no process alive that has ended but for lines whose folder is gone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-files-'));
  const script = `
    import { rmSync } from 'node:fs';
    import { openLogFiles } from './local/logs/log-files.ts';
    const logs = openLogFiles(process.argv[1], () => undefined);
    rmSync(process.argv[1], { recursive: true });
    logs.write('detection', 'last', '/aws/lambda/detection');
    logs.flush();`;
  const { status, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script, folder], {
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  expect([status, signal]).toEqual([0, null]);
});
