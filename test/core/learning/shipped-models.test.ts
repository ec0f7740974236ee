import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openArtefact } from '../../../core/learning/artefact.ts';
import { openLifeArtefact } from '../../../core/prognosis/life-artefact.ts';

const shipped = 'core/learning/models';
const types = ['centrifugal-pump', 'cnc-mill', 'cnc-process', 'generic'];
const typesWithLives = ['centrifugal-pump', 'cnc-mill'];
/** The quickest is remade on every run; the others take minutes: REMAKE_MODELS=1. */
const isLong = process.env.REMAKE_MODELS === undefined;

const read = (file: string): string => readFileSync(join(shipped, file), 'utf8');

/** By the very command that the help names. */
function remake(machineType: string, model: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'models-'));
  try {
    const args = ['bin/train.ts', '--machine-type', machineType, '--model', model, '--out', folder];
    execFileSync(process.execPath, args, { stdio: 'pipe' });
    return readFileSync(join(folder, model === 'lives' ? `${machineType}.lives.json` : `${machineType}.json`), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.each(types)('the state model shipped for %s', (name) => {
  it('opens, is the one its report tells of, and takes less than 2 MB', () => {
    const opened = openArtefact(read(`${name}.json`), name);
    if (!opened.ok) throw new Error(opened.error);
    const report = JSON.parse(readFileSync(`docs/models/${name}.report.json`, 'utf8'));
    expect(opened.value.model.version).toBe(report.modelVersion);
    expect(opened.value.artefact.metrics.macroF1).toBe(report.states.macroF1);
    expect(opened.value.artefact.trainedOn.sha256).toBe(report.trainedOn.sha256);
    expect(read(`${name}.json`).length).toBeLessThan(2e6);
  });

  it.skipIf(isLong && name !== 'cnc-process')('is remade byte for byte', { timeout: 600_000 }, () => {
    expect(remake(name, 'states') === read(`${name}.json`)).toBe(true);
  });
});

describe.each(typesWithLives)('the trees shipped for the lives of %s', (name) => {
  const text = read(`${name}.lives.json`);

  it('open, know every mode that wears, and beat the methods that need no finished lives', () => {
    const opened = openLifeArtefact(text, name);
    if (!opened.ok) throw new Error(opened.error);
    expect(opened.value.lives).toBeGreaterThanOrEqual(50);
    const report = JSON.parse(readFileSync(`docs/models/${name}.lives.report.json`, 'utf8'));
    expect(report.trees.alphaLambda).toBeGreaterThan(report.withoutTrees.alphaLambda);
  });

  it.each([
    ['no JSON', 'oops', 'the file is not JSON'],
    ['another machine type', text, 'allowed is "lathe"'],
    ['a damaged file', text.replace('"lives":', '"lives":1'), 'the file is damaged'],
  ])('are refused as %s in one sentence', (_, given, sentence) => {
    const machineType = sentence.includes('lathe') ? 'lathe' : name;
    expect(openLifeArtefact(given, machineType)).toEqual({ ok: false, error: expect.stringContaining(sentence) });
  });

  it.skipIf(isLong)('are remade byte for byte', { timeout: 600_000 }, () => {
    expect(remake(name, 'lives') === text).toBe(true);
  });
});
