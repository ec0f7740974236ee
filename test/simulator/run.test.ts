import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtinMachineTypes } from '../../core/machine-types/builtin.ts';
import { parseSample } from '../../core/telemetry/parse.ts';
import { machineCatalogue } from '../../simulator/catalogue.ts';
import { createFleet, type Delivery, deliver, type SimulationOptions, simulate } from '../../simulator/run.ts';
import { mergeByTime, play } from '../../simulator/schedule.ts';

fc.configureGlobal({ seed: 2026 });

function collect(options: SimulationOptions): Delivery[] {
  const fleet = createFleet(options);
  if (!fleet.ok) throw new Error(fleet.error);
  return [...deliver(fleet.value, options)].filter((event) => event.kind !== 'disconnect');
}

const payloadsOf = (deliveries: readonly Delivery[], machineId?: string): string =>
  deliveries
    .filter((d) => machineId === undefined || d.machineId === machineId)
    .map((d) => JSON.stringify(d.payload))
    .join('\n');

const types = Object.entries(machineCatalogue);

describe('every machine type', () => {
  it.each(types)('%s: same seed same bytes, with every fault, and severity 0 is no fault', (type, { faultModes }) => {
    const base: SimulationOptions = { machines: [{ type, count: 1 }], durationS: 120, seed: 9 };
    const healthy = payloadsOf(collect(base));
    expect(healthy).toBe(payloadsOf(collect(base)));
    expect(payloadsOf(collect({ ...base, seed: 10 }))).not.toBe(healthy);
    for (const mode of faultModes) {
      const fault = (severity: number): SimulationOptions => ({
        ...base,
        faults: [{ mode, onsetS: 10, growthS: 20, severity }],
      });
      const faulty = payloadsOf(collect(fault(1)));
      expect(faulty).toBe(payloadsOf(collect(fault(1))));
      expect(payloadsOf(collect(fault(0))), mode).toBe(healthy);
    }
  });

  it.each(types)(
    '%s sends what the contract takes, within physical ranges, with every fault',
    (type, { faultModes }) => {
      const definition = builtinMachineTypes.find(({ name }) => name === type)!;
      const context = { types: builtinMachineTypes, findType: () => definition };
      const faults = faultModes.map((mode, i) => ({ mode, onsetS: 60 * i, growthS: 120, severity: 1 }));
      for (const { payload } of collect({ machines: [{ type, count: 2 }], durationS: 900, seed: 4, faults })) {
        const parsed = parseSample(JSON.parse(JSON.stringify(payload)), context);
        if (!parsed.ok) throw new Error(parsed.error.message);
        expect(parsed.value.machineType).toBe(type);
        const outside = definition.signals.filter(({ physicalRange }, i) => {
          const value = parsed.value.values[i]!;
          return value < physicalRange.min || value > physicalRange.max;
        });
        expect(outside.map(({ name }) => name)).toEqual([]);
      }
    },
  );

  it.each(types)('%s behaves the same in any fleet, at any place in it', (type, entry) => {
    const id = entry.nameMachine(2);
    const alone = collect({ machines: [{ type, count: 2 }], durationS: 60 });
    const among = collect({ machines: types.map(([t]) => ({ type: t, count: 2 })), durationS: 60 });
    expect(payloadsOf(among, id)).toBe(payloadsOf(alone, id));
  });
});

describe('a fleet', () => {
  it('comes in order of time, as many samples as interval and duration say', () => {
    const deliveries = collect({
      machines: [{ type: 'cnc-process', count: 1 }],
      genericMachines: [{ id: 'PRESS-1', sensors: { rpm: { min: 1, max: 2 } }, interval_seconds: 0.5 }],
      durationS: 10,
    });
    expect(deliveries.filter((d) => d.machineId === 'PRESS-1')).toHaveLength(20);
    expect(deliveries.filter((d) => d.machineId === 'SEAS-CNC-01')).toHaveLength(5);
    const times = deliveries.map((d) => d.publishAtMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('keeps ground truth beside the payload and never in it', () => {
    const faults = [{ mode: 'imbalance', onsetS: 0, growthS: 0, severity: 1 }];
    for (const { payload, truth } of collect({
      machines: [{ type: 'centrifugal-pump', count: 1 }],
      faults,
      durationS: 5,
    })) {
      expect(truth!.faults).toMatchObject([{ mode: 'imbalance', level: 1 }]);
      expect(JSON.stringify(payload)).not.toMatch(/imbalance|HEALTHY|fault|label/);
    }
  });

  it.each<[SimulationOptions, string]>([
    [{}, 'no machines: name at least one'],
    [{ machines: [{ type: 'lathe', count: 1 }] }, 'machine type: got "lathe", allowed are '],
    [
      { machines: [{ type: 'generic', count: 1 }], faults: [{ mode: 'rust', onsetS: 0, growthS: 0, severity: 1 }] },
      'fault: got "rust", allowed for these machines are correlation_break',
    ],
    [
      {
        machines: [{ type: 'generic', count: 1 }],
        faults: [{ mode: 'overheating', onsetS: 0, growthS: 0, severity: 1, machineId: 'X' }],
      },
      'fault overheating: there is no machine "X" in this run',
    ],
    [
      {
        machines: [{ type: 'generic', count: 1 }],
        genericMachines: [{ id: 'MACHINE-001', sensors: { a: { min: 0, max: 1 } }, interval_seconds: 1 }],
      },
      'machine id: "MACHINE-001" stands for more than one machine',
    ],
  ])('refuses %j with a sentence', (options, sentence) => {
    const fleet = createFleet(options);
    expect(fleet.ok ? '' : fleet.error).toContain(sentence);
  });
});

describe('as an async iterable', () => {
  it('gives the same deliveries, and a break ends it', async () => {
    const options: SimulationOptions = { machines: [{ type: 'generic', count: 2 }], durationS: 30 };
    const streamed: Delivery[] = [];
    for await (const event of simulate(options)) if (event.kind !== 'disconnect') streamed.push(event);
    expect(payloadsOf(streamed)).toBe(payloadsOf(collect(options)));
    let seen = 0;
    for await (const _ of simulate({ machines: [{ type: 'generic', count: 1 }] })) if (++seen === 10) break;
    expect(seen).toBe(10);
  });

  it('keeps to the chosen speed and stops at once on a signal', async () => {
    const items = Array.from({ length: 1000 }, (_, i) => ({ publishAtMs: i * 100 }));
    const stop = new AbortController();
    const startedAtMs = performance.now();
    let count = 0;
    for await (const due of play(items.values(), { speed: 10, signal: stop.signal })) {
      count += due.length;
      if (count >= 20) stop.abort();
    }
    const elapsedMs = performance.now() - startedAtMs;
    expect(elapsedMs).toBeGreaterThanOrEqual(185);
    expect(elapsedMs).toBeLessThan(1500);
  });
});

describe('mergeByTime', () => {
  it('is a stable sort of its sources', () => {
    const source = fc.array(fc.integer({ min: 0, max: 20 })).map((times) => times.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(fc.array(source, { maxLength: 8 }), (sources) => {
        const tagged = sources.map((times, index) => times.map((publishAtMs) => ({ publishAtMs, index })));
        const merged = [...mergeByTime(tagged.map((items) => items.values()))];
        expect(merged).toEqual(tagged.flat().toSorted((a, b) => a.publishAtMs - b.publishAtMs));
      }),
    );
  });
});
