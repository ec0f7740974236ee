import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { describeLead, installClock, openClock, saveClock } from '../../local/clock.ts';

const RealDate = Date;
const folder = mkdtempSync(join(tmpdir(), 'factory-twin-clock-'));
const file = join(folder, 'clock.json');
afterEach(() => {
  globalThis.Date = RealDate;
  rmSync(file, { force: true });
});

const dayMs = 86_400_000;

it('goes on from where a faster run ended, so that no sample is older than one before', () => {
  const fast = { realStartMs: RealDate.now() - 60_000, startMs: RealDate.now() - 60_000, speed: 60 };
  saveClock(file, fast);
  const next = openClock(file, 1);
  expect(next.startMs).toBeGreaterThanOrEqual(RealDate.now() + 58 * 60_000);
  expect(describeLead(next)).toMatch(/^59 min ahead: .*--fresh/);
});

it('is the real clock where nothing ran faster, and leaves no file', () => {
  const clock = openClock(file, 1);
  saveClock(file, clock);
  expect(describeLead(clock)).toBeNull();
  expect(openClock(file, 1).startMs).toBeLessThanOrEqual(RealDate.now());
});

it('sets what Date says, and leaves dates that are given as they are', () => {
  const realStartMs = RealDate.now();
  const clock = { realStartMs, startMs: realStartMs + dayMs, speed: 1 };
  installClock(clock);
  expect(Date.now()).toBeGreaterThanOrEqual(realStartMs + dayMs);
  expect(new Date().toISOString() >= new Date(realStartMs + dayMs).toISOString()).toBe(true);
  expect(new Date(5).toISOString()).toBe('1970-01-01T00:00:00.005Z');
  expect(new Date() instanceof Date).toBe(true);
  expect(Date.UTC(2026, 0)).toBe(1_767_225_600_000);
});

it('holds in the workers of functions too', async () => {
  const realStartMs = RealDate.now();
  installClock({ realStartMs, startMs: realStartMs + dayMs, speed: 1 });
  const clockModule = join(import.meta.dirname, '../../local/clock.ts');
  const source = `import(${JSON.stringify(clockModule)}).then(({ inheritClock }) => {
    inheritClock();
    require('node:worker_threads').parentPort.postMessage(Date.now());
  });`;
  const worker = new Worker(source, { eval: true });
  const told = await new Promise<number>((done, fail) => {
    worker.once('message', done);
    worker.once('error', fail);
  });
  await worker.terminate();
  expect(told).toBeGreaterThanOrEqual(realStartMs + dayMs);
});
