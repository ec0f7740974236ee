import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isCovered } from '../../../bench/rul/coverage.ts';
import { score } from '../../../bench/rul/report.ts';
import { run } from '../../../bench/rul.ts';
import { createRandom } from '../../../core/random/random.ts';

/** A small set in the shape of C-MAPSS: wear lifts sensors 2 and 3 ever faster, two operating conditions shift them all. */
function writeSet(folder: string): void {
  const random = createRandom(11);
  const header = [
    'machine_number',
    'uptime',
    'setting_1',
    'setting_2',
    'setting_3',
    ...Array.from({ length: 21 }, (_, s) => `sensor_${s + 1}`),
  ];
  const rowsOf = (unit: number, life: number, upTo: number): string[] =>
    Array.from({ length: upTo }, (_, i) => {
      const wear = Math.max(0, (i + 1) / life - 0.3) ** 2;
      const flight = random.next() < 0.5 ? 0 : 20;
      const sensors = Array.from(
        { length: 21 },
        (_, s) => 100 + flight + (s === 1 || s === 2 ? 20 * wear : 0) + random.normal(0, 0.3),
      );
      return [unit, i + 1, flight, 0.7, 100, ...sensors.map((v) => v.toFixed(3))].join(',');
    });
  const train: string[] = [];
  const test: string[] = [];
  const left: number[] = [];
  for (let unit = 1; unit <= 15; unit++) {
    const life = random.integer(80, 160);
    train.push(...rowsOf(unit, life, life));
    const testLife = random.integer(80, 160);
    const upTo = random.integer(40, testLife - 5);
    test.push(...rowsOf(unit, testLife, upTo));
    left.push(testLife - upTo);
  }
  writeFileSync(join(folder, 'train_FD002.csv.gz'), gzipSync([header.join(','), ...train].join('\n')));
  writeFileSync(join(folder, 'test_FD002.csv'), [header.join(','), ...test].join('\n'));
  writeFileSync(join(folder, 'RUL_FD002.txt'), `${left.join('\n')}\n`);
}

let folder: string;
let printed = '';
let told = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rul-'));
  writeSet(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function runBench(...args: string[]): Promise<number> {
  printed = '';
  told = '';
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  const err = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told += String(text);
    return true;
  });
  try {
    return await run(args);
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

describe('bench rul --set cmapss', () => {
  it('prints one object of the agreed shape, beats its controls, and tells progress beside it', async () => {
    await runBench('--set', 'cmapss', '--fd', 'FD002', '--data', folder, '--json');
    const report = JSON.parse(printed) as Record<string, number> & { controls: Record<string, { rmse: number }> };
    for (const key of [
      'set',
      'fd',
      'units',
      'rmse',
      'rmseBelow50',
      'phmScore',
      'coverage90',
      'meanWidth90',
      'alphaLambda',
      'lateShare',
      'trainSeconds',
      'windowsPerS',
      'controls',
    ]) {
      expect(report).toHaveProperty(key);
    }
    expect(report).toMatchObject({ set: 'cmapss', fd: 'FD002', units: 15, capCycles: 125 });
    expect(Object.keys(report.controls)).toEqual(['constant', 'ageOnly', 'ridgeOnLastCycle']);
    for (const control of Object.values(report.controls)) expect(report.rmse).toBeLessThan(control.rmse);
    expect(told).toContain('2 operating conditions');
    expect(told).toMatch(/part 8 of 8, 0 s left/);
  });

  it('says in one sentence which file is missing, and which cell is no number', async () => {
    expect(await runBench('--set', 'cmapss', '--fd', 'FD004', '--data', folder)).toBe(2);
    expect(told).toBe(`bench rul: --data: got no train_FD004.csv (nor train_FD004.csv.gz) in ${folder}\n`);
    writeFileSync(join(folder, 'train_FD003.csv'), `1,1,0,0,100,${'1,'.repeat(20)}oops\n`);
    expect(await runBench('--set', 'cmapss', '--fd', 'FD003', '--data', folder)).toBe(2);
    expect(told).toContain('train_FD003.csv line 1, column 26: got no number');
  });

  it('names what is allowed on a wrong command line', async () => {
    expect(await runBench('--set', 'turbofan')).toBe(2);
    expect(told).toBe('bench rul: --set: got "turbofan", allowed are cmapss, nasa-milling, ims, own\n');
    expect(await runBench('--help')).toBe(0);
    expect(printed).toContain('capped at 125');
  });
});

it('an interval that covers too little or too much fails, one within chance of so many units does not', () => {
  const band = { min: 0.88, max: 0.92 };
  expect(isCovered(0.9, 100, band)).toBe(true);
  expect(isCovered(0.94, 100, band)).toBe(true);
  expect(isCovered(0.8, 100, band)).toBe(false);
  expect(isCovered(0.83, 250, band)).toBe(false);
  expect(isCovered(1, 250, band)).toBe(false);
});

it('scores late promises dearer than early ones, and counts what lies within a fifth of the truth', () => {
  const truth = { remaining: Float64Array.of(100, 50, 10), lifeShare: Float64Array.of(0.2, 0.6, 0.9) };
  const told = (values: number[]) => ({
    values: Float64Array.from(values),
    lower: Float64Array.of(90, 40, 12),
    upper: Float64Array.of(110, 60, 14),
  });
  const early = score(truth, told([90, 40, 9]));
  const late = score(truth, told([110, 60, 13]));
  expect(late.phmScore).toBeGreaterThan(early.phmScore);
  expect(early).toMatchObject({ alphaLambda: 1, lateShare: 0, rmseBelow50: 1 });
  expect(late).toMatchObject({ alphaLambda: 0.5, lateShare: 0.5 });
  expect(late.coverage90).toBeCloseTo(2 / 3);
});
