import { describe, expect, it } from 'vitest';
import type { Observation } from '../../../core/detection/observation.ts';
import { createTwin, type Twin } from '../../../core/detection/twin.ts';
import type { MachineType, MachineTypeInput } from '../../../core/machine-types/definition.ts';
import { loadMachineType } from '../../../core/machine-types/load.ts';
import { createRandom } from '../../../core/random/random.ts';
import type { Sample } from '../../../core/telemetry/sample.ts';
import { startMs } from './plant-type.ts';

/**
 * The laws of detectors once more, for what is no detector of the port but a check of the twin: they read expectations,
 * phases and parts, so each runs inside a twin that has no other check.
 */
type CheckInput = NonNullable<NonNullable<MachineTypeInput['detection']>['checks']>[number];

const code = 'planted';
const checks: Readonly<Record<string, { check: CheckInput; fault: Fault }>> = {
  bounds: { check: { code, kind: 'bounds', of: 'warmth', max: 90, holdSamples: 2 }, fault: { warmth: 60 } },
  'bounds on the residual': {
    check: { code, kind: 'bounds', on: 'residual', of: 'current', max: 4 },
    fault: { current: 8 },
  },
  'phase-limits': { check: { code, kind: 'phase-limits', of: 'force' }, fault: { force: 250 } },
  drift: { check: { code, kind: 'drift', of: 'current', side: 'up' }, fault: { current: 2 } },
  spread: { check: { code, kind: 'spread', of: 'current', slowSamples: 24 }, fault: { noise: 6 } },
  pace: {
    check: {
      code,
      kind: 'pace',
      of: 'wear',
      per: 'minutes',
      atLeast: 0.5,
      leastWork: 0.1,
      mostWork: 5,
      mostPerS: 0.0167,
    },
    fault: { pace: 4 },
  },
  'a detector of several signals': {
    check: {
      code,
      kind: 'detector',
      detector: 'mahalanobis',
      of: ['force', 'current', 'warmth'],
      config: { trainSamples: 150, windowSamples: 10 },
    },
    fault: { current: 8 },
  },
};

interface Fault {
  readonly force?: number;
  readonly current?: number;
  readonly warmth?: number;
  readonly noise?: number;
  /** Times as much wear a minute. */
  readonly pace?: number;
}

const signals: MachineTypeInput['signals'] = [
  { name: 'force', path: 'force', unit: 'kN', component: 'ram', physicalRange: { min: 0, max: 1000 } },
  { name: 'current', path: 'current', unit: 'A', component: 'drive', physicalRange: { min: 0, max: 1000 } },
  { name: 'warmth', path: 'warmth', unit: '°C', component: 'drive', physicalRange: { min: -20, max: 500 } },
  { name: 'wear', path: 'wear', unit: '%', component: 'ram', physicalRange: { min: 0, max: 1e6 } },
  { name: 'minutes', path: 'minutes', unit: 'min', component: 'ram', physicalRange: { min: 0, max: 1e9 } },
];

function typeWith(check: CheckInput, order = signals): MachineType {
  const loaded = loadMachineType({
    schemaVersion: 1,
    name: 'press',
    title: 'Press',
    signals: order,
    phases: [{ name: 'pressing', limits: { force: { min: 50, max: 300 } } }],
    components: [
      { name: 'ram', title: 'Ram' },
      { name: 'drive', title: 'Drive' },
    ],
    failureModes: [{ name: 'any', title: 'Any', component: 'drive', signature: { current: 'up', warmth: 'up' } }],
    detection: {
      expectations: [{ kind: 'learned', name: 'drive', of: ['current'], terms: [{ of: { force: 1 } }], samples: 120 }],
      // The bare limits of the phase are watched by default; here they belong to one of the checks alone.
      checks: check.kind === 'phase-limits' ? [check] : [check, { code: 'other', kind: 'phase-limits', of: 'force' }],
      codes: { planted: { title: 'Planted', penalty: 20 }, other: { title: 'Other', penalty: 20 } },
    },
  });
  if (!loaded.ok) throw new Error(loaded.error.join('; '));
  return loaded.value;
}

const trainSamples = 400;
const faultSamples = 60;

/** The last `faultSamples` are faulty where asked. */
function live(seed: number, count: number, fault: Fault = {}, fromMinute = 0): Sample[] {
  const random = createRandom(`laws/${seed}`);
  let wear = 5;
  return Array.from({ length: count }, (_, i) => {
    const { force: push = 0, current = 0, warmth = 0, noise = 1, pace = 1 } = i >= count - faultSamples ? fault : {};
    wear += 0.1 * pace;
    const force = 150 + random.normal(0, 15);
    const amps = 5 + 0.1 * force + current + random.normal(0, 0.3 * noise);
    return sampleOf(fromMinute * 6 + i, [
      force + push,
      amps,
      45 + warmth + random.normal(0, 0.5),
      wear,
      fromMinute + (i + 1) / 6,
    ]);
  });
}

const sampleOf = (i: number, values: readonly number[]): Sample => ({
  machineId: 'PRESS-1',
  machineType: 'press',
  sampledAtMs: startMs + i * 10_000,
  sequence: i,
  values,
  declaredQuality: {},
  phase: 'pressing',
  context: {},
});

const observe = (twin: Twin, samples: readonly Sample[]): Observation[] => samples.map((s) => twin.observe(s));
const raises = (seen: readonly Observation[]): boolean => seen.some((o) => o.findings.some((f) => f.code === code));
const seeds = Array.from({ length: 20 }, (_, i) => i + 1);

describe.each(Object.entries(checks))('%s keeps the laws of detectors', (_, { check, fault }) => {
  const type = typeWith(check);
  const samples = live(7, trainSamples + faultSamples, fault);

  it('gives the same from the same and leaves its input alone', () => {
    const once = observe(createTwin(type), samples);
    const frozen = samples.map((s) => Object.freeze({ ...s, values: Object.freeze([...s.values]) }));
    expect(observe(createTwin(type), frozen)).toEqual(once);
  });

  it('goes on identically after its state went through JSON, at any moment', () => {
    const whole = observe(createTwin(type), samples);
    for (const cut of [1, 9, 70, 130, 300, trainSamples, trainSamples + 12]) {
      const twin = createTwin(type);
      observe(twin, samples.slice(0, cut));
      const resumed = createTwin(type, JSON.parse(JSON.stringify(twin.save())));
      expect(observe(resumed, samples.slice(cut))).toEqual(whole.slice(cut));
    }
  });

  it('is not poisoned by missing, infinite and enormous values', () => {
    const wild = [Number.NaN, Number.POSITIVE_INFINITY, -1.7e308, 1.7e308, 999, 5e-324].map((value, i) =>
      sampleOf(trainSamples + i, [value, value, value, value, value]),
    );
    const twin = createTwin(type);
    observe(twin, [...live(7, trainSamples), ...wild]);
    expect(JSON.parse(JSON.stringify(twin.save()))).toEqual(twin.save());
    const healthy = observe(twin, live(8, 3 * trainSamples, {}, 500));
    expect(raises(healthy.slice(-trainSamples))).toBe(false);
    expect(raises(observe(twin, live(9, trainSamples + faultSamples, fault, 1000)))).toBe(true);
  });

  it('raises nothing on a constant signal', () => {
    const [first] = samples;
    const constant = samples.map((s) => ({ ...s, values: first!.values }));
    expect(raises(observe(createTwin(type), constant))).toBe(false);
  });

  it('says the same whatever the order of the signals', () => {
    const turned = typeWith(check, [...signals].reverse());
    const seen = observe(
      createTwin(turned),
      samples.map((s) => ({ ...s, values: [...s.values].reverse() })),
    );
    const straight = observe(createTwin(type), samples);
    const brief = (o: Observation) => [o.findings, o.causes, o.health, o.advice, o.transitions, o.warmingUp];
    expect(seen.map(brief)).toEqual(straight.map(brief));
  });

  it('finds planted faults far oftener than it cries over healthy machines', () => {
    const share = (of: Fault): number =>
      seeds.filter((seed) =>
        raises(observe(createTwin(type), live(seed, trainSamples + faultSamples, of)).slice(-faultSamples)),
      ).length / seeds.length;
    expect(share(fault)).toBeGreaterThanOrEqual(0.9);
    expect(share({})).toBeLessThanOrEqual(0.1);
  });

  it('keeps no more, however long the history', () => {
    const twin = createTwin(type);
    const size = (): number => JSON.stringify(twin.save()).replace(/-?\d[\d.e+-]*/g, '0').length;
    observe(twin, live(5, 800));
    const early = size();
    observe(twin, live(6, 3000, {}, 1000));
    expect(size()).toBeLessThanOrEqual(early * 1.02);
  });

  it('says that it warms up again after its part was renewed, where it learns at all', () => {
    const twin = createTwin(type);
    observe(twin, live(7, trainSamples));
    const before = createTwin(type).observe(samples[0]!).warmingUp;
    twin.renew(null);
    expect(twin.observe(sampleOf(trainSamples, samples[0]!.values)).warmingUp).toEqual(before);
  });
});

it('a detector of several signals says how much each adds, and diagnosis hears the one that adds most', () => {
  const { check, fault } = checks['a detector of several signals']!;
  const seen = observe(createTwin(typeWith(check)), live(7, trainSamples + faultSamples, fault)).at(-1)!;
  const shares = seen.findings
    .find((f) => f.code === code)!
    .evidence.map(({ signal, share }) => [signal, share!] as const);
  expect(shares.reduce((sum, [, share]) => sum + share, 0)).toBeCloseTo(1, 2);
  expect(shares.toSorted((a, b) => b[1] - a[1])[0]![0]).toBe('current');
});
