import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findMachineType } from '../../../bin/train/labelled-lives.ts';
import { readCsv } from '../../../bin/train/read-labelled.ts';
import { splitLives } from '../../../bin/train/train-model.ts';

let folder: string;
let csv: string;

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function command(program: string, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { encoding: 'utf8', maxBuffer: 1e8 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'train-'));
  csv = join(folder, 'pump.csv');
  await command('bin/export-training.ts', '--machine-type', 'centrifugal-pump', '--units', '12', '--file', csv);
});
afterAll(() => rmSync(folder, { recursive: true }));

const train = (...args: string[]): Promise<Outcome> =>
  command('bin/train.ts', '--machine-type', 'centrifugal-pump', ...args);

describe('export-training', () => {
  it('writes as many samples of each state, with unit, label and remaining life', () => {
    const [header, ...lines] = readFileSync(csv, 'utf8').trim().split('\n');
    expect(header).toMatch(/^unit,timestamp,state,failure_mode,rul_hours,speed_rpm,/);
    const counts = Map.groupBy(lines, (line) => line.split(',')[2]);
    expect([...counts.keys()].sort()).toEqual(['BROKEN', 'FAULTY', 'HEALTHY', 'WARNING']);
    expect(new Set([...counts.values()].map((of) => of.length)).size).toBe(1);
  });

  it('writes the same as Parquet: names, types, gaps and order', async () => {
    const file = join(folder, 'pump.parquet');
    const { code } = await command(
      'bin/export-training.ts',
      '--machine-type',
      'centrifugal-pump',
      '--units',
      '12',
      '--format',
      'parquet',
      '--file',
      file,
    );
    expect(code).toBe(0);
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file) });
    const lines = readFileSync(csv, 'utf8').trim().split('\n');
    const header = lines[0]!.split(',');
    const asText = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value ?? ''));
    expect(Object.keys(rows[0]!)).toEqual(header);
    expect(rows.map((row) => header.map((name) => asText(row[name])).join(','))).toEqual(lines.slice(1));
  });
});

describe('train', () => {
  it('makes the same model byte for byte from the same data, with a report beside it', async () => {
    const [once, again] = [join(folder, 'once'), join(folder, 'again')];
    const first = await train('--from', 'csv', '--data-path', csv, '--out', once, '--json');
    await train('--from', 'csv', '--data-path', csv, '--out', again);
    expect(first.code).toBe(0);
    expect(JSON.parse(first.out)).toMatchObject({ promoted: true, source: 'csv', inForce: null });
    expect(readFileSync(join(again, 'centrifugal-pump.json'))).toEqual(
      readFileSync(join(once, 'centrifugal-pump.json')),
    );
    expect(readFileSync(join(once, 'centrifugal-pump.report.html'), 'utf8')).toContain('<h2>Calibration</h2>');
  });

  it('refuses a model that is worse than the one in force, which stays', async () => {
    const out = join(folder, 'force');
    await train('--from', 'csv', '--data-path', csv, '--out', out);
    const before = readFileSync(join(out, 'centrifugal-pump.json'), 'utf8');
    const [header, ...lines] = readFileSync(csv, 'utf8').trim().split('\n');
    // A fifth of the units keeps its labels to judge by; the others learn from mixed-up ones.
    const states = ['HEALTHY', 'WARNING', 'FAULTY', 'BROKEN'];
    const { judged } = splitLives(readCsv(csv, findMachineType('centrifugal-pump')!));
    const mixed = lines.map((line, i) => {
      const cells = line.split(',');
      return judged.has(cells[0]!) ? line : [cells[0], cells[1], states[i % 4], ...cells.slice(3)].join(',');
    });
    const worse = join(folder, 'worse.csv');
    writeFileSync(worse, `${[header, ...mixed].join('\n')}\n`);
    const { code, out: told } = await train('--from', 'csv', '--data-path', worse, '--out', out);
    expect(code).toBe(1);
    expect(told).toMatch(/^Refused: macro F1 .* which stays\./);
    expect(readFileSync(join(out, 'centrifugal-pump.json'), 'utf8')).toBe(before);
  });

  it('learns the same from the archive, packed and in folders, as from the table', async () => {
    const archive = join(folder, 'archive', '2026', '01');
    mkdirSync(archive, { recursive: true });
    const [header, ...lines] = readFileSync(csv, 'utf8').trim().split('\n');
    const names = header!.split(',');
    const payloads = lines.map((line) => {
      const cells = line.split(',');
      const given = names.map((name, i) => [
        name,
        name === 'unit' || Number.isNaN(Number(cells[i])) ? cells[i] : Number(cells[i]),
      ]);
      return { ...Object.fromEntries(given), machine_id: cells[0], machine_type: 'centrifugal-pump' };
    });
    const half = payloads.length >> 1;
    const toText = (of: readonly unknown[]): string => of.map((payload) => `${JSON.stringify(payload)}\n`).join('');
    writeFileSync(join(archive, 'a.gz'), gzipSync(toText(payloads.slice(0, half))));
    writeFileSync(join(archive, 'b'), `${JSON.stringify({ samples: payloads.slice(half) })}\n`);
    const [out, beside] = [join(folder, 'of-archive'), join(folder, 'of-csv')];
    const { code } = await train('--from', 'archive', '--data-path', join(folder, 'archive'), '--out', out);
    await train('--from', 'csv', '--data-path', csv, '--out', beside);
    expect(code).toBe(0);
    const read = (of: string) => JSON.parse(readFileSync(join(of, 'centrifugal-pump.json'), 'utf8'));
    expect(read(out).trainedOn).toEqual({ ...read(beside).trainedOn, source: 'archive' });
    expect(read(out).forest).toEqual(read(beside).forest);
  });

  it('teaches trees by finished lives of a file, and refuses them where they are no better', async () => {
    const file = join(folder, 'lives.ndjson');
    const life = (i: number) => {
      const hours = 5 + (i % 12) + i / 1000;
      const curve = Array.from({ length: 40 }, (_, k) => ({
        hours: (hours * (k + 1)) / 40,
        index: ((k + 1) / 40) ** 2,
      }));
      return `${JSON.stringify({ failureMode: 'bearing_wear', onsetHours: hours, curve })}\n`;
    };
    writeFileSync(file, Array.from({ length: 80 }, (_, i) => life(i)).join(''));
    const args = [
      '--model',
      'lives',
      '--from',
      'archive',
      '--data-path',
      file,
      '--out',
      join(folder, 'lives'),
      '--json',
    ];
    const { code, out } = await train(...args);
    expect(code).toBe(0);
    const { lives, promoted } = JSON.parse(out);
    expect(promoted).toBe(true);
    expect(lives.taught + lives.judged).toBe(80);
    expect(lives.judged).toBeGreaterThan(5);
    writeFileSync(file, 'oops\n');
    expect((await train(...args)).err).toContain('lives.ndjson line 1: got no JSON');
  });

  it('names line and column of a malformed CSV and trains nothing', async () => {
    const broken = join(folder, 'broken.csv');
    const lines = readFileSync(csv, 'utf8').split('\n');
    lines[3] = lines[3]!.replace(/,[^,]*$/, ',oops');
    writeFileSync(broken, lines.join('\n'));
    const { code, err } = await train('--from', 'csv', '--data-path', broken, '--out', join(folder, 'none'));
    expect(code).toBe(2);
    expect(err).toContain('broken.csv line 4, column runtime_hours: got "oops", allowed is a number or nothing');
    expect(err).not.toContain('    at ');
  });

  it('says what is allowed on a wrong command line', async () => {
    expect((await command('bin/train.ts', '--machine-type', 'lathe')).err).toContain(
      'allowed are centrifugal-pump, cnc-mill',
    );
    expect((await train('--from', 'csv')).err).toContain('--data-path: got nothing');
  });
});
