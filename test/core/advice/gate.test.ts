import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAdvisor, type Situation } from '../../../core/advice/advise.ts';
import { decisions, type Observation, severities } from '../../../core/detection/observation.ts';
import { createTwin } from '../../../core/detection/twin.ts';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import type { MachineType } from '../../../core/machine-types/definition.ts';
import { loadMachineType } from '../../../core/machine-types/load.ts';
import type { Sample } from '../../../core/telemetry/sample.ts';
import { press, pressDefinition } from '../detection/plant-type.ts';

const types: readonly MachineType[] = [...builtinMachineTypes, press];
const startMs = Date.UTC(2026, 0, 1);

/** Anything a sensor, a gateway or an attacker could put where a number belongs. */
const anyValue = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -50, max: 500, noNaN: true }) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1e308, 1e308, 0) },
);

const anySample = (
  type: MachineType,
): fc.Arbitrary<Omit<Sample, 'sampledAtMs'> & { stepMs: number; delayMs: number }> =>
  fc.record({
    machineId: fc.constant('M-1'),
    machineType: fc.constant(type.name),
    stepMs: fc.integer({ min: -3000, max: 5000 }),
    delayMs: fc.oneof(fc.constant(0), fc.integer({ min: -60_000, max: 600_000 })),
    sequence: fc.option(fc.nat(1000)),
    values: fc.array(anyValue, { minLength: type.signals.length, maxLength: type.signals.length }),
    declaredQuality: fc.dictionary(
      fc.constantFrom(...type.signals.map((s) => s.name)),
      fc.constantFrom('uncertain' as const, 'bad' as const),
      { maxKeys: 2 },
    ),
    phase: fc.option(fc.constantFrom(...type.phases.map((p) => p.name), 'unheard of')),
    context: fc.constant({}),
  });

const anyType = fc.constantFrom(...types);
const anyRun = anyType.chain((type) => fc.tuple(fc.constant(type), fc.array(anySample(type), { maxLength: 25 })));

/** A value that is wrong, a required one that is not there, or none at all: known without the engine's help. */
function hasUntrustedValue(type: MachineType, sample: Pick<Sample, 'values' | 'declaredQuality'>): boolean {
  const isWrong = type.signals.some(({ name, required, physicalRange: { min, max } }, i) => {
    const value = sample.values[i]!;
    if (Number.isNaN(value)) return required;
    return !(value >= min && value <= max) || sample.declaredQuality[name] === 'bad';
  });
  return isWrong || sample.values.every(Number.isNaN);
}

function check(type: MachineType, sample: Sample, delayMs: number, seen: Observation): void {
  expect(seen.health.machine).toBeGreaterThanOrEqual(0);
  expect(seen.health.machine).toBeLessThanOrEqual(100);
  expect(seen.causes.reduce((sum, cause) => sum + cause.weight, 0)).toBeLessThan(1.01);
  if (seen.disposition !== 'used') return;
  const isStale = delayMs > type.detection.quality.staleAfterS * 1000;
  if (hasUntrustedValue(type, sample) || isStale) {
    expect(seen.advice.decision).toBe('do_not_proceed');
    const dropout = seen.findings.find((f) => f.code === 'sensor_dropout');
    expect(dropout?.evidence.length).toBeGreaterThan(0);
  }
  const invalid = seen.findings.some((f) => type.detection.codes[f.code]?.invalidProcess === true);
  if (invalid) expect(seen.advice.decision).toBe('do_not_proceed');
}

describe('the gate', () => {
  it('lets nothing lead from untrusted data or an invalid window to any other decision, whatever comes in', () => {
    fc.assert(
      fc.property(anyRun, ([type, samples]) => {
        const twin = createTwin(type);
        let atMs = startMs;
        for (const { stepMs, delayMs, ...sample } of samples) {
          atMs += stepMs;
          const whole = { ...sample, sampledAtMs: atMs };
          check(type, whole, delayMs, twin.observe(whole, atMs + delayMs));
        }
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  it('stands before all configuration: no rule of a type can talk it out of it', () => {
    const anyDecision = fc.constantFrom(...decisions);
    const words = { action: 'go', requiredCheck: 'none', rationale: 'because', confidence: 1 };
    const anyCodes = fc.subarray(['sensor_dropout', 'overforce', 'hot', 'warm']);
    fc.assert(
      fc.property(
        anyDecision,
        anyCodes,
        anyCodes,
        fc.constantFrom(...severities),
        (decision, inRule, codes, severity) => {
          const rule = { codes: inRule, decision, ...words };
          const loaded = loadMachineType({
            ...pressDefinition,
            detection: { ...pressDefinition.detection, decisions: [rule] },
          });
          if (!loaded.ok) throw new Error(loaded.error.join('; '));
          const situation: Situation = { codes, severity, causes: [], isUncertain: false };
          const advice = createAdvisor(loaded.value)(situation);
          const isBlocked = codes.includes('sensor_dropout') || codes.includes('overforce');
          if (isBlocked) expect(advice.decision).toBe('do_not_proceed');
        },
      ),
      { numRuns: 300, seed: 12 },
    );
  });

  it('gives every decision its action, check, rationale, confidence and what would change it', () => {
    for (const type of types) {
      const advise = createAdvisor(type);
      const codes = ['sensor_dropout', ...Object.keys(type.detection.codes)];
      for (const code of codes) {
        for (const severity of severities) {
          for (const cause of [undefined, ...type.failureModes]) {
            const causes =
              cause === undefined ? [] : [{ failureMode: cause.name, component: cause.component, weight: 1 }];
            const advice = advise({ codes: severity === 'normal' ? [] : [code], severity, causes, isUncertain: false });
            expect(
              Math.min(advice.action.length, advice.requiredCheck.length, advice.rationale.length),
            ).toBeGreaterThan(2);
            expect(advice.confidence).toBeGreaterThan(0);
            expect(advice.wouldChange.length).toBeGreaterThan(0);
          }
        }
      }
    }
  });
});
