import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  it('writes the same as Parquet', async () => {
    const file = join(folder, 'pump.parquet');
    const { code } = await command(
      'bin/export-training.ts',
      '--machine-type',
      'centrifugal-pump',
      '--units',
      '6',
      '--format',
      'parquet',
      '--file',
      file,
    );
    expect(code).toBe(0);
    expect(readFileSync(file).subarray(0, 4).toString('latin1')).toBe('PAR1');
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
    const { judged } = splitLives(readCsv(csv, findMachineType('centrifugal-pump')!), 1);
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
