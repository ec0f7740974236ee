import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nabHeldOut } from '../../../bench/quality/nab-cross-validation.ts';
import { readNab } from '../../../bench/quality/nab-data.ts';
import { skab } from '../../../bench/quality/skab.ts';
import { createRandom } from '../../../core/random/random.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quality-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** A pump loop whose flow drops from row 600 to 900. */
function pumpLoop(seed: number): string {
  const random = createRandom(seed);
  const header =
    'datetime;Accelerometer1RMS;Accelerometer2RMS;Current;Pressure;Temperature;Thermocouple;Voltage;Volume Flow RateRMS;anomaly;changepoint';
  const rows = Array.from({ length: 1100 }, (_, i) => {
    const faulty = i >= 600 && i < 900 ? 1 : 0;
    const time = new Date(1_583_000_000_000 + i * 1000).toISOString().slice(0, 19).replace('T', ' ');
    const values = [0.03, 0.04, 1, 0.05, 70, 25, 230, 32 - 3 * faulty].map((v) => v + random.normal(0, 0.01 * v));
    return [time, ...values, `${faulty}.0`, i === 600 || i === 900 ? '1.0' : '0.0'].join(';');
  });
  return [header, ...rows].join('\n');
}

describe('the SKAB bench', () => {
  it('reads packed and plain files of any folder, and prints what the issue asks for', async () => {
    write('skab/valve9/1.csv', pumpLoop(1));
    write('skab/elsewhere/2.csv.gz', gzipSync(pumpLoop(2)));
    const report = await skab({ dataFolder: folder, tell: () => undefined });
    expect(report.files).toEqual(['elsewhere/2', 'valve9/1']);
    expect(report.ours).toMatchObject({ episodes: 2, episodesDetected: 2, falseAlarms: 0, alarmPrecision: 1 });
    expect(Object.keys(report.controls)).toEqual([
      'null',
      'random',
      'always-on',
      'fixed-rows',
      'last-value',
      'z-score',
    ]);
    expect(report.scores.f1).toBeGreaterThan(0.9);
    expect(report.scores.changePointNab).toBeGreaterThan(50);
  });

  it('says which folder it misses', async () => {
    const missing = skab({ dataFolder: join(folder, 'nowhere'), tell: () => undefined });
    await expect(missing).rejects.toThrow('nowhere');
  });
});

describe('the NAB reader', () => {
  it('finds a window’s rows by its times and leaves series without labels out', () => {
    const rows = Array.from({ length: 10 }, (_, i) => `2014-04-10 00:0${i}:00,${i}`);
    const series = ['timestamp,value', ...rows].join('\n');
    write('nab/data/real/a.csv', series);
    write('nab/data/real/unknown.csv', series);
    const window = ['2014-04-10 00:03:00.000000', '2014-04-10 00:05:00.000000'];
    write('nab/combined_windows.json', JSON.stringify({ 'real/a.csv': [window] }));
    const [recording, ...others] = readNab(folder);
    expect(others).toEqual([]);
    expect(recording!.windows).toEqual([[3, 5]]);
    expect([...recording!.labels]).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 0]);
  });
});

describe('the cross-validation of NAB', () => {
  it('finds a plain jump in each file by settings chosen on the others', () => {
    const random = createRandom(5);
    const recordings = ['a/1', 'a/2', 'b/1'].map((name, i) => {
      const jump = 300 + 20 * i;
      const values = Array.from({ length: 400 }, (_, row) => [random.normal(0, 0.3) + (row >= jump ? 40 : 0)]);
      const labels = Uint8Array.from(values, (_, row) => (row >= jump - 5 && row < jump + 35 ? 1 : 0));
      const windows = [[jump - 5, jump + 34] as const];
      const atS = Float64Array.from(values, (_, row) => 300 * row);
      return { name, atS, channels: ['value'], values, labels, windows, scoredFrom: 60 };
    });
    const found = nabHeldOut(recordings, { tpWeight: 1, fpWeight: 0.11, fnWeight: 1 }, () => undefined);
    for (const [name, folds] of [
      ['heldOutByFile', 3],
      ['heldOutByFolder', 2],
    ] as const) {
      const { nabStandardOwnThreshold, chosen } = found[name] as { nabStandardOwnThreshold: number; chosen: unknown[] };
      expect(nabStandardOwnThreshold).toBeGreaterThan(80);
      expect(chosen).toHaveLength(folds);
    }
  });
});
