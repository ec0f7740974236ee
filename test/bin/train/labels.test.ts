import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFoundStates, type Recorded } from '../../../bin/train/found-states.ts';
import { findMachineType, type LabelledSample, simulateLives } from '../../../bin/train/labelled-lives.ts';
import { readArchive } from '../../../bin/train/read-labelled.ts';
import { readLabels } from '../../../bin/train/read-labels.ts';
import { chooseEvenly, groupByUnit } from '../../../bin/train/rows.ts';
import type { Label } from '../../../core/maintenance/feedback.ts';

const machineType = 'centrifugal-pump';

const sketchLabel = (more: Partial<Label>): Label => ({
  schemaVersion: 1,
  machineId: 'PUMP-1',
  machineType,
  workOrderId: 'W-1',
  component: 'bearing',
  episodeId: null,
  code: 'bearing_heat',
  predicted: 'bearing_wear',
  actual: 'bearing_wear',
  result: 'confirmed',
  atMs: 5000,
  fromMs: 1000,
  untilMs: 4000,
  ...more,
});

const sampleAt = (atMs: number, state: string | null): Recorded => ({
  ...{ unit: 'PUMP-1', atMs, values: [], state, rulHours: null, failureMode: null },
});

describe('what people found', () => {
  const stateOf = (labels: Partial<Label>[], atMs: number, state: string | null) => {
    const sample = createFoundStates(labels.map(sketchLabel), machineType).relabel(sampleAt(atMs, state));
    return sample && [sample.state, sample.failureMode];
  };
  const noFault = { result: 'no_fault_found', actual: null } as const;

  it('tells the state of its machine from the asking to the work, and of no other time or machine', () => {
    for (const atMs of [1000, 4000]) expect(stateOf([{}], atMs, null)).toEqual(['FAULTY', 'bearing_wear']);
    for (const atMs of [999, 4001]) expect(stateOf([{}], atMs, null)).toBeNull();
    expect(stateOf([{ machineId: 'PUMP-2' }], 2000, null)).toBeNull();
    expect(stateOf([{ machineType: 'cnc-mill' }], 2000, null)).toBeNull();
    expect(stateOf([{}], 4001, 'HEALTHY')).toEqual(['HEALTHY', null]);
  });

  it('makes what was told sound faulty, by the cause that was found, and leaves how far it had grown', () => {
    expect(stateOf([{}], 2000, 'HEALTHY')).toEqual(['FAULTY', 'bearing_wear']);
    expect(stateOf([{ result: 'other_cause', actual: 'loose_foot' }], 2000, 'WARNING')).toEqual([
      'WARNING',
      'loose_foot',
    ]);
  });

  it('makes healthy where no fault was found, unless another order of that time found one', () => {
    expect(stateOf([noFault], 2000, 'FAULTY')).toEqual(['HEALTHY', null]);
    expect(stateOf([noFault, { component: 'seal' }], 2000, null)).toEqual(['FAULTY', 'bearing_wear']);
  });
});

describe('train --labels', () => {
  let folder: string;
  let archive: string;
  let lives: Map<string, readonly LabelledSample[]>;
  /** Pumps of which nobody but people tells the state: what they send is plain telemetry. */
  let silent: string[];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'labels-'));
    archive = join(folder, 'archive.ndjson');
    const all = groupByUnit(simulateLives({ machineType, units: 12, seed: 1 }));
    lives = new Map([...all].map(([unit, life]) => [unit, thin(life)]));
    silent = [...lives.keys()].slice(0, 4);
    writeFileSync(archive, [...lives.values()].flat().map(toLine).join(''));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const thin = (life: readonly LabelledSample[]) => {
    const keep = chooseEvenly(life, 20);
    return life.filter((_, i) => keep.has(i));
  };
  const toLine = ({ unit, atMs, state, values }: LabelledSample): string => {
    const payload: Record<string, unknown> = { machine_id: unit, machine_type: machineType };
    payload.timestamp = new Date(atMs).toISOString();
    findMachineType(machineType)!.signals.forEach(({ path }, i) => {
      put(payload, path.split('.'), values[i]!);
    });
    return `${JSON.stringify(silent.includes(unit) ? payload : { ...payload, state })}\n`;
  };
  const put = (into: Record<string, unknown>, [name = '', ...rest]: string[], value: number): void => {
    if (rest.length === 0) into[name] = Number.isNaN(value) ? undefined : value;
    else {
      into[name] ??= {};
      put(into[name] as Record<string, unknown>, rest, value);
    }
  };
  /** Of each silent pump: nothing found while it was sound, the fault confirmed at its end. */
  const findings = (): Label[] =>
    silent.flatMap((machineId) => {
      const life = lives.get(machineId)!;
      const span = (states: readonly string[]) => {
        const at = life.filter(({ state }) => states.includes(state)).map(({ atMs }) => atMs);
        return { machineId, fromMs: Math.min(...at), untilMs: Math.max(...at) };
      };
      return [
        sketchLabel({ ...span(['HEALTHY']), result: 'no_fault_found', actual: null }),
        sketchLabel(span(['FAULTY'])),
      ];
    });
  const countSilent = (state: string): number =>
    silent.flatMap((unit) => lives.get(unit)!).filter((sample) => sample.state === state).length;
  const write = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const train = (...args: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const all = ['bin/train.ts', '--machine-type', machineType, '--from', 'archive', '--data-path', archive, ...args];
      execFile(process.execPath, all, { encoding: 'utf8' }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      });
    });

  it('learns from telemetry that people told the state of, and reports how many labels met how many samples', async () => {
    const lines = [...findings(), sketchLabel({ machineId: 'MILL-1', machineType: 'cnc-mill' })];
    const labels = write('labels.ndjson', lines.map((label) => `${JSON.stringify(label)}\n`).join(''));
    const [plain, told] = [join(folder, 'plain'), join(folder, 'told')];
    const without = await train('--out', plain, '--json');
    const withLabels = await train('--out', told, '--labels', labels, '--json');
    expect([without.code, withLabels.code]).toEqual([0, 0]);
    const [before, after] = [JSON.parse(without.out), JSON.parse(withLabels.out)];
    const [sound, faulty] = [countSilent('HEALTHY'), countSilent('FAULTY')];
    expect(Math.min(sound, faulty)).toBeGreaterThan(40);
    expect(before).not.toHaveProperty('labels');
    expect(after.labels).toEqual({ given: 8, used: 8, samples: { HEALTHY: sound, faulty } });
    const rowsOf = (report: typeof after) => report.trainedOn.rows + report.evaluatedOn.rows;
    expect(rowsOf(after) - rowsOf(before)).toBe(sound + faulty);
    expect(after.trainedOn.sha256).not.toBe(before.trainedOn.sha256);
    const sentence = `findings: 8 labels of this type, 8 of them met ${sound} samples as HEALTHY and ${faulty} as faulty`;
    expect(withLabels.err).toContain(sentence);
    expect(readFileSync(join(told, `${machineType}.report.html`), 'utf8')).toContain(sentence);
    const model = JSON.parse(readFileSync(join(told, `${machineType}.json`), 'utf8'));
    expect(model.trainedOn.source).toBe('archive with 8 labels of findings');
  });

  it('takes the same by --json of the desk, and gives each sample the state and the cause that were found', () => {
    const labels = write('labels.json', `${JSON.stringify({ labels: findings() })}\n\n`);
    const found = createFoundStates(readLabels(labels), machineType);
    const samples = readArchive(archive, findMachineType(machineType)!, found);
    const [first = ''] = silent;
    const told = samples.filter(({ unit }) => unit === first);
    expect(told.map(({ state, failureMode }) => `${state} ${failureMode}`)).toEqual([
      ...Array.from({ length: 20 }, () => 'HEALTHY null'),
      ...Array.from({ length: 20 }, () => 'FAULTY bearing_wear'),
    ]);
  });

  it('names line and field of a malformed label, and trains nothing', async () => {
    const good = JSON.stringify(sketchLabel({}));
    const fail = async (name: string, text: string): Promise<string> => {
      const { code, err } = await train('--out', join(folder, 'none'), '--labels', write(name, text));
      expect(code).toBe(2);
      expect(err).not.toMatch(/\n\s+at /);
      return err;
    };
    const wrong = good.replace('"confirmed"', '"maybe"');
    expect(await fail('a.ndjson', `${good}\n${wrong}\n`)).toContain('a.ndjson line 2, result: got "maybe". ');
    expect(await fail('b.json', `{"labels":[${good},{}]}`)).toContain(
      'b.json line 1, label 2, schemaVersion: got nothing',
    );
    expect(await fail('c.ndjson', `${good}\noops\n`)).toContain('c.ndjson line 2: got no JSON');
    const backwards = good.replace('"untilMs":4000', '"untilMs":1');
    expect(await fail('d.ndjson', backwards)).toContain('d.ndjson line 1, untilMs: got 1. Too early');
    expect((await train('--labels', join(folder, 'nowhere'))).err).toContain('--labels: got');
  });

  it('goes with states from csv or the archive only, and needs moments', async () => {
    const labels = write('none.ndjson', '');
    expect((await train('--from', 'simulate', '--labels', labels)).err).toContain(
      'allowed are states from csv or archive',
    );
    expect((await train('--model', 'lives', '--labels', labels)).err).toContain('--labels: got');
    const header = ['unit', 'state', ...findMachineType(machineType)!.signals.map(({ path }) => path)].join(',');
    const csv = write('no-time.csv', `${header}\n`);
    const { err } = await train('--from', 'csv', '--data-path', csv, '--labels', labels);
    expect(err).toContain('got no column "timestamp", which --labels needs');
  });
});
