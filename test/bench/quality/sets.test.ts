import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ims } from '../../../bench/quality/ims.ts';
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

  it('tells no score of files in which nothing fails, and refuses one that ends with its training', async () => {
    const healthy = pumpLoop(3)
      .replaceAll(/;1\.0;/g, ';0.0;')
      .replaceAll(/;1\.0$/gm, ';0.0');
    write('healthy/skab/other/1.csv', healthy);
    const report = await skab({ dataFolder: join(folder, 'healthy'), tell: () => undefined });
    expect(report.ours).toMatchObject({ episodes: 0, delayMedianS: null, vusPr: null });
    expect(JSON.parse(JSON.stringify(report.scores))).toMatchObject({ mar: null });
    write('short/skab/1.csv', healthy.split('\n').slice(0, 400).join('\n'));
    const short = skab({ dataFolder: join(folder, 'short'), tell: () => undefined });
    await expect(short).rejects.toThrow('1: got 399 rows, more than the 400 for training are needed');
  });

  it('says which folder it misses', async () => {
    const missing = skab({ dataFolder: join(folder, 'nowhere'), tell: () => undefined });
    await expect(missing).rejects.toThrow('nowhere');
  });
});

describe('the IMS bench', () => {
  it('judges the bearing that failed in the set that the file names', async () => {
    const random = createRandom(7);
    const header = 'timestamp,bearing,rms_g,hf_rms_g,env_bpfo,env_bpfi,env_bsf';
    const rows = Array.from({ length: 900 }, (_, i) => i).flatMap((i) => {
      const time = new Date(1_080_000_000_000 + i * 600_000).toISOString().replaceAll(/[-T:]/g, '.').slice(0, 19);
      return [1, 2, 3, 4].map((bearing) => {
        const growth = bearing === 3 && i >= 480 ? 3 : 1;
        const levels = [0.07, 0.05, 0.004 * growth, 0.003, 0.004].map((level) => level * random.normal(1, 0.03));
        return [time, bearing, ...levels].join(',');
      });
    });
    write('ims/ims_set3_features.csv', [header, ...rows].join('\n'));
    const { ours, scores } = await ims({ dataFolder: folder, tell: () => undefined });
    expect(ours).toMatchObject({ episodes: 1, episodesDetected: 1, falseAlarms: 0, causeTop1: 1 });
    expect(scores).toMatchObject({ firstBearing: 3, alarmsBeforeOnset: 0 });
    expect(scores.leadHours).toBeGreaterThan(68);
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

  it('refuses a window that holds no row, and windows that are no JSON', () => {
    write('late/nab/data/a.csv', 'timestamp,value\n2014-04-10 00:00:00,1');
    const readWith = (windows: string) => {
      write('late/nab/combined_windows.json', windows);
      return () => readNab(join(folder, 'late'));
    };
    const window = ['2015-01-01 00:00:00', '2015-01-02 00:00:00'];
    expect(readWith(JSON.stringify({ 'a.csv': [window] }))).toThrow('a: got a window 2015-01-01');
    expect(readWith('{ "a.csv": [')).toThrow('combined_windows.json: got no JSON');
    expect(readWith('{}')).toThrow('got no series');
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
