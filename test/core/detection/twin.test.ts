import { describe, expect, it } from 'vitest';
import { createTwin } from '../../../core/detection/twin.ts';
import { loadMachineType } from '../../../core/machine-types/load.ts';
import { press, pressDefinition, pressSample } from './plant-type.ts';
import { observeAll, openedCodes, pressLife } from './press-life.ts';

const learned = 450;

/** Grows by 0.02 A a sample to 4 A. */
const ramp = (i: number, from: number): number => Math.min(4, Math.max(0, i - from) * 0.02);

describe('a twin of a plant’s own machine type', () => {
  it('raises nothing on a healthy machine', () => {
    const seen = observeAll(createTwin(press), pressLife(20_000));
    expect(openedCodes(seen)).toEqual([]);
    expect(seen.at(-1)!.health).toEqual({ machine: 100, components: { ram: 100, drive: 100 } });
  });

  it('raises nothing on a machine whose signals never move', () => {
    const quiet = loadMachineType({
      ...pressDefinition,
      detection: { ...pressDefinition.detection, quality: {} },
    });
    if (!quiet.ok) throw new Error(quiet.error.join('; '));
    const twin = createTwin(quiet.value);
    const seen = Array.from({ length: 2000 }, (_, i) => twin.observe(pressSample(i, [150, 20, 50, 0])));
    expect(seen.every((o) => o.findings.length === 0)).toBe(true);
  });

  it('learns what the current should be and shows it', () => {
    const seen = observeAll(createTwin(press), pressLife(learned));
    const last = seen.at(-1)!;
    expect(last.expected[1]).toBeCloseTo(5 + 0.1 * last.values[0]!, 0);
    expect(Number.isNaN(seen[50]!.expected[1])).toBe(true);
  });

  it('tells a dry bearing from a blocked fan', () => {
    const grow = (i: number): number => Math.max(0, i - 500) * 0.05;
    const bearing = observeAll(
      createTwin(press),
      pressLife(700, (i) => ({ current: grow(i), warmth: grow(i) })),
    );
    const fan = observeAll(
      createTwin(press),
      pressLife(700, (i) => ({ warmth: grow(i) })),
    );
    expect(bearing.at(-1)!.causes[0]!.failureMode).toBe('dry_bearing');
    expect(fan.at(-1)!.causes[0]!.failureMode).toBe('blocked_fan');
    expect(openedCodes(bearing)).toHaveLength(1);
    expect(openedCodes(fan)).toEqual(['warm']);
  });

  it('shows observed, expected, residual and limit as evidence', () => {
    const twin = createTwin(press);
    const seen = observeAll(
      twin,
      pressLife(600, (i) => ({ current: i > 550 ? 6 : 0 })),
    );
    const evidence = seen.at(-1)!.findings.find((f) => f.code === 'current_up')!.evidence[0]!;
    expect(evidence.unit).toBe('A');
    expect(evidence.residual).toBeCloseTo(evidence.observed! - evidence.expected!, 5);
    expect(evidence.observed!).toBeGreaterThan(evidence.limit!.max!);
    expect(evidence.detector).toEqual({ name: 'drift', version: 1 });
  });

  it('hears noise that grew where the mean stays', () => {
    const seen = observeAll(
      createTwin(press),
      pressLife(900, (i) => ({ noise: i > 700 ? 3 : 1 })),
    );
    expect(openedCodes(seen)).toEqual(['restless']);
  });

  it('is not moved by single glitches', () => {
    const seen = observeAll(
      createTwin(press),
      pressLife(3000, (i) => ({ current: i > 500 && i % 100 === 0 ? 50 : 0 })),
    );
    expect(openedCodes(seen)).toEqual([]);
  });

  it('does not learn the fault: what opened stays open while it stands', () => {
    const seen = observeAll(
      createTwin(press),
      pressLife(6000, (i) => ({ current: ramp(i, 600) })),
    );
    const kinds = seen.flatMap((o) => o.transitions.map((t) => t.kind));
    expect(kinds.filter((kind) => kind === 'opened')).toHaveLength(1);
    expect(kinds).not.toContain('cleared');
  });

  it('trains no detector on a fault while another code stands open', () => {
    const trained = loadMachineType({
      ...pressDefinition,
      detection: {
        ...pressDefinition.detection,
        checks: [
          { code: 'hot', kind: 'bounds', of: 'warmth', max: 90, holdSamples: 2 },
          {
            code: 'together',
            kind: 'detector',
            detector: 'mahalanobis',
            of: ['force', 'current'],
            config: { trainSamples: 200, windowSamples: 10 },
          },
        ],
      },
    });
    if (!trained.ok) throw new Error(trained.error.join('; '));
    const isIll = (i: number): boolean => (i >= 100 && i < 200) || i >= 700;
    const seen = observeAll(
      createTwin(trained.value),
      pressLife(760, (i) => ({ current: isIll(i) ? 12 : 0, warmth: i >= 100 && i < 200 ? 60 : 0 })),
    );
    expect(seen[250]!.warmingUp).toEqual(['together']);
    expect(openedCodes(seen)).toEqual(['hot', 'together']);
  });

  it('clears once the fault is gone, and one fault is one alarm', () => {
    const twin = createTwin(press);
    const seen = observeAll(
      twin,
      pressLife(3000, (i) => ({ current: i < 900 ? ramp(i, 600) : ramp(1100, i) })),
    );
    const kinds = seen.flatMap((o) => o.transitions.map((t) => t.kind)).filter((kind) => kind !== 'changed');
    expect(kinds).toEqual(['opened', 'cleared']);
  });

  it('starts a component anew after its repair', () => {
    const twin = createTwin(press);
    observeAll(
      twin,
      pressLife(700, (i) => ({ current: ramp(i, 500) })),
    );
    expect(twin.renew('ram')).toEqual([]);
    expect(twin.renew('drive').map((t) => [t.kind, t.code])).toEqual([['cleared', 'current_up']]);
    const later = pressLife(1800, (i) => ({ current: ramp(i, 400) })).slice(700);
    expect(openedCodes(observeAll(twin, later))).toEqual([]);
  });

  it('holds an episode open through a dropout: not seeing a fault is not its end', () => {
    const twin = createTwin(press);
    const samples = pressLife(1000, (i) => ({ current: ramp(i, 600) }));
    const blind = samples.map((s, i) => (i > 800 ? { ...s, values: [s.values[0]!, Number.NaN, s.values[2]!, 0] } : s));
    const seen = observeAll(twin, blind);
    const kinds = seen.flatMap((o) => o.transitions.map((t) => `${t.kind} ${t.code}`));
    expect(kinds.filter((k) => !k.startsWith('changed'))).toEqual(['opened current_up', 'opened sensor_dropout']);
  });
});

describe('a type that configures nothing', () => {
  const { detection: _, failureModes: __, ...bare } = pressDefinition;
  const loaded = loadMachineType(bare);
  if (!loaded.ok) throw new Error(loaded.error.join('; '));

  it('has its limits watched from the first sample', () => {
    const o = createTwin(loaded.value).observe(pressSample(0, [40, 20, 50, 0]));
    expect(o.findings.map((f) => [f.code, f.evidence[0]!.limit])).toEqual([['outside_limits', { min: 50, max: 300 }]]);
  });

  it('learns what goes together and tells what leaves it', () => {
    const twin = createTwin(loaded.value);
    const hours = (count: number, current: (i: number) => number) =>
      pressLife(count, (i) => ({ current: current(i) })).map((s, i) => ({
        ...s,
        sampledAtMs: pressSample(0, []).sampledAtMs + i * 30_000,
      }));
    const seen = observeAll(
      twin,
      hours(2600, (i) => (i > 2400 ? 5 : 0)),
    );
    expect(openedCodes(seen.slice(0, 2400))).toEqual([]);
    expect(openedCodes(seen)).toEqual(['unexpected_value']);
  });
});

describe('names in the detection section', () => {
  it.each([
    ['checks', { checks: [{ code: 'x', kind: 'drift', of: 'forse' }] }, 'detection.checks[0] of: got "forse"'],
    [
      'detectors',
      { checks: [{ code: 'x', kind: 'detector', detector: 'magic', of: ['force'] }] },
      'detection.checks[0] detector: got "magic", allowed are limits',
    ],
    ['causes', { signatures: { rust: {} } }, 'detection.signatures: got "rust", allowed are dry_bearing, blocked_fan'],
    [
      'derived quantities',
      { derived: [{ name: 'a', unit: 'A', terms: [{ of: { b: 1 } }] }] },
      'detection.derived "a" terms: got "b", allowed are force, current, warmth, tilt',
    ],
  ])('that stand for nothing are named: %s', (_, detection, message) => {
    const result = loadMachineType({ ...pressDefinition, detection });
    expect(result.ok ? '' : result.error.join('\n')).toContain(message);
  });
});
