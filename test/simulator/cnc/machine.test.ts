import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import { parseSample } from '../../../core/telemetry/parse.ts';
import { cncJobs, readJobProgram } from '../../../simulator/cnc/job.ts';
import { type CncMachineOptions, cncFaultModes, createCncMachine } from '../../../simulator/cnc/machine.ts';
import type { FaultPlan } from '../../../simulator/machine.ts';

const type = builtinMachineTypes.find((t) => t.name === 'cnc-mill')!;
const context = { findType: (name: string) => (name === type.name ? type : undefined), types: [type] };

const options: CncMachineOptions = {
  machineId: 'CNC-001',
  seed: 7,
  startMs: Date.UTC(2026, 0, 5, 8),
  intervalMs: 1000,
  faults: [],
};

const create = (changes: Partial<CncMachineOptions>) => createCncMachine({ ...options, ...changes });
const fault = (mode: string, changes: Partial<FaultPlan> = {}): FaultPlan => ({
  mode,
  onsetS: 60,
  growthS: 300,
  severity: 1,
  ...changes,
});

/** The values of the type's signals, sample by sample, as the twin reads them. */
function readSignals(changes: Partial<CncMachineOptions>, samples: number): Record<string, number>[] {
  const machine = create(changes);
  return Array.from({ length: samples }, () => {
    const parsed = parseSample(machine.next().payload, context);
    if (!parsed.ok) throw new Error(parsed.error.message);
    return Object.fromEntries(type.signals.map((signal, i) => [signal.name, parsed.value.values[i]!]));
  });
}

const takeBytes = (changes: Partial<CncMachineOptions>, samples: number): string => {
  const machine = create(changes);
  return Array.from({ length: samples }, () => JSON.stringify(machine.next().payload)).join('\n');
};

describe('the payload of a mill', () => {
  it('has the agreed names in the agreed order and nesting', () => {
    const machine = create({});
    for (let i = 0; i < 30; i++) machine.next();
    const { payload } = machine.next();
    expect(Object.keys(payload)).toEqual([
      ...['timestamp', 'machine_id', 'spindle', 'axes', 'tool', 'coolant', 'power', 'status'],
      ...['cutting', 'machine_type', 'sequence'],
    ]);
    const first = (group: unknown, count: number) => Object.keys(group as object).slice(0, count);
    expect(first(payload.spindle, 4)).toEqual(['rpm', 'load_percent', 'temperature_c', 'vibration_mm_s']);
    expect(first(payload.axes, 3)).toEqual(['x', 'y', 'z']);
    expect(first((payload.axes as { x: object }).x, 2)).toEqual(['position_mm', 'velocity_mm_min']);
    expect(first(payload.tool, 5)).toEqual(['id', 'type', 'diameter_mm', 'wear_percent', 'runtime_minutes']);
    expect(first(payload.coolant, 3)).toEqual(['flow_rate_lpm', 'temperature_c', 'pressure_bar']);
    expect(first(payload.power, 3)).toEqual(['total_kw', 'spindle_kw', 'servo_kw']);
    expect(first(payload.status, 4)).toEqual(['mode', 'program', 'block', 'cycle_time_s']);
    expect(payload).toMatchObject({
      timestamp: '2026-01-05T08:00:30.000Z',
      machine_id: 'CNC-001',
      tool: { id: 'T02', type: 'face_mill' },
      status: { program: 'O1234' },
      sequence: 30,
    });
  });

  it('is accepted by the telemetry border, every signal of the type in it', () => {
    for (const job of cncJobs) {
      for (const values of readSignals({ programText: readJobProgram(job) }, 50)) {
        expect(Object.values(values).some(Number.isNaN)).toBe(false);
      }
    }
  });

  it('sums its power exactly, in whole watts', () => {
    const machine = create({ faults: cncFaultModes.map((mode) => fault(mode)) });
    for (let i = 0; i < 600; i++) {
      const power = machine.next().payload.power as Record<string, number>;
      const watts = (name: string): number => Math.round(power[name]! * 1e3);
      expect(watts('total_kw')).toBe(watts('spindle_kw') + watts('servo_kw') + watts('auxiliary_kw'));
    }
  });

  it('repeats byte for byte with the same seed, and only with it', () => {
    const faults = cncFaultModes.map((mode) => fault(mode));
    expect(takeBytes({ faults }, 300)).toBe(takeBytes({ faults }, 300));
    expect(takeBytes({}, 10)).not.toBe(takeBytes({ seed: 8 }, 10));
    expect(takeBytes({}, 10)).not.toBe(takeBytes({ machineId: 'CNC-002' }, 10).replaceAll('CNC-002', 'CNC-001'));
  });
});

describe('every signal', () => {
  it('stays within its physical range, with all faults, on all jobs, for several seeds and intervals', () => {
    for (const job of cncJobs) {
      for (const [seed, intervalMs] of [
        [1, 1000],
        [2, 100],
        [3, 10_000],
      ] as const) {
        const faults = cncFaultModes.map((mode) => fault(mode));
        const samples = readSignals({ seed, intervalMs, faults, programText: readJobProgram(job) }, 1500);
        for (const signal of type.signals) {
          const { min, max } = signal.physicalRange;
          const outside = samples.filter((values) => !(values[signal.name]! >= min && values[signal.name]! <= max));
          expect(outside, `${signal.name} on ${job.name}, seed ${seed}`).toEqual([]);
        }
      }
    }
  });

  it('stays in range when the wrong material wears the tools out in a minute', () => {
    for (const materialName of ['nickel_alloy', 'tool_steel', 'titanium_alloy']) {
      for (const values of readSignals({ materialName }, 800)) {
        expect(values.spindle_load_percent).toBeLessThanOrEqual(200);
        expect(values.tool_wear_percent).toBeLessThanOrEqual(200);
      }
    }
  });

  it('stays in range for any mixture of faults, and faults of severity 0 among them leave no byte', () => {
    const plan = fc.record({
      mode: fc.constantFrom(...cncFaultModes),
      onsetS: fc.integer({ min: 0, max: 100 }),
      growthS: fc.integer({ min: 0, max: 200 }),
      severity: fc.double({ min: 0.01, max: 1, noNaN: true }),
    });
    const plans = fc.array(plan, { maxLength: 6 });
    fc.assert(
      fc.property(plans, plans, fc.integer(), fc.constantFrom(50, 1000, 3000), (faults, ghosts, seed, intervalMs) => {
        const zero = ghosts.map((ghost) => ({ ...ghost, severity: 0 }));
        expect(takeBytes({ seed, intervalMs, faults: [...zero, ...faults] }, 60)).toBe(
          takeBytes({ seed, intervalMs, faults }, 60),
        );
        for (const values of readSignals({ seed, intervalMs, faults }, 120)) {
          const outside = type.signals.filter(({ name, physicalRange: { min, max } }) => {
            const value = values[name]!;
            return !(value >= min && value <= max);
          });
          expect(outside).toEqual([]);
        }
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  it('averages to the same work whatever the interval', () => {
    const meanKw = (intervalMs: number, samples: number): number =>
      readSignals({ intervalMs }, samples).reduce((sum, values) => sum + values.spindle_power_kw!, 0) / samples;
    const everySecond = meanKw(1000, 3000);
    expect(Math.abs(meanKw(200, 15_000) / everySecond - 1)).toBeLessThan(0.02);
    // A sparse sample shows its last second only.
    expect(Math.abs(meanKw(7000, 429) / everySecond - 1)).toBeLessThan(0.1);
  });
});

describe('a job', () => {
  it.each(cncJobs)('$name has 100 blocks or more, runs without alarm in 3 to 10 minutes, and begins again', (job) => {
    const programText = readJobProgram(job);
    expect(programText.split('\n').filter((line) => line.startsWith('N')).length).toBeGreaterThanOrEqual(100);
    const machine = create({ programText });
    let finishedAfterS = 0;
    for (let second = 0; second < 1300; second++) {
      const status = machine.next().payload.status as { part_count: number; alarm: string | null };
      expect(status.alarm).toBeNull();
      if (status.part_count > 0 && finishedAfterS === 0) finishedAfterS = second;
      if (second === 1299) expect(status.part_count).toBeGreaterThanOrEqual(2);
    }
    expect(finishedAfterS).toBeGreaterThan(180);
    expect(finishedAfterS).toBeLessThan(600);
  });

  it('is planned: power above idling follows the plan while the tools are sharp', () => {
    const samples = readSignals({}, 1500);
    const cutting = samples.filter((values) => values.planned_power_kw! > 0.3);
    const ratios = cutting.map((values) => {
      const idleKw = 0.12 + 1.1 * (values.spindle_rpm! / 12_000) ** 1.4;
      return (values.spindle_power_kw! - idleKw) / values.planned_power_kw!;
    });
    const median = ratios.toSorted((a, b) => a - b)[Math.floor(ratios.length / 2)]!;
    expect(cutting.length).toBeGreaterThan(500);
    expect(median).toBeGreaterThan(0.95);
    expect(median).toBeLessThan(1.3);
    const air = samples.filter((values) => values.planned_power_kw === 0 && values.spindle_rpm! > 0);
    expect(air.length).toBeGreaterThan(50);
    expect(air.filter((values) => values.spindle_torque_nm! > 1).length).toBeLessThan(air.length / 10);
  });

  it('of a plant runs on a blank around what it cuts', () => {
    const programText =
      '%\nO7001\nN10 G21 G90 G54\nN20 T1 M6\nN30 S8000 M3\nN40 G0 G43 H1 X0 Y0 Z5\nN50 G1 Z-2 F300\nN60 X60 F1000\nN70 Y40\nN80 G0 Z50\nN90 M30\n%\n';
    const samples = readSignals({ programText, materialName: 'brass' }, 60);
    expect(Math.max(...samples.map((values) => values.spindle_torque_nm!))).toBeGreaterThan(0.3);
    expect(Math.max(...samples.map((values) => values.planned_removal_cm3_min!))).toBeGreaterThan(5);
  });

  it('with a wrong word holds the machine in an alarm that names program, block and word', () => {
    const programText = 'O7002\nN10 G21 G90 G54\nN20 T1 M6\nN30 G1 X10 F1000\nN40 G1 X2@ F500\nN50 M30\n';
    const machine = create({ programText });
    for (let i = 0; i < 30; i++) machine.next();
    const { status, spindle } = machine.next().payload as Record<string, Record<string, unknown>>;
    expect(status!.mode).toBe('alarm');
    expect(status!.alarm).toMatch(/O7002 N40/);
    expect(spindle!.torque_nm).toBeLessThan(0.5);
  });
});

describe('bad options', () => {
  it('are refused with a sentence that says what is allowed', () => {
    expect(() => create({ materialName: 'wood' })).toThrow(/^material: got "wood", allowed are /);
    expect(() => create({ faults: [fault('rust')] })).toThrow(/^fault mode: got "rust", allowed are tool_wear, /);
    expect(() => create({ faults: [fault('axis_backlash', { component: 'axis_a' })] })).toThrow(
      'component of fault axis_backlash: got "axis_a", allowed are axis_x, axis_y, axis_z',
    );
    expect(() => create({ faults: [fault('tool_wear', { severity: 1.5 })] })).toThrow(/severity .* got 1.5/);
  });
});

describe('tool changes', () => {
  it('are told on channel lifecycle, each new edge once, with the tool whose wear then begins anew', () => {
    const machine = create({ intervalMs: 4000, materialName: 'stainless_steel' });
    const wear = new Map<string, number>();
    const seen: string[] = [];
    const told: unknown[] = [];
    for (let i = 0; i < 1500; i++) {
      const { timestamp, tool } = machine.next().payload as {
        timestamp: string;
        tool: { id: string; wear_percent: number };
      };
      for (const event of machine.takeLifecycleEvents()) {
        told.push(event.part);
        expect(event).toEqual({
          ...{ timestamp, machine_id: 'CNC-001', machine_type: 'cnc-mill' },
          ...{ event: 'tool_change', component: 'tool', part: event.part },
        });
      }
      if (tool.wear_percent < (wear.get(tool.id) ?? 0) - 50) seen.push(tool.id);
      wear.set(tool.id, tool.wear_percent);
    }
    expect(seen.length).toBeGreaterThan(3);
    expect(told.toSorted()).toEqual(seen.toSorted());
    expect(machine.takeLifecycleEvents()).toEqual([]);
  });
});
