import { describe, expect, it } from 'vitest';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import { cncFaultModes, createCncMachine } from '../../../simulator/cnc/machine.ts';
import type { FaultPlan } from '../../../simulator/machine.ts';
import { createScriptedMill, run } from './scripted-mill.ts';

const type = builtinMachineTypes.find((t) => t.name === 'cnc-mill')!;
const onsetS = 120;
const growthS = 1200;
const runS = 1800;

type Values = Readonly<Record<string, number>>;

function readRun(faults: readonly FaultPlan[], seed = 7, samples = runS) {
  const machine = createCncMachine({ machineId: 'CNC-001', seed, startMs: 0, intervalMs: 1000, faults });
  const bytes: string[] = [];
  const values: Values[] = [];
  const truths: readonly { readonly mode: string; readonly level: number }[][] = [];
  for (let i = 0; i < samples; i++) {
    const { payload, truth } = machine.next();
    bytes.push(JSON.stringify(payload));
    values.push(Object.fromEntries(type.signals.map((s) => [s.name, readPath(payload, s.path)])));
    (truths as { mode: string; level: number }[][]).push([...truth.faults]);
  }
  return { bytes, values, truths };
}

const readPath = (payload: object, path: string): number =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], payload) as number;

const plan = (mode: string, changes: Partial<FaultPlan> = {}): FaultPlan => ({
  mode,
  onsetS,
  growthS,
  severity: 1,
  ...changes,
});

const healthy = readRun([]);
const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;

/** Mean change of each signal against the same machine without the fault, over a stretch of the run. */
function changes(
  faulty: readonly Values[],
  fromS: number,
  toS: number,
  where: (values: Values) => boolean = () => true,
) {
  const seconds = Array.from({ length: toS - fromS }, (_, i) => fromS + i).filter((s) => where(healthy.values[s]!));
  return (signal: string): number => mean(seconds.map((s) => faulty[s]![signal]! - healthy.values[s]![signal]!));
}

describe('a fault of severity 0', () => {
  it('leaves no byte different from no fault at all, and no trace in the ground truth', () => {
    const none = healthy.bytes.slice(0, 400);
    for (const mode of cncFaultModes) {
      const zero = readRun([plan(mode, { severity: 0, onsetS: 0, growthS: 0 })], 7, 400);
      expect(zero.bytes, mode).toEqual(none);
      expect(zero.truths.flat()).toEqual([]);
    }
  });

  it('and one that has not begun: not a byte either', () => {
    const all = cncFaultModes.map((mode) => plan(mode, { onsetS: 400 }));
    expect(readRun(all, 7, 400).bytes).toEqual(healthy.bytes.slice(0, 400));
  });
});

describe('each fault moves what it moves in a real mill, and nothing else', () => {
  it('tool wear: force, load, power, tooth vibration and the measured wear rise, beyond the change limit', () => {
    const { values, truths } = readRun([plan('tool_wear')]);
    const change = changes(values, 1400, runS, (v) => v.planned_power_kw! > 0.3);
    expect(change('spindle_load_percent')).toBeGreaterThan(1);
    expect(change('spindle_power_kw')).toBeGreaterThan(0.2);
    expect(change('spindle_vibration_tooth_mm_s')).toBeGreaterThan(0.1);
    expect(change('tool_wear_percent')).toBeGreaterThan(70);
    expect(Math.max(...values.map((v) => v.tool_wear_percent!))).toBeGreaterThan(110);
    expect(Math.max(...healthy.values.map((v) => v.tool_wear_percent!))).toBeLessThan(100);
    for (const signal of ['spindle_bearing_envelope_g', 'x_reversal_error_um', 'coolant_flow_lpm', 'coolant_ph']) {
      expect(change(signal), signal).toBe(0);
    }
    expect(truths.at(-1)).toEqual([{ mode: 'tool_wear', component: 'tool', level: 1 }]);
  });

  it('bearing wear: the envelope first, vibration later, warmth last', () => {
    const { values } = readRun([plan('spindle_bearing_wear')]);
    const turning = (v: Values): boolean => v.spindle_rpm! > 4000;
    const share = (signal: string, fromS: number, toS: number): number => {
      const seconds = Array.from({ length: toS - fromS }, (_, i) => fromS + i).filter((s) =>
        turning(healthy.values[s]!),
      );
      return mean(seconds.map((s) => values[s]![signal]!)) / mean(seconds.map((s) => healthy.values[s]![signal]!)) - 1;
    };
    // At a tenth to a fifth of the growth only the envelope tells.
    expect(share('spindle_bearing_envelope_g', 240, 360)).toBeGreaterThan(1.5);
    expect(share('spindle_vibration_mm_s', 240, 360)).toBeLessThan(0.1);
    expect(share('spindle_bearing_temperature_c', 240, 360)).toBeLessThan(0.01);
    // At two thirds vibration has doubled while the bearing is still cool.
    expect(share('spindle_vibration_mm_s', 850, 1000)).toBeGreaterThan(0.5);
    expect(share('spindle_bearing_temperature_c', 850, 1000)).toBeLessThan(0.15);
    expect(share('spindle_bearing_temperature_c', 1500, runS)).toBeGreaterThan(0.25);
    expect(share('spindle_power_kw', 1500, runS)).toBeGreaterThan(0.05);
    expect(share('coolant_flow_lpm', 1500, runS)).toBe(0);
    expect(share('tool_wear_percent', 1500, runS)).toBe(0);
  });

  it('coolant degradation: less flow at more pressure, a warmer and thinner emulsion, faster wear', () => {
    const { values } = readRun([plan('coolant_degradation')]);
    const change = changes(values, 1400, runS, (v) => v.coolant_flow_lpm! > 10);
    expect(change('coolant_flow_lpm')).toBeLessThan(-3);
    expect(change('coolant_pressure_bar')).toBeGreaterThan(0.3);
    expect(change('coolant_temperature_c')).toBeGreaterThan(0.8);
    expect(change('coolant_concentration_percent')).toBeLessThan(-3);
    expect(change('coolant_ph')).toBeLessThan(-0.8);
    expect(change('tool_wear_percent')).toBeGreaterThan(0);
    expect(change('spindle_temperature_c')).toBeGreaterThan(0.2);
    expect(change('spindle_bearing_envelope_g')).toBe(0);
    expect(change('x_reversal_error_um')).toBe(0);
  });

  it('thermal drift: spindle and bearing warm, the spindle grows, the chiller works harder', () => {
    const { values } = readRun([plan('thermal_drift')]);
    const change = changes(values, 1400, runS);
    expect(change('spindle_temperature_c')).toBeGreaterThan(4);
    expect(change('spindle_bearing_temperature_c')).toBeGreaterThan(3);
    expect(change('spindle_thermal_growth_um')).toBeGreaterThan(14);
    expect(change('auxiliary_power_kw')).toBeGreaterThan(0.3);
    expect(change('spindle_vibration_mm_s')).toBe(0);
    expect(change('coolant_flow_lpm')).toBe(0);
  });

  it.each(['x', 'y', 'z'])('backlash of the %s axis: seen at its reversals and nowhere else', (axis) => {
    const { values, truths } = readRun([plan('axis_backlash', { component: `axis_${axis}` })]);
    const turned = (v: Values): boolean => Math.abs(v[`${axis}_reversal_error_um`]!) > 1.5;
    const late = Array.from({ length: 400 }, (_, i) => 1400 + i);
    const atReversal = late.filter((s) => Math.abs(values[s]![`${axis}_reversal_error_um`]!) > 30);
    expect(atReversal.length).toBeGreaterThan(10);
    for (const s of late) {
      const same = JSON.stringify(values[s]) === JSON.stringify(healthy.values[s]);
      expect(same).toBe(!turned(values[s]!) || !atReversal.includes(s));
    }
    const change = (signal: string): number =>
      mean(atReversal.map((s) => values[s]![signal]! - healthy.values[s]![signal]!));
    expect(change(`${axis}_load_percent`)).toBeGreaterThan(8);
    expect(change('servo_power_kw')).toBeGreaterThan(0.02);
    expect(change('spindle_load_percent')).toBe(0);
    expect(truths.at(-1)![0]).toEqual({ mode: 'axis_backlash', component: `axis_${axis}`, level: 1 });
  });

  it('and together they add up: every signature shows', () => {
    const { values, truths } = readRun(cncFaultModes.map((mode) => plan(mode)));
    const change = changes(values, 1400, runS, (v) => v.planned_power_kw! > 0.3);
    expect(change('spindle_bearing_envelope_g')).toBeGreaterThan(0.5);
    expect(change('tool_wear_percent')).toBeGreaterThan(70);
    expect(change('coolant_flow_lpm')).toBeLessThan(-3);
    expect(change('spindle_thermal_growth_um')).toBeGreaterThan(14);
    expect(truths.at(-1)).toHaveLength(5);
  });
});

describe('growth', () => {
  it('is gradual: half the severity moves a signal less than the whole', () => {
    const at = (severity: number) => changes(readRun([plan('coolant_degradation', { severity })]).values, 1400, runS);
    expect(at(0.5)('coolant_ph')).toBeLessThan(0);
    expect(at(1)('coolant_ph')).toBeLessThan(at(0.5)('coolant_ph'));
  });

  it('never lets wear heal on an edge: it falls only where a new edge starts its runtime', () => {
    for (const faults of [[], [plan('tool_wear')], [plan('coolant_degradation')]]) {
      const last = new Map<string, { wear: number; runtime: number }>();
      const machine = createCncMachine({ machineId: 'CNC-001', seed: 3, startMs: 0, intervalMs: 1000, faults });
      let changed = 0;
      for (let i = 0; i < 6000; i++) {
        const tool = machine.next().payload.tool as { id: string; wear_percent: number; runtime_minutes: number };
        const before = last.get(tool.id);
        const isNew = before !== undefined && tool.runtime_minutes < before.runtime;
        if (isNew) changed++;
        else expect(tool.wear_percent).toBeGreaterThanOrEqual(before?.wear ?? 0);
        last.set(tool.id, { wear: tool.wear_percent, runtime: tool.runtime_minutes });
      }
      if (faults[0]?.mode === 'tool_wear') expect(changed).toBeGreaterThan(0);
    }
  });

  it('of tool wear in ordinary life stays below the change limit', () => {
    const mill = run(createScriptedMill({ script: { start: { x: 20, y: 20, z: -1 }, spindleRpm: 12_000 } }), 200);
    expect(mill.pocket!.life.wearPercent).toBeLessThan(100);
  });
});
