import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createGenericMachine,
  type GenericMachineOptions,
  genericFaultModes,
} from '../../../simulator/generic/machine.ts';
import type { FaultPlan } from '../../../simulator/machine.ts';

fc.configureGlobal({ seed: 2026 });

const options = (over: Partial<GenericMachineOptions> = {}): GenericMachineOptions => ({
  machineId: 'PRESS-1',
  seed: 5,
  startMs: Date.UTC(2026, 0, 1),
  intervalMs: 5000,
  faults: [],
  ...over,
});

function readings(over: Partial<GenericMachineOptions>, count: number): Record<string, number[]> {
  const machine = createGenericMachine(options(over));
  const columns: Record<string, number[]> = {};
  for (let i = 0; i < count; i++) {
    for (const [name, value] of Object.entries(machine.next().payload.sensors as Record<string, number>)) {
      columns[name] ??= [];
      columns[name].push(value);
    }
  }
  return columns;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]): number => x.reduce((sum, v) => sum + v, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

const fault = (mode: string, severity = 1): FaultPlan => ({ mode, onsetS: 0, growthS: 0, severity });

describe('a healthy generic machine', () => {
  it('publishes its sensors in one object, with its type and a running number', () => {
    const machine = createGenericMachine(options({ sensors: { flow: { min: 0, max: 10 } } }));
    machine.next();
    expect(machine.next().payload).toEqual({
      timestamp: '2026-01-01T00:00:05.000Z',
      machine_id: 'PRESS-1',
      sensors: { flow: expect.any(Number) },
      machine_type: 'generic',
      sequence: 1,
    });
  });

  it('keeps any sensor within the bounds its config gives', () => {
    const bounds = fc
      .tuple(fc.double({ min: -1e4, max: 1e4, noNaN: true }), fc.double({ min: 0.01, max: 1e4, noNaN: true }))
      .map(([min, width]) => ({ min, max: min + width }));
    const sensors = fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), bounds, { minKeys: 1, maxKeys: 5 });
    fc.assert(
      fc.property(sensors, fc.nat(), (config, seed) => {
        for (const [name, values] of Object.entries(readings({ sensors: config, seed }, 50))) {
          const { min, max } = config[name]!;
          const resolution = (max - min) / 1000;
          expect(values.every((v) => v >= min - resolution && v <= max + resolution)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('moves its sensors together', () => {
    const { vibration = [], rpm = [], temperature = [] } = readings({}, 5000);
    expect(correlation(vibration, rpm)).toBeGreaterThan(0.9);
    expect(correlation(temperature, rpm)).toBeGreaterThan(0.6);
  });
});

describe('faults', () => {
  it('overheating and vibration growth leave the bounds, and the other sensors do not feel it', () => {
    const healthy = readings({}, 500);
    const hot = readings({ faults: [fault('overheating')] }, 500);
    const shaking = readings({ faults: [fault('vibration_growth')] }, 500);
    expect(Math.max(...hot.temperature!)).toBeGreaterThan(85);
    expect(Math.max(...shaking.vibration!)).toBeGreaterThan(4.5);
    expect({ ...hot, temperature: [] }).toEqual({ ...healthy, temperature: [] });
    expect({ ...shaking, vibration: [] }).toEqual({ ...healthy, vibration: [] });
  });

  it('a broken correlation stays within the bounds of every single sensor', () => {
    const { vibration = [], rpm = [] } = readings({ faults: [fault('correlation_break')] }, 5000);
    expect(Math.abs(correlation(vibration, rpm))).toBeLessThan(0.4);
    expect(Math.max(...rpm)).toBeLessThanOrEqual(3000);
    expect(Math.min(...rpm)).toBeGreaterThanOrEqual(600);
  });

  it.each(genericFaultModes)('%s at severity 0 is no fault, and the same seed gives the same bytes', (mode) => {
    const healthy = JSON.stringify(readings({}, 300));
    expect(JSON.stringify(readings({ faults: [fault(mode, 0)] }, 300))).toBe(healthy);
    const faulty = JSON.stringify(readings({ faults: [fault(mode)] }, 300));
    expect(faulty).not.toBe(healthy);
    expect(JSON.stringify(readings({ faults: [fault(mode)] }, 300))).toBe(faulty);
  });

  it('names the sensors it could show at when there is none', () => {
    const make = (): unknown =>
      createGenericMachine(options({ sensors: { rpm: { min: 0, max: 9 } }, faults: [fault('overheating')] }));
    expect(make).toThrow('fault overheating: PRESS-1 has no sensor for it');
  });
});
