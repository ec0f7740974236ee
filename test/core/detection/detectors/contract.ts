import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DetectorInput, DetectorOutput, DetectorState } from '../../../../core/detection/detector.ts';
import { readGolden } from './golden.ts';
import { alarmsAtTheEnd, createDetector, makeRows, type Scenario } from './scenario.ts';

const trickyValues = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.7e308, -1.7e308, 5e-324];
const chanceSeeds = Array.from({ length: 20 }, (_, i) => i + 1);

/** The laws of every detector: whoever implements the port passes this suite unchanged. */
export function itKeepsTheLawsOfDetectors(scenario: Scenario): void {
  const { kind, channels } = scenario;
  const rows = makeRows(scenario, 7, scenario.trainRows + 40, true);
  const run = (inputs: readonly DetectorInput[], detector = createDetector(scenario)): DetectorOutput[] =>
    inputs.map((input) => detector.update(input));

  describe(`${kind.name} keeps the laws of detectors`, () => {
    it('never changes its input or the state it is given', () => {
      const state = deepFreeze(savedAfter(scenario, rows));
      const detector = kind.create({ channels, config: deepFreeze(scenario.config), saved: state });
      run(deepFreeze(structuredClone(rows)), detector);
    });

    it('gives the same output for the same input', () => {
      expect(run(rows)).toEqual(run(rows));
    });

    it('goes on identically after its state went through JSON, at any moment', () => {
      const whole = run(rows);
      for (const cut of [0, 1, 9, Math.floor(scenario.trainRows / 2), scenario.trainRows, scenario.trainRows + 5]) {
        const saved = JSON.parse(JSON.stringify(savedAfter(scenario, rows.slice(0, cut)))) as DetectorState;
        const resumed = kind.create({ channels, config: scenario.config, saved });
        expect(run(rows.slice(cut), resumed)).toEqual(whole.slice(cut));
      }
    });

    it('saves a state that later updates leave alone', () => {
      const detector = createDetector(scenario);
      run(rows.slice(0, 20), detector);
      const saved = detector.save();
      const before = JSON.stringify(saved);
      run(rows.slice(20), detector);
      expect(JSON.stringify(saved)).toBe(before);
    });

    it('loads the states that its versions saved', () => {
      for (let version = 1; version <= kind.version; version++) {
        const golden = readGolden(scenario, version);
        const detector = kind.create({ channels: golden.channels, config: golden.config, saved: golden.state });
        expect(run(golden.inputs, detector)).toEqual(golden.outputs);
      }
    });

    it('refuses the state of another detector and of a version to come', () => {
      const saved = createDetector(scenario).save();
      const load = (state: DetectorState) => () => kind.create({ channels, config: scenario.config, saved: state });
      expect(load({ ...saved, detector: 'other' })).toThrow('other');
      expect(load({ ...saved, version: kind.version + 1 })).toThrow(`version ${kind.version + 1}`);
    });

    it('survives missing, infinite and enormous values, and isn’t poisoned by them', () => {
      const detector = createDetector(scenario);
      run(rows.slice(0, scenario.trainRows), detector);
      const last = rows[scenario.trainRows - 1]!.atMs;
      trickyValues.forEach((value, i) => {
        const output = detector.update({ atMs: last + i * 1000, values: channels.map(() => value) });
        expectSound(output);
        expectSound(detector.update({ atMs: last + i * 1000, values: [] }));
      });
      expect(JSON.parse(JSON.stringify(detector.save()))).toEqual(detector.save());
      const healthy = makeRows(scenario, 11, 3 * scenario.trainRows).map((r) => ({ ...r, atMs: r.atMs + 1e7 }));
      const outputs = run(healthy, detector);
      expect(outputs.slice(-scenario.trainRows).some((output) => output.alarm)).toBe(false);
      const fault = makeRows(scenario, 12, scenario.trainRows + 40, true).map((r) => ({ ...r, atMs: r.atMs + 2e7 }));
      expect(run(fault, detector).some((output) => output.alarm)).toBe(true);
    });

    it('survives wild values from the first sample on', () => {
      const detector = createDetector(scenario);
      rows.forEach((row, i) => {
        const values = row.values.map((v, c) => (i % 5 === c ? trickyValues[i % trickyValues.length]! : v));
        expectSound(detector.update({ ...row, values }));
      });
    });

    it('answers soundly whatever arrives, in whatever order of time', () => {
      const anyRow = fc.record({
        atMs: fc.integer({ min: 0, max: 2_000_000_000_000 }),
        values: fc.array(fc.double(), { minLength: channels.length, maxLength: channels.length }),
      });
      const warm = savedAfter(scenario, rows.slice(0, scenario.trainRows));
      fc.assert(
        fc.property(fc.array(anyRow, { maxLength: 30 }), fc.boolean(), (inputs, isWarm) => {
          const detector = kind.create({ channels, config: scenario.config, ...(isWarm ? { saved: warm } : {}) });
          for (const input of inputs) expectSound(detector.update(input));
          expect(JSON.parse(JSON.stringify(detector.save()))).toEqual(detector.save());
        }),
        { numRuns: 30, seed: 1 },
      );
    });

    it('raises nothing on a constant signal', () => {
      const { values } = makeRows(scenario, 3, 1)[0]!;
      const constant = rows.map((row) => ({ ...row, values }));
      expect(run(constant).filter((output) => output.alarm)).toEqual([]);
    });

    it('says the same whatever the order of its channels', () => {
      const reversed = kind.create({ channels: [...channels].reverse(), config: scenario.config });
      const outputs = run(
        rows.map((row) => ({ ...row, values: [...row.values].reverse() })),
        reversed,
      );
      const restored = outputs.map((o) => ({ ...o, contributions: o.contributions && [...o.contributions].reverse() }));
      expect(restored).toEqual(run(rows));
    });

    it('finds planted faults far oftener than it cries over healthy rows', () => {
      const share = (faulty: boolean): number =>
        chanceSeeds.filter((seed) => alarmsAtTheEnd(scenario, seed, faulty)).length / chanceSeeds.length;
      expect(share(true)).toBeGreaterThanOrEqual(0.9);
      expect(share(false)).toBeLessThanOrEqual(0.1);
    });

    it('keeps no more, however long the history', () => {
      const detector = createDetector(scenario);
      const size = (): number => JSON.stringify(detector.save()).replace(/-?\d[\d.e+-]*/g, '0').length;
      run(makeRows(scenario, 5, 2 * scenario.trainRows + 200), detector);
      const early = size();
      run(makeRows(scenario, 6, 4 * scenario.trainRows + 400), detector);
      expect(size()).toBeLessThanOrEqual(early * 1.02);
    });

    it('shares the score out among the channels', () => {
      for (const { contributions } of run(rows)) {
        if (contributions === null) continue;
        expect(contributions.every((share) => share >= 0)).toBe(true);
        expect(contributions.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      }
    });
  });
}

function savedAfter(scenario: Scenario, rows: readonly DetectorInput[]): DetectorState {
  const detector = createDetector(scenario);
  for (const row of rows) detector.update(row);
  return detector.save();
}

function expectSound(output: DetectorOutput): void {
  expect(Number.isFinite(output.score)).toBe(true);
  expect(output.score).toBeGreaterThanOrEqual(0);
  expect(output.alarm && output.warmingUp).toBe(false);
  expect(output.contributions?.every(Number.isFinite) ?? true).toBe(true);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
