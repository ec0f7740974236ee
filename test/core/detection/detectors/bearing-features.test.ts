import { describe, expect, it } from 'vitest';
import { bearingFrequencies, measureBearing } from '../../../../core/detection/detectors/bearing-features.ts';
import { createRandom } from '../../../../core/random/random.ts';

const bearing6205 = { balls: 9, ballDiameterMm: 7.94, pitchDiameterMm: 38.5, contactAngleDeg: 0 };
const bearingZa2115 = { balls: 16, ballDiameterMm: 8.4, pitchDiameterMm: 71.5, contactAngleDeg: 15.17 };

describe('bearing frequencies', () => {
  it('agree with the tables for a 6205 at 1500 rpm', () => {
    const { cageHz, outerRaceHz, innerRaceHz } = bearingFrequencies(bearing6205, 1500);
    expect([cageHz, outerRaceHz, innerRaceHz]).toEqual([
      expect.closeTo(9.92, 2),
      expect.closeTo(89.3, 1),
      expect.closeTo(135.7, 1),
    ]);
  });

  it('agree with the tables for a ZA-2115 at 2000 rpm', () => {
    const { outerRaceHz, innerRaceHz } = bearingFrequencies(bearingZa2115, 2000);
    expect([outerRaceHz, innerRaceHz]).toEqual([expect.closeTo(236.4, 0), expect.closeTo(296.9, 0)]);
  });
});

describe('features of a waveform', () => {
  const sampleRateHz = 16_384;
  const frequencies = bearingFrequencies(bearing6205, 1500);
  const resonance = { fromHz: 3000, toHz: 5000 };

  /** Noise, and a ring of 4 kHz at each pass over the defect. */
  function waveform(passesPerS: number): Float64Array {
    const random = createRandom(3);
    return Float64Array.from({ length: 16_384 }, (_, i) => {
      const sincePassS = (i / sampleRateHz) % (1 / passesPerS);
      return random.normal(0, 0.1) + 2 * Math.exp(-sincePassS * 1500) * Math.sin(2 * Math.PI * 4000 * sincePassS);
    });
  }
  const measure = (values: Float64Array) => measureBearing(values, sampleRateHz, { frequencies, resonance });

  it('tell an outer-race defect from an inner-race one, slip included', () => {
    const outer = measure(waveform(frequencies.outerRaceHz * 0.985));
    expect(outer.envelopeOuterRace).toBeGreaterThan(3 * outer.envelopeInnerRace);
    const inner = measure(waveform(frequencies.innerRaceHz * 0.985));
    // Twice this bearing's inner-race frequency is nearly three times its outer-race one: the outer line borrows that.
    expect(inner.envelopeInnerRace).toBeGreaterThan(2 * inner.envelopeOuterRace);
  });

  it('call plain noise neither impulsive nor damaged', () => {
    const random = createRandom(5);
    const noise = measure(Float64Array.from({ length: 16_384 }, () => random.normal(0, 0.1)));
    expect(noise.rms).toBeCloseTo(0.1, 2);
    expect(noise.kurtosis).toBeCloseTo(3, 0);
    expect(noise.envelopeOuterRace).toBeLessThan(0.2 * measure(waveform(frequencies.outerRaceHz)).envelopeOuterRace);
  });
});
