import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandEnvelope, bandRms, lineAmplitude, transform } from '../../../../core/detection/statistics/spectrum.ts';

const sampleRateHz = 1024;
const wave = (parts: readonly (readonly [amplitude: number, frequencyHz: number])[], size = 1024): Float64Array =>
  Float64Array.from({ length: size }, (_, i) =>
    parts.reduce((sum, [a, f]) => sum + a * Math.sin((2 * Math.PI * f * i) / sampleRateHz), 0),
  );

describe('a spectrum', () => {
  it('reads the amplitude of each line and nothing beside it', () => {
    const waveform = wave([
      [2, 50],
      [0.5, 120],
    ]);
    expect(lineAmplitude(waveform, sampleRateHz, 50)).toBeCloseTo(2, 6);
    expect(lineAmplitude(waveform, sampleRateHz, 120)).toBeCloseTo(0.5, 6);
    expect(lineAmplitude(waveform, sampleRateHz, 80)).toBeCloseTo(0, 6);
  });

  it('comes back from the transform unchanged, whatever the waveform', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 64, maxLength: 64 }),
        (values) => {
          const real = Float64Array.from(values);
          const imaginary = new Float64Array(64);
          transform(real, imaginary);
          transform(real, imaginary, true);
          values.forEach((value, i) => {
            expect(real[i]).toBeCloseTo(value, 6);
          });
        },
      ),
    );
  });

  it('refuses a length that is no power of two, naming it', () => {
    expect(() => transform(new Float64Array(12), new Float64Array(12))).toThrow('got 12 values');
  });

  it('finds how loud a band is, whatever rumbles below it', () => {
    const waveform = wave([
      [10, 20],
      [1, 300],
    ]);
    expect(bandRms(waveform, sampleRateHz, { fromHz: 200, toHz: 400 })).toBeCloseTo(Math.SQRT1_2, 6);
  });

  it('shows the beat of a modulated tone in its envelope', () => {
    const waveform = Float64Array.from({ length: 1024 }, (_, i) => {
      const t = i / sampleRateHz;
      return (1 + 0.6 * Math.cos(2 * Math.PI * 16 * t)) * Math.sin(2 * Math.PI * 300 * t);
    });
    const envelope = bandEnvelope(waveform, sampleRateHz, { fromHz: 200, toHz: 400 });
    expect(lineAmplitude(envelope, sampleRateHz, 16)).toBeCloseTo(0.6, 6);
  });
});
