import type { MachineTypeInput } from '../../../core/machine-types/definition.ts';
import { loadMachineType } from '../../../core/machine-types/load.ts';
import type { Sample } from '../../../core/telemetry/sample.ts';

/** A plant's own press, small enough to reason about by hand, with every kind of check in it. */
export const pressDefinition: MachineTypeInput = {
  schemaVersion: 1,
  name: 'press',
  title: 'Press',
  signals: [
    { name: 'force', path: 'force', unit: 'kN', component: 'ram', physicalRange: { min: 0, max: 500 } },
    { name: 'current', path: 'current', unit: 'A', component: 'drive', physicalRange: { min: 0, max: 100 } },
    { name: 'warmth', path: 'warmth', unit: '°C', component: 'drive', physicalRange: { min: -20, max: 200 } },
    { name: 'tilt', path: 'tilt', unit: 'mm', physicalRange: { min: -5, max: 5 }, required: false },
  ],
  phasePath: 'phase',
  phases: [{ name: 'pressing', limits: { force: { min: 50, max: 300 } } }, { name: 'idle' }],
  components: [
    { name: 'ram', title: 'Ram' },
    { name: 'drive', title: 'Drive' },
  ],
  failureModes: [
    { name: 'dry_bearing', title: 'Dry bearing', component: 'drive', signature: { current: 'up', warmth: 'up' } },
    { name: 'blocked_fan', title: 'Blocked fan', component: 'drive', signature: { warmth: 'up' } },
  ],
  detection: {
    quality: { noisySignals: ['current'], stuckAfterSamples: 10, staleAfterS: 60, lateAfterS: 30, clockSkewS: 5 },
    derived: [{ name: 'force_slow', unit: 'kN', terms: [{ of: { force: 1 } }], lagS: 60 }],
    expectations: [
      { kind: 'learned', name: 'drive', of: ['current'], terms: [{ of: { force: 1 } }], samples: 200 },
      { kind: 'learned', name: 'heat', of: ['warmth'], terms: [{ of: { force_slow: 1 } }], samples: 200 },
    ],
    checks: [
      { code: 'current_up', kind: 'drift', of: 'current', side: 'up', fastSamples: 24, slowSamples: 48, atLeast: 0.5 },
      { code: 'warm', kind: 'drift', of: 'warmth', side: 'up', fastSamples: 8, slowSamples: 32, atLeast: 1 },
      { code: 'restless', kind: 'spread', of: 'current', ratio: 6, slowSamples: 32 },
      { code: 'jump', kind: 'detector', detector: 'rolling-z', of: ['tilt'], config: { threshold: 12 } },
      { code: 'overforce', kind: 'phase-limits', of: 'force' },
      { code: 'hot', kind: 'bounds', of: 'warmth', max: 90, holdSamples: 2 },
    ],
    codes: {
      current_up: { title: 'Current above its expectation', penalty: 15, worstPenalty: 60 },
      warm: { title: 'Warmer than expected', penalty: 15, worstPenalty: 60 },
      overforce: { title: 'Force outside its window', penalty: 20, invalidProcess: true },
      hot: { title: 'Hot', penalty: 45 },
    },
  },
};

export const press = load(pressDefinition);

function load(definition: unknown) {
  const loaded = loadMachineType(definition);
  if (!loaded.ok) throw new Error(loaded.error.join('; '));
  return loaded.value;
}

export const startMs = Date.UTC(2026, 4, 1);

/** A sample of the press; a NaN is a value that was not sent. */
export function pressSample(i: number, values: readonly number[], more: Partial<Sample> = {}): Sample {
  return {
    machineId: 'PRESS-1',
    machineType: 'press',
    sampledAtMs: startMs + i * 1000,
    sequence: i,
    values,
    declaredQuality: {},
    phase: 'pressing',
    context: {},
    ...more,
  };
}
