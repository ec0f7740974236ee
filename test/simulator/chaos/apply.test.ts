import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChaos, type ChaosEvent, type Delivery } from '../../../simulator/chaos/apply.ts';
import { parseChaos } from '../../../simulator/chaos/parse.ts';
import { type ChaosPlan, chaosKinds } from '../../../simulator/chaos/plan.ts';
import type { SimulatedMachine } from '../../../simulator/machine.ts';
import { createProcessMachine } from '../../../simulator/process/machine.ts';
import { createPumpMachine } from '../../../simulator/pump/machine.ts';

const startMs = Date.UTC(2026, 0, 1);
const machineOptions = { machineId: 'M-1', seed: 7, startMs, intervalMs: 1000, faults: [] };
const pump = (): SimulatedMachine => createPumpMachine(machineOptions);

function planOf(text: string): ChaosPlan {
  const plan = parseChaos(text);
  if (!plan.ok) throw new Error(plan.error);
  return plan.value;
}

const isDelivery = (event: ChaosEvent): event is Delivery => event.kind !== 'disconnect';

function run(text: string, { count = 200, machine = pump(), seed = 5 } = {}) {
  const chaos = applyChaos(machine, planOf(text), seed, { sampleLimit: count });
  const events = [...chaos];
  return { events, deliveries: events.filter(isDelivery), counts: chaos.counts() };
}

/** The same machine without chaos, by sequence. */
const clean = Array.from(
  { length: 2000 },
  (
    (machine) => () =>
      machine.next().payload
  )(pump()),
);
const cleanOf = ({ truth }: Delivery) => clean[truth.sequence]!;
const hits = (deliveries: readonly Delivery[]) => deliveries.filter(({ truth }) => truth.chaos.length > 0);
const secondOf = ({ truth }: Delivery): number => (truth.sampledAtMs - startMs) / 1000;
const sequences = (deliveries: readonly Delivery[]) => deliveries.map(({ truth }) => truth.sequence);

/** The names of the fields in which a delivery differs from the clean payload. */
const changedFields = (delivery: Delivery): string[] =>
  Object.keys(delivery.payload).filter((key) => delivery.payload[key] !== cleanOf(delivery)[key]);

describe('chaos that changes values', () => {
  it('vibration-glitch: rare spikes on vibration_x alone', () => {
    const { deliveries } = run('vibration-glitch:p=0.05', { count: 2000 });
    const glitches = hits(deliveries);
    expect(glitches.length / 2000).toBeCloseTo(0.05, 1.5);
    for (const glitch of glitches) {
      expect(changedFields(glitch)).toEqual(['vibration_x']);
      expect(glitch.payload.vibration_x).toBeGreaterThan(2 * (cleanOf(glitch).vibration_x as number));
    }
    expect(deliveries.flatMap(changedFields)).toHaveLength(glitches.length);
  });

  it('vibration-glitch: on another type it strikes that type’s vibration signal', () => {
    const { deliveries } = run('vibration-glitch:p=1', { machine: createProcessMachine(machineOptions), count: 20 });
    expect(deliveries[0]!.truth.chaos).toEqual([{ kind: 'vibration-glitch', signals: ['vibration_rms'] }]);
  });

  it('heatwave: every temperature up by 15 °C inside its window, in and out by a ramp', () => {
    const { deliveries } = run('heatwave@50s+100s');
    const rise = (second: number, signal: string): number =>
      (deliveries[second]!.payload[signal] as number) - (clean[second]![signal] as number);
    for (const place of ['ambient', 'bearing', 'motor', 'fluid']) {
      const signal = `${place}_temperature_c`;
      expect([49, 55, 60, 100, 140, 145, 150].map((s) => rise(s, signal).toFixed(2))).toEqual([
        '0.00',
        '7.50',
        '15.00',
        '15.00',
        '15.00',
        '7.50',
        '0.00',
      ]);
    }
    expect(changedFields(deliveries[100]!)).toHaveLength(4);
  });

  it('stuck: the sensor keeps the last value from before the window', () => {
    const { deliveries } = run('stuck@50s+20s:signal=flow_m3_h');
    expect(hits(deliveries).map(secondOf)).toEqual(Array.from({ length: 20 }, (_, i) => 50 + i));
    for (const { payload } of hits(deliveries)) expect(payload.flow_m3_h).toBe(clean[49]!.flow_m3_h);
    expect(deliveries[70]!.payload).toEqual(clean[70]);
  });

  it('dropout: the values are null and the identity stays', () => {
    const { deliveries } = run('dropout@50s+10s');
    expect(hits(deliveries).map(secondOf)).toEqual([50, 51, 52, 53, 54, 55, 56, 57, 58, 59]);
    const { payload } = deliveries[55]!;
    expect(payload).toMatchObject({ flow_m3_h: null, vibration_x: null, machine_id: 'M-1', sequence: 55 });
    const one = run('dropout@50s+10s:signal=speed_rpm').deliveries[55]!;
    expect(changedFields(one)).toEqual(['speed_rpm']);
  });

  it('clock-skew: the machine’s own time is off, its delivery is not', () => {
    const { deliveries } = run('clock-skew@50s+10s:offset=-5m');
    const { payload, publishAtMs, truth } = deliveries[55]!;
    expect(Date.parse(payload.timestamp as string)).toBe(truth.sampledAtMs - 300_000);
    expect(publishAtMs).toBe(truth.sampledAtMs);
  });

  it('changes nested values without touching the machine’s own payload', () => {
    const payload = { timestamp: '', sensors: { temperature: 20, vibration: 1 } };
    const truth = { machineId: 'G', machineType: 'generic', sampledAtMs: startMs, sequence: 0, faults: [] };
    const machine: SimulatedMachine = {
      machineId: 'G',
      machineType: 'generic',
      channel: 'telemetry',
      intervalMs: 1000,
      next: () => ({ payload, truth }),
    };
    const { deliveries } = run('heatwave;dropout:p=1,signal=vibration', { machine, count: 1 });
    expect(deliveries[0]!.payload).toEqual({ timestamp: '', sensors: { temperature: 35, vibration: null } });
    expect(payload.sensors).toEqual({ temperature: 20, vibration: 1 });
  });
});

describe('chaos that changes deliveries', () => {
  it('late: arrives by the delay later, where its time has come', () => {
    const { deliveries, counts } = run('late:p=0.1,delay=20s');
    for (const { truth, publishAtMs } of hits(deliveries)) expect(publishAtMs - truth.sampledAtMs).toBe(20_000);
    expect(hits(deliveries)).toHaveLength(counts.applied.late);
    expect(counts.applied.late).toBeGreaterThan(5);
    expect(sequences(deliveries).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  it('out-of-order: a sample comes right behind its follower', () => {
    const { deliveries, counts } = run('out-of-order:p=0.2', { count: 100 });
    const order = sequences(deliveries);
    const swaps = order.slice(0, -1).filter((sequence, i) => sequence > order[i + 1]!);
    expect(swaps.length).toBeGreaterThan(5);
    expect(Math.abs(swaps.length - counts.applied['out-of-order'])).toBeLessThanOrEqual(1);
    for (const [i, sequence] of order.entries()) expect(Math.abs(sequence - i)).toBeLessThanOrEqual(1);
  });

  it('burst: nothing for a while, then all of it at once and in order', () => {
    const { deliveries } = run('burst@50s+30s');
    const held = hits(deliveries);
    expect(sequences(held)).toEqual(Array.from({ length: 30 }, (_, i) => 50 + i));
    expect(new Set(held.map(({ publishAtMs }) => publishAtMs))).toEqual(new Set([startMs + 80_000]));
  });

  it('duplicate: the same sample twice, told apart and accounted', () => {
    const { deliveries, counts } = run('duplicate:p=0.1,delay=3s', { count: 1000 });
    const copies = deliveries.filter(({ kind }) => kind === 'duplicate');
    expect(copies).toHaveLength(counts.applied.duplicate);
    expect(copies.length / 1000).toBeCloseTo(0.1, 1.3);
    expect(counts).toMatchObject({ sampled: 1000, deliveries: 1000 + copies.length });
    for (const copy of copies) {
      expect(copy.payload).toEqual(cleanOf(copy));
      expect(copy.publishAtMs - copy.truth.sampledAtMs).toBeLessThanOrEqual(3000);
    }
  });

  it('disconnect: one instruction for a window, just before the sample it begins with; by chance without one', () => {
    const { events } = run('disconnect@50s+30s');
    const at = events.findIndex(({ kind }) => kind === 'disconnect');
    expect(events[at]).toEqual({ kind: 'disconnect', publishAtMs: startMs + 50_000, durationMs: 30_000 });
    expect((events[at + 1] as Delivery).truth.sequence).toBe(50);
    expect(events.filter(({ kind }) => kind === 'disconnect')).toHaveLength(1);
    const byChance = run('disconnect:p=0.05,duration=5s').events.filter(({ kind }) => kind === 'disconnect');
    expect(byChance.length).toBeGreaterThan(2);
  });
});

describe('chaos of every kind', () => {
  const everything = [
    'vibration-glitch:p=0.1;heatwave@20s+60s;stuck@30s+30s;dropout:p=0.05;clock-skew@100s+20s;late:p=0.1,delay=15s',
    'out-of-order:p=0.1;burst@120s+10s;duplicate:p=0.1;disconnect@60s+5s',
  ].join(';');

  it('loses nothing, invents nothing, and gives out in order of arrival', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { events, deliveries, counts } = run(everything, { seed, count: 150 });
        const samples = deliveries.filter(({ kind }) => kind === 'sample');
        expect(sequences(samples).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 150 }, (_, i) => i));
        expect(counts.deliveries).toBe(counts.sampled + counts.applied.duplicate);
        const times = events.map(({ publishAtMs }) => publishAtMs);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it('stands in the truth and never in the payload', () => {
    const { deliveries, counts } = run(everything, { count: 150 });
    for (const kind of chaosKinds) {
      expect(counts.applied[kind], kind).toBeGreaterThan(0);
      expect(deliveries.some(({ truth }) => truth.chaos.some((applied) => applied.kind === kind))).toBe(true);
    }
    const fields = Object.keys(clean[0]!);
    for (const { payload } of deliveries) expect(Object.keys(payload)).toEqual(fields);
  });

  it('is the same for the same seed and another for another', () => {
    const text = JSON.stringify(run(everything).events);
    expect(JSON.stringify(run(everything).events)).toBe(text);
    expect(JSON.stringify(run(everything, { seed: 6 }).events)).not.toBe(text);
  });

  it('with no chance at all is no chaos', () => {
    const { deliveries } = run('vibration-glitch:p=0;dropout:p=0;late:p=0;duplicate:p=0;out-of-order:p=0');
    expect(deliveries.map(({ payload }) => payload)).toEqual(clean.slice(0, 200));
  });

  it('refuses a signal the machine does not have, naming those it has', () => {
    expect(() => run('stuck:signal=spindle_rpm')).toThrow(
      'chaos: centrifugal-pump has no signal "spindle_rpm"; allowed are speed_rpm, flow_m3_h',
    );
  });
});
