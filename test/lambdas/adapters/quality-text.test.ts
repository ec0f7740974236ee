import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueQualities } from '../../../core/detection/observation.ts';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import { readQuality, writeQuality } from '../../../lambdas/adapters/quality-text.ts';

fc.configureGlobal({ seed: 2026 });

const signals = ['load', 'flow', 'heat', 'ph'].map((name) => ({ name }));

describe('the qualities of a sample as text', () => {
  it.each([
    [['good', 'good', 'good', 'good'], ''],
    [['good', 'stuck', 'good', 'good'], 'flow:stuck'],
    [['stale', 'stale', 'stale', 'stale'], '*:stale'],
    [['stale', 'missing', 'stale', 'good'], '*:stale,flow:missing,ph:good'],
  ] as const)('%j is %j', (qualities, text) => {
    expect(writeQuality(signals, qualities)).toBe(text);
  });

  it('tells on reading what was written, whatever it was', () => {
    const some = fc.array(fc.constantFrom(...valueQualities), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(some, (qualities) => {
        const doubtful = signals.flatMap(({ name }, i) => (qualities[i] === 'good' ? [] : [[name, qualities[i]]]));
        expect(readQuality(writeQuality(signals, qualities), signals)).toEqual(Object.fromEntries(doubtful));
      }),
    );
  });

  it.each(builtinMachineTypes.map((type) => [type.name, type] as const))(
    'leaves room in a record of 2 KB when every value of a %s came late',
    (_, type) => {
      expect(
        writeQuality(
          type.signals,
          type.signals.map(() => 'stale'),
        ).length,
      ).toBeLessThan(20);
    },
  );
});
