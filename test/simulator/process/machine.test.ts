import { describe, expect, it } from 'vitest';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import { parseSample } from '../../../core/telemetry/parse.ts';
import type { FaultPlan, SimulatedSample } from '../../../simulator/machine.ts';
import { createProcessMachine, processFaultModes } from '../../../simulator/process/machine.ts';
import { PythonRandom } from '../../../simulator/process/mersenne-twister.ts';
import { roundHalfEven } from '../../../simulator/process/round.ts';

const run = (seed: number, count: number, faults: FaultPlan[] = []): SimulatedSample[] => {
  const options = { machineId: 'SEAS-CNC-01', seed, startMs: Date.UTC(2026, 0, 1), intervalMs: 2000, faults };
  const machine = createProcessMachine(options);
  return Array.from({ length: count }, () => machine.next());
};
const events = run(7, 240);

describe('the published run of 240 events', () => {
  it('carries the published number of each label', () => {
    const counts: Record<string, number> = {};
    for (const { payload } of events) {
      const label = String(payload.anomaly_label);
      counts[label] = (counts[label] ?? 0) + 1;
    }
    expect(counts).toEqual({
      normal: 183,
      chatter: 9,
      tool_wear: 18,
      thermal_drift: 17,
      feed_mismatch: 7,
      sensor_dropout: 6,
    });
  });

  it.each([
    [0, 'warmup', 27.29, 28.0, 28.42, 28.0, 0.251, 4.43],
    [46, 'roughing', 69.34, 58.12, 41.28, 41.96, 1.212, 11.82],
    [91, 'roughing', 82.66, 66.11, 43.21, 44.1, 0.521, 37.76],
    [137, 'finishing', 44.78, 42.72, 51.72, 37.91, 0.322, 28.49],
    [174, 'inspection', 27.84, 17.89, 30.94, 31.96, 0.334, 35.81],
    [208, 'roughing', null, 62.27, null, 43.07, null, 41.48],
  ])(
    'has the published values at event %i',
    (sequence, phase, load, expectedLoad, temp, expectedTemp, vibration, wear) => {
      expect(events[sequence]!.payload).toMatchObject({
        sequence,
        process_phase: phase,
        spindle_load_pct: load,
        expected_load_pct: expectedLoad,
        temperature_c: temp,
        expected_temperature_c: expectedTemp,
        vibration_rms: vibration,
        tool_wear_pct: wear,
      });
    },
  );

  it('has exactly the published fields, in their order', () => {
    expect(JSON.stringify(events[174]!.payload)).toBe(
      '{"timestamp":"2026-01-01T00:05:48.000Z","sequence":174,"topic":"factory/SEAS-CNC-01/process",' +
        '"machine_id":"SEAS-CNC-01","part_id":"BRACKET-6305","operation":"adaptive_cnc_milling",' +
        '"process_phase":"inspection","spindle_speed_rpm":2500,"feed_rate_mm_min":329,"spindle_load_pct":27.84,' +
        '"vibration_rms":0.334,"temperature_c":30.94,"tool_wear_pct":35.81,"expected_load_pct":17.89,' +
        '"expected_temperature_c":31.96,"anomaly_label":"feed_mismatch"}',
    );
  });

  it('is recognised by its fields, and its label never reaches a sample', () => {
    const context = { types: builtinMachineTypes, findType: () => undefined };
    for (const { payload } of events) {
      const parsed = parseSample(payload, context);
      if (!parsed.ok) throw new Error(parsed.error.message);
      expect(parsed.value.machineType).toBe('cnc-process');
      expect(JSON.stringify(parsed.value)).not.toContain(`"${payload.anomaly_label}"`);
    }
  });

  it('repeats itself byte by byte, and another seed gives another run', () => {
    expect(JSON.stringify(run(7, 240))).toBe(JSON.stringify(events));
    expect(run(8, 1)[0]!.payload.part_id).not.toBe('BRACKET-6305');
  });
});

describe('planned faults', () => {
  const plan = (mode: string, severity: number): FaultPlan => ({ mode, onsetS: 20, growthS: 0, severity });

  it.each(processFaultModes)('%s starts at its onset and severity 0 changes nothing', (mode) => {
    expect(JSON.stringify(run(3, 300, [plan(mode, 0)]))).toBe(JSON.stringify(run(3, 300)));
    const labels = run(3, 20, [plan(mode, 1)]).map(({ truth }) => truth.label);
    expect(labels).toEqual([...Array(10).fill('normal'), ...Array(10).fill(mode)]);
  });
});

describe('any run', () => {
  it('stays within the physical range of every signal', () => {
    const { signals } = builtinMachineTypes.find((type) => type.name === 'cnc-process')!;
    for (let seed = 0; seed < 20; seed++) {
      for (const { payload } of run(seed, 1000)) {
        for (const { path, physicalRange } of signals) {
          const value = payload[path] as number | null;
          if (value === null) continue;
          expect(value >= physicalRange.min && value <= physicalRange.max, `${path} ${value}`).toBe(true);
        }
      }
    }
  });
});

describe('PythonRandom', () => {
  /** Printed by CPython 3: Random(seed).getrandbits(32), .random(), .gauss(0, 1). */
  it.each([
    [0, 3626764237, 0.3852453064766108, 0.22179928933619306],
    [7, 1390851128, 0.9478653606090632, -0.24838025469634117],
    [4294967301, 675479763, 0.4854959643072383, 1.4629174511765757],
    [9007199254740991, 404802386, 0.5606237592017245, 0.036092713118410245],
  ])('draws what Python draws from seed %i', (seed, word, uniform, normal) => {
    const random = new PythonRandom(seed);
    expect(random.nextUint32()).toBe(word);
    expect(random.random()).toBe(uniform);
    expect(random.gauss(0, 1)).toBe(normal);
  });
});

describe('roundHalfEven', () => {
  /** Printed by CPython 3: round(value, digits). */
  it.each([
    [0.125, 2, 0.12],
    [0.375, 2, 0.38],
    [2.675, 2, 2.67],
    [1.005, 2, 1.0],
    [0.0625, 3, 0.062],
    [-0.125, 2, -0.12],
    [2.5, 0, 2],
    [329.00000000000006, 1, 329],
  ])('gives for %d to %i decimals %d', (value, digits, rounded) => {
    expect(roundHalfEven(value, digits)).toBe(rounded);
  });
});
