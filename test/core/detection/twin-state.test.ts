import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createTwin, type Twin } from '../../../core/detection/twin.ts';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import type { MachineType } from '../../../core/machine-types/definition.ts';
import { loadMachineType } from '../../../core/machine-types/load.ts';
import { parseSample } from '../../../core/telemetry/parse.ts';
import type { Sample } from '../../../core/telemetry/sample.ts';
import { machineCatalogue } from '../../../simulator/catalogue.ts';
import { press, pressDefinition } from './plant-type.ts';
import { observeAll, pressLife } from './press-life.ts';

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const resume = (type: MachineType, twin: Twin): Twin => createTwin(type, throughJson(twin.save()));

/** A machine of a built-in type whose first fault grows within the recording. */
function record(typeName: string, count: number, intervalS: number): Sample[] {
  const entry = machineCatalogue[typeName]!;
  const machine = entry.create({
    machineId: entry.nameMachine(1),
    seed: 3,
    startMs: Date.UTC(2026, 0, 1),
    intervalMs: intervalS * 1000,
    faults:
      typeName === 'cnc-process'
        ? []
        : [{ mode: entry.faultModes[0]!, onsetS: count * intervalS * 0.6, growthS: count * intervalS, severity: 1 }],
  });
  return Array.from({ length: count }, () => {
    const context = {
      types: builtinMachineTypes,
      findType: (n: string) => builtinMachineTypes.find((t) => t.name === n),
    };
    const parsed = parseSample(machine.next().payload, context);
    if (!parsed.ok) throw new Error(parsed.error.message);
    return parsed.value;
  });
}

describe.each([
  ['cnc-process', 300, 2],
  ['centrifugal-pump', 1600, 60],
  ['generic', 2600, 30],
  ['cnc-mill', 1500, 20],
])('the state of a %s twin', (typeName, count, intervalS) => {
  const type = builtinMachineTypes.find((t) => t.name === typeName)!;
  const samples = record(typeName, count, intervalS);

  it('goes on after any stop as if there had been none, to the last bit', () => {
    const undisturbed = createTwin(type);
    let moved = createTwin(type);
    samples.forEach((sample, i) => {
      if (i % 97 === 0) moved = resume(type, moved);
      expect(moved.observe(sample)).toEqual(undisturbed.observe(sample));
    });
    expect(JSON.stringify(moved.save())).toBe(JSON.stringify(undisturbed.save()));
  });

  it('says what still warms up after any stop, though nothing can be judged then', () => {
    const samples = record(typeName, 4, intervalS);
    const gone = samples.map((sample) => ({ ...sample, values: sample.values.map(() => Number.NaN) }));
    const undisturbed = createTwin(type);
    observeAll(undisturbed, samples.slice(0, 3));
    const moved = resume(type, undisturbed);
    const told = undisturbed.observe(gone[3]!).warmingUp;
    expect(moved.observe(gone[3]!).warmingUp).toEqual(told);
  });

  it('stays within 4 KB', () => {
    const twin = createTwin(type);
    let largest = 0;
    samples.forEach((sample, i) => {
      twin.observe(sample);
      if (i % 50 === 0) largest = Math.max(largest, JSON.stringify(twin.save()).length);
    });
    expect(largest).toBeLessThanOrEqual(4096);
  });

  it('gives the same from the same, and does not touch what it is given', () => {
    const once = observeAll(createTwin(type), samples.slice(0, 200));
    const frozen = samples.slice(0, 200).map((s) => Object.freeze({ ...s, values: Object.freeze([...s.values]) }));
    expect(observeAll(createTwin(type), frozen)).toEqual(once);
  });
});

interface Golden {
  readonly machineType: unknown;
  readonly state: ReturnType<Twin['save']>;
  readonly next: readonly Sample[];
  readonly codes: readonly (readonly string[])[];
  readonly after: ReturnType<Twin['save']>;
}

describe('persisted states', () => {
  const golden = JSON.parse(
    readFileSync(new URL('../../fixtures/twin-states/v1.json', import.meta.url), 'utf8'),
  ) as Golden;

  it('a state of version 1 loads and goes on', () => {
    const loaded = loadMachineType(golden.machineType);
    if (!loaded.ok) throw new Error(loaded.error.join('; '));
    const twin = createTwin(loaded.value, golden.state);
    const seen = observeAll(twin, golden.next);
    expect(seen.map((o) => o.findings.map((f) => f.code))).toEqual(golden.codes);
    expect(throughJson(twin.save())).toEqual(golden.after);
  });

  it('what stood is told on as it was, though nothing is seen of it at the moment of the stop', () => {
    const samples = pressLife(1600, (i) => (i > 1200 ? { warmth: 8 } : {})).map((sample, i) =>
      i < 1500 ? sample : { ...sample, values: sample.values.with(2, Number.NaN) },
    );
    const undisturbed = createTwin(press);
    observeAll(undisturbed, samples.slice(0, 1520));
    const moved = resume(press, undisturbed);
    const seen = observeAll(undisturbed, samples.slice(1520));
    expect(seen[0]!.findings.map(({ code }) => code)).toContain('warm');
    expect(observeAll(moved, samples.slice(1520))).toEqual(seen);
  });

  it('a state is not changed by the twin that began from it', () => {
    const twin = createTwin(press);
    observeAll(twin, pressLife(50));
    const state = throughJson(twin.save());
    const before = JSON.stringify(state);
    observeAll(createTwin(press, state), pressLife(80).slice(50));
    expect(JSON.stringify(state)).toBe(before);
  });

  it('a condition that the type did not have then holds all the same', () => {
    const twin = createTwin(press);
    observeAll(twin, pressLife(60));
    const quality = { ...pressDefinition.detection!.quality, noisyWhen: { phases: ['pressing'] } };
    const changed = loadMachineType({ ...pressDefinition, detection: { ...pressDefinition.detection, quality } });
    if (!changed.ok) throw new Error(changed.error.join('; '));
    const resting = pressLife(90)
      .slice(60)
      .map((sample) => ({ ...sample, phase: 'pressing', values: sample.values.with(1, 20) }));
    const seen = observeAll(createTwin(changed.value, throughJson(twin.save())), resting);
    expect(seen.at(-1)!.quality[1]).toBe('stuck');
  });

  it('health is of the last samples, also where the type counted more of them then', () => {
    const twin = createTwin(press);
    observeAll(
      twin,
      pressLife(60).map((sample) => ({ ...sample, values: sample.values.with(0, 400) })),
    );
    const health = { windowSamples: 4 };
    const changed = loadMachineType({ ...pressDefinition, detection: { ...pressDefinition.detection, health } });
    if (!changed.ok) throw new Error(changed.error.join('; '));
    const next = observeAll(createTwin(changed.value, throughJson(twin.save())), pressLife(64).slice(60));
    expect(next.at(-1)!.health.machine).toBe(100);
  });

  it('a state of another type, or from the future, is refused by name', () => {
    const state = createTwin(press).save();
    expect(() => createTwin(builtinMachineTypes[0]!, state)).toThrow('got one of "press", allowed is "cnc-process"');
    expect(() => createTwin(press, { ...state, version: 2 })).toThrow('got version 2, allowed are 1 to 1');
  });

  it('a changed detection section learns anew, and still knows what it has seen and what is open', () => {
    const twin = createTwin(press);
    const samples = pressLife(60).map((s) => ({ ...s, values: [400, ...s.values.slice(1)] }));
    observeAll(twin, samples);
    const detection = { ...pressDefinition.detection, checks: pressDefinition.detection!.checks!.slice(1) };
    const changed = loadMachineType({ ...pressDefinition, detection });
    if (!changed.ok) throw new Error(changed.error.join('; '));
    const next = createTwin(changed.value, throughJson(twin.save()));
    expect(next.observe(samples[59]!).disposition).toBe('duplicate');
    const on = next.observe(pressLife(61)[60]!);
    expect(on.transitions.map((t) => t.kind)).not.toContain('opened');
    expect(next.save().episodes.map((e) => e.code)).toContain('overforce');
  });
});
