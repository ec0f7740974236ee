import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import { createCatalogue } from '../../../core/machine-types/catalogue.ts';
import { loadMachineType } from '../../../core/machine-types/load.ts';

fc.configureGlobal({ seed: 2026 });

const press = {
  schemaVersion: 1,
  name: 'hydraulic-press',
  title: 'Hydraulic press',
  identifiedBy: ['ram_force_kn'],
  signals: [
    { name: 'force', path: 'ram_force_kn', unit: 'kN', component: 'ram', physicalRange: { min: 0, max: 5000 } },
    {
      name: 'oil',
      path: 'oil.temperature_c',
      unit: '°C',
      physicalRange: { min: -20, max: 150 },
      normalLimits: { max: 60 },
    },
  ],
  phases: [{ name: 'closing', limits: { force: { max: 100 } } }],
  components: [{ name: 'ram', title: 'Ram' }],
  failureModes: [
    { name: 'seal_leak', title: 'Seal leak', component: 'ram', signature: { force: 'down' }, actions: ['change_seal'] },
  ],
  actions: [{ name: 'change_seal', title: 'Change the seal', component: 'ram', durationHours: 4 }],
};

const problemsOf = (input: unknown): readonly string[] => {
  const loaded = loadMachineType(input);
  return loaded.ok ? [] : loaded.error;
};

describe('a plant’s machine type', () => {
  it('loads from plain JSON, with what it leaves out filled in', () => {
    const loaded = loadMachineType(JSON.parse(JSON.stringify(press)));
    if (!loaded.ok) throw new Error(loaded.error.join());
    expect(loaded.value.signals.map((s) => s.required)).toEqual([true, true]);
    expect(loaded.value.phasePath).toBeNull();
    expect(loaded.value.actions[0]!.leadTimeHours).toBe(0);
  });

  const [force, oil] = press.signals;
  it.each<[string, object, string]>([
    ['a missing title', { title: undefined }, 'title: '],
    ['another schema version', { schemaVersion: 2 }, 'schemaVersion: '],
    ['a name with capitals', { name: 'Press' }, 'name: use lower-case letters'],
    ['an unknown field', { colour: 'red' }, 'colour'],
    ['no signals', { signals: [] }, 'signals: '],
    [
      'a drawing of a signal that is not there',
      { drawings: { operatingMap: { x: 'oil', y: 'flow' } } },
      'drawings.operatingMap.y: got "flow", allowed are force, oil',
    ],
    [
      'a range upside down',
      { signals: [{ ...force, physicalRange: { min: 2, max: 1 } }] },
      'signals[0].physicalRange: min must be below max',
    ],
    [
      'a range of words',
      { signals: [{ ...force, physicalRange: { min: 'low', max: 1 } }] },
      'signals[0].physicalRange.min: ',
    ],
    [
      'limits without an end',
      { signals: [{ ...force, normalLimits: {} }] },
      'signals[0].normalLimits: give min, max or both',
    ],
    [
      'a path with a slash',
      { signals: [{ ...force, path: 'a/b' }] },
      'signals[0].path: use field names joined by dots',
    ],
    ['one name twice', { signals: [force, { ...oil, name: 'force' }] }, 'signals: "force" stands more than once'],
    ['a signal of no component', { components: [] }, 'signals[0].component: got "ram", allowed are none'],
    [
      'limits of no signal',
      { phases: [{ name: 'x', limits: { farce: { max: 1 } } }] },
      'phases "x" limits: got "farce", allowed are force, oil',
    ],
    [
      'a signature of no signal',
      { failureModes: [{ ...press.failureModes[0], signature: { heat: 'up' } }] },
      'failureModes "seal_leak" signature: got "heat", allowed are force, oil',
    ],
    [
      'an action nobody defined',
      { actions: [] },
      'failureModes "seal_leak" actions: got "change_seal", allowed are none',
    ],
  ])('with %s is refused, and the message names the field', (_, change, message) => {
    expect(problemsOf({ ...press, ...change }).join('\n')).toContain(message);
  });

  it('tells all problems at once, with the values got', () => {
    const problems = problemsOf({ ...press, name: 'A B', title: 5 });
    expect(problems).toHaveLength(2);
    expect(problems.join()).toContain('(got "A B")');
    expect(problems).toContain('title: allowed is a text (got 5)');
  });

  it('says what is missing and what nobody knows without repeating the file', () => {
    const { signals: _, ...without } = press;
    expect(problemsOf({ ...without, unti: 'C' })).toEqual([
      'signals: allowed is a list (missing)',
      'machine type: unknown field: "unti"',
    ]);
  });

  it('never makes the loader throw', () => {
    const spoiled = fc.record(
      Object.fromEntries(
        Object.entries(press).map(([key, value]) => [key, fc.oneof(fc.constant(value), fc.anything())]),
      ),
    );
    fc.assert(
      fc.property(fc.oneof(spoiled, fc.anything()), (input) => {
        for (const problem of problemsOf(input)) expect(problem).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });
});

describe('the catalogue', () => {
  it('has the four built-in types', () => {
    expect(builtinMachineTypes.map((type) => type.name).sort()).toEqual([
      'centrifugal-pump',
      'cnc-mill',
      'cnc-process',
      'generic',
    ]);
  });

  it('adds a plant’s types, and one of the same name replaces the built-in one', () => {
    const generic = { ...press, name: 'generic' };
    const catalogue = createCatalogue([press, generic]);
    if (!catalogue.ok) throw new Error(catalogue.error.join());
    expect(catalogue.value.types).toHaveLength(5);
    expect(catalogue.value.findType('hydraulic-press')?.title).toBe('Hydraulic press');
    expect(catalogue.value.findType('generic')?.title).toBe('Hydraulic press');
    expect(catalogue.value.findType('lathe')).toBeUndefined();
  });

  it('says which of several types is wrong', () => {
    const catalogue = createCatalogue([press, { ...press, title: 5 }]);
    expect(catalogue.ok ? [] : catalogue.error).toEqual([
      expect.stringMatching(/^machine type 2: title: .*\(got 5\)$/),
    ]);
  });
});
