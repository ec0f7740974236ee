import { describe, expect, it } from 'vitest';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import { parseSample } from '../../../core/telemetry/parse.ts';
import type { FaultPlan } from '../../../simulator/machine.ts';
import { createPumpMachine, type PumpOptions, pumpFaultModes } from '../../../simulator/pump/machine.ts';

const type = builtinMachineTypes.find(({ name }) => name === 'centrifugal-pump')!;
const base: PumpOptions = {
  machineId: 'PUMP-001',
  seed: 7,
  startMs: Date.UTC(2026, 0, 1),
  intervalMs: 1000,
  faults: [],
};

const plan = (mode: string, severity: number): FaultPlan => ({ mode, onsetS: 0, growthS: 0, severity });

function run(count: number, options: Partial<PumpOptions> = {}) {
  const machine = createPumpMachine({ ...base, ...options });
  return Array.from({ length: count }, () => machine.next());
}

const textOf = (samples: ReturnType<typeof run>): string =>
  samples.map(({ payload }) => JSON.stringify(payload)).join('\n');

/** What is wrong with a payload by its own type: a missing, non-finite or impossible value. */
function findImpossible(payload: Readonly<Record<string, unknown>>): string[] {
  return type.signals
    .filter(({ path, physicalRange: { min, max } }) => {
      const value = payload[path];
      return !(typeof value === 'number' && value >= min && value <= max);
    })
    .map(({ name }) => `${name} = ${payload[name]}`);
}

describe('a pump', () => {
  it('publishes the fields of its machine type, in order, and the border accepts them', () => {
    const [first] = run(1);
    expect(Object.keys(first!.payload)).toEqual([
      'timestamp',
      'machine_id',
      ...type.signals.map(({ path }) => path),
      'mode',
      'machine_type',
      'sequence',
    ]);
    const parsed = parseSample(first!.payload, { findType: () => type, types: [type], topicMachineId: 'PUMP-001' });
    expect(parsed.ok && parsed.value.values.every(Number.isFinite)).toBe(true);
  });

  it('names the modes its machine type knows', () => {
    expect([...pumpFaultModes].sort()).toEqual(type.failureModes.map(({ name }) => name).sort());
  });

  it('stays inside every physical range through lives, modes and seeds', () => {
    for (const lifeEndsBy of pumpFaultModes) {
      for (const lifecycle of ['stress', 'accelerated', 'nominal'] as const) {
        for (const seed of [1, 2, 3]) {
          const intervalMs = { stress: 500, accelerated: 4000, nominal: 324_000 }[lifecycle];
          for (const { payload } of run(900, { lifeEndsBy, lifecycle, seed, intervalMs })) {
            expect(findImpossible(payload)).toEqual([]);
          }
        }
      }
    }
  });

  it('stays inside them with every fault at full severity at once', () => {
    const faults = pumpFaultModes.map((mode) => plan(mode, 1));
    for (const { payload } of run(2000, { faults, intervalMs: 60_000 })) expect(findImpossible(payload)).toEqual([]);
  });

  it.each(pumpFaultModes)('%s at severity 0 is no fault, byte for byte', (mode) => {
    const faults = [plan(mode, 0)];
    expect(textOf(run(300, { faults, lifecycle: 'stress' }))).toBe(textOf(run(300, { lifecycle: 'stress' })));
    expect(textOf(run(300, { faults }))).toBe(textOf(run(300)));
  });

  it('says the same for the same seed, other things for another seed or another machine', () => {
    const faults = [plan('cavitation', 0.7)];
    const text = textOf(run(500, { faults, lifecycle: 'stress' }));
    expect(textOf(run(500, { faults, lifecycle: 'stress' }))).toBe(text);
    expect(textOf(run(500, { faults, lifecycle: 'stress', seed: 8 }))).not.toBe(text);
    expect(textOf(run(500, { faults, lifecycle: 'stress', machineId: 'PUMP-002' }))).not.toBe(text);
  });

  it('never writes a label into production telemetry, and keeps the truth beside it', () => {
    const labels = ['state', 'failure_mode', 'rul_hours', 'unit', 'label', 'faults'];
    const samples = run(1500, { lifecycle: 'stress', intervalMs: 500 });
    expect(samples.some(({ truth }) => truth.state === 'BROKEN')).toBe(true);
    for (const { payload, truth } of samples) {
      for (const label of labels) expect(payload).not.toHaveProperty(label);
      expect(truth.remainingLifeHours).toBeGreaterThanOrEqual(0);
    }
  });

  it('writes state, mode, remaining life and unit into training samples, on their own channel', () => {
    const options: PumpOptions = { ...base, lifecycle: 'stress', training: true };
    expect(createPumpMachine(options).channel).toBe('training_data');
    for (const { payload, truth } of run(600, options)) {
      expect(payload).toMatchObject({ state: truth.state, rul_hours: truth.remainingLifeHours });
      expect(payload.failure_mode === null).toBe(truth.state === 'HEALTHY');
    }
  });

  it('never lets damage heal within a life', () => {
    let previous = { level: 0, remaining: Number.POSITIVE_INFINITY };
    for (const { truth } of run(4000, { lifecycle: 'stress', intervalMs: 250 })) {
      const now = { level: truth.faults[0]?.level ?? 0, remaining: truth.remainingLifeHours! };
      if (now.remaining <= previous.remaining) expect(now.level).toBeGreaterThanOrEqual(previous.level);
      previous = now;
    }
  });

  it('refuses a fault it does not have, naming those it has', () => {
    expect(() => run(1, { faults: [plan('chatter', 1)] })).toThrow(
      'fault "chatter" is no fault of centrifugal-pump; allowed are bearing_wear, cavitation',
    );
    expect(() => run(1, { faults: [plan('cavitation', 2)] })).toThrow('severity 2; allowed is 0 to 1');
  });

  it('counts running hours only', () => {
    const samples = run(1200, { lifecycle: 'stress', intervalMs: 500 });
    const hours = (i: number): number => samples[i]!.payload.runtime_hours as number;
    const running = samples.slice(1).filter(({ payload }) => payload.mode === 'running').length;
    expect(running).toBeLessThan(1199);
    expect(hours(1199) - hours(0)).toBeCloseTo((running * 0.5) / 3600, 3);
  });

  it('delivers 200,000 samples a second on an idle core; asked here for a tenth, whatever else runs', () => {
    run(5000);
    const before = performance.now();
    run(20_000);
    expect(20_000 / (performance.now() - before)).toBeGreaterThan(20);
  });
});

describe('signatures', () => {
  /** A settled hour at one-minute samples: the same demand and noise with and without the fault. */
  const settle = (faults: FaultPlan[]) => run(400, { faults, intervalMs: 60_000 }).slice(200);
  const healthy = settle([]);
  const values = (samples: typeof healthy, signal: string) => samples.map(({ payload }) => payload[signal] as number);
  const meanOf = (list: number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
  /** Against the healthy twin sample by sample, so that demand and shared noise cancel. */
  const shifts = (samples: typeof healthy, signal: string) =>
    values(samples, signal).map((value, i) => value - (healthy[i]!.payload[signal] as number));
  const spreadOf = (list: number[]): number => Math.sqrt(meanOf(list.map((value) => (value - meanOf(list)) ** 2)));

  it.each(type.failureModes.map((mode) => [mode.name, mode] as const))('%s moves what its type says', (name, mode) => {
    const faulty = settle([plan(name, 0.9)]);
    for (const [signal, direction] of Object.entries(mode.signature)) {
      const shift = shifts(faulty, signal);
      if (direction === 'up') expect(meanOf(shift), signal).toBeGreaterThan(0);
      if (direction === 'down') expect(meanOf(shift), signal).toBeLessThan(0);
      if (direction === 'noisier') expect(spreadOf(shift), signal).toBeGreaterThan(0.3);
      else expect(Math.abs(meanOf(shift)) / meanOf(values(healthy, signal)), signal).toBeGreaterThan(0.02);
    }
  });

  const hydraulic = ['flow_m3_h', 'head_m', 'discharge_pressure_bar', 'efficiency_percent', 'npsh_margin_m'];
  const lines = ['bearing_bpfo_g', 'bearing_bpfi_g'];
  it.each([
    ['bearing_wear', [...hydraulic, 'vibration_1x_mm_s', 'seal_leak_ml_h', 'fluid_temperature_c']],
    ['cavitation', [...lines, 'vibration_1x_mm_s', 'vibration_2x_mm_s', 'seal_leak_ml_h', 'bearing_temperature_c']],
    ['imbalance', [...hydraulic, ...lines, 'motor_power_kw', 'high_frequency_g', 'bearing_temperature_c']],
    ['seal_leak', [...lines, 'vibration_x', 'high_frequency_g', 'bearing_temperature_c']],
    ['clogging', [...lines, 'vibration_1x_mm_s', 'seal_leak_ml_h', 'bearing_temperature_c']],
    ['dry_run', [...lines, 'vibration_1x_mm_s', 'seal_leak_ml_h', 'ambient_temperature_c']],
  ])('%s leaves alone what it has nothing to do with', (name, untouched) => {
    const faulty = settle([plan(name, 0.9)]);
    for (const signal of untouched) {
      expect(Math.abs(meanOf(shifts(faulty, signal))) / meanOf(values(healthy, signal)), signal).toBeLessThan(0.02);
    }
  });

  it('a bearing speaks first at high frequency, then in its lines, last in the overall vibration', () => {
    const rise = (severity: number, signal: string): number =>
      meanOf(values(settle([plan('bearing_wear', severity)]), signal)) / meanOf(values(healthy, signal));
    expect(rise(0.15, 'high_frequency_g')).toBeGreaterThan(2);
    expect(rise(0.15, 'vibration_x')).toBeLessThan(1.05);
    expect(rise(0.5, 'bearing_bpfo_g')).toBeGreaterThan(8);
    expect(rise(0.5, 'vibration_x')).toBeLessThan(2);
    expect(rise(1, 'vibration_x')).toBeGreaterThan(4);
  });

  it('worn rings shift the pump curve down over a life, before anything fails', () => {
    const headPerSpeed2 = ({ payload }: (typeof healthy)[number]): number =>
      ((payload.head_m as number) + 0.0032 * (payload.flow_m3_h as number) ** 2) / (payload.speed_rpm as number) ** 2;
    const life = run(400, { lifecycle: 'nominal', intervalMs: 97_200, lifeEndsBy: 'imbalance' });
    const sound = life.filter(({ truth }) => truth.state === 'HEALTHY');
    const early = meanOf(sound.slice(0, 50).map(headPerSpeed2));
    expect(meanOf(sound.slice(250, 300).map(headPerSpeed2))).toBeLessThan(early * 0.995);
  });
});
