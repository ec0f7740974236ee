import { type Band, bandEnvelope, bandRms, lineAmplitude } from '../statistics/spectrum.ts';

/**
 * From a vibration waveform to the few numbers that tell a bearing's state: overall level, impulsiveness, high frequency,
 * and the defect lines in the envelope of a resonance band. The spectral-lines detector watches these over time.
 * Source: the kinematic frequencies of a rolling bearing without slip (1–3 % less in practice); envelope analysis as in
 * Randall and Antoni, Rolling Element Bearing Diagnostics: A Tutorial (2011).
 */
export interface BearingGeometry {
  readonly balls: number;
  readonly ballDiameterMm: number;
  readonly pitchDiameterMm: number;
  readonly contactAngleDeg: number;
}

export interface BearingFrequencies {
  readonly cageHz: number;
  readonly outerRaceHz: number;
  readonly innerRaceHz: number;
  readonly ballSpinHz: number;
}

export function bearingFrequencies(geometry: BearingGeometry, shaftSpeedRpm: number): BearingFrequencies {
  const shaftHz = shaftSpeedRpm / 60;
  const angle = (geometry.contactAngleDeg * Math.PI) / 180;
  const ratio = (geometry.ballDiameterMm / geometry.pitchDiameterMm) * Math.cos(angle);
  return {
    cageHz: (shaftHz / 2) * (1 - ratio),
    outerRaceHz: (geometry.balls / 2) * shaftHz * (1 - ratio),
    innerRaceHz: (geometry.balls / 2) * shaftHz * (1 + ratio),
    ballSpinHz: (geometry.pitchDiameterMm / (2 * geometry.ballDiameterMm)) * shaftHz * (1 - ratio * ratio),
  };
}

export interface BearingFeatures {
  readonly rms: number;
  readonly peak: number;
  readonly kurtosis: number;
  readonly crest: number;
  readonly highFrequencyRms: number;
  readonly envelopeOuterRace: number;
  readonly envelopeInnerRace: number;
  readonly envelopeBallSpin: number;
}

/** A line is searched this far around its kinematic frequency, for the balls slip. */
const slipShare = 0.02;
const slipSteps = 8;
/** A defect rings at its frequency and the multiples: three hold most of it (assumption). */
const harmonics = 3;

export function measureBearing(
  waveform: ArrayLike<number>,
  sampleRateHz: number,
  options: { readonly frequencies: BearingFrequencies; readonly resonance: Band },
): BearingFeatures {
  const { frequencies, resonance } = options;
  const envelope = bandEnvelope(waveform, sampleRateHz, resonance);
  const mean = envelope.reduce((sum, e) => sum + e, 0) / Math.max(1, envelope.length);
  const swing = envelope.map((e) => e - mean);
  return {
    ...measureLevel(waveform),
    highFrequencyRms: bandRms(waveform, sampleRateHz, resonance),
    envelopeOuterRace: harmonicSum(swing, sampleRateHz, frequencies.outerRaceHz),
    envelopeInnerRace: harmonicSum(swing, sampleRateHz, frequencies.innerRaceHz),
    envelopeBallSpin: harmonicSum(swing, sampleRateHz, frequencies.ballSpinHz),
  };
}

function measureLevel(waveform: ArrayLike<number>): Pick<BearingFeatures, 'rms' | 'peak' | 'kurtosis' | 'crest'> {
  const values = Float64Array.from(waveform);
  const mean = values.reduce((sum, v) => sum + v, 0) / Math.max(1, values.length);
  let [square, fourth, peak] = [0, 0, 0];
  for (const value of values) {
    const swing = value - mean;
    square += swing * swing;
    fourth += swing ** 4;
    peak = Math.max(peak, Math.abs(swing));
  }
  const variance = square / Math.max(1, values.length);
  const rms = Math.sqrt(variance);
  const kurtosis = variance > 0 ? fourth / values.length / (variance * variance) : 0;
  return { rms, peak, kurtosis, crest: rms > 0 ? peak / rms : 0 };
}

function harmonicSum(envelope: Float64Array, sampleRateHz: number, frequencyHz: number): number {
  let sum = 0;
  for (let harmonic = 1; harmonic <= harmonics; harmonic++) {
    sum += slippingLine(envelope, sampleRateHz, harmonic * frequencyHz);
  }
  return sum;
}

function slippingLine(envelope: Float64Array, sampleRateHz: number, frequencyHz: number): number {
  let largest = 0;
  for (let step = -slipSteps; step <= slipSteps; step++) {
    const tried = frequencyHz * (1 + (slipShare * step) / slipSteps);
    largest = Math.max(largest, lineAmplitude(envelope, sampleRateHz, tried));
  }
  return largest;
}
