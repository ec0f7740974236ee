/**
 * Spectra of a waveform: one line by Goertzel's recursion, all by the fast Fourier transform, and the envelope of a band.
 * Amplitudes are peak values: a sine of amplitude 2 reads 2.
 */

/** Amplitude at one frequency, without a window: exact when the waveform holds whole periods of it. */
export function lineAmplitude(waveform: ArrayLike<number>, sampleRateHz: number, frequencyHz: number): number {
  const omega = (2 * Math.PI * frequencyHz) / sampleRateHz;
  const coefficient = 2 * Math.cos(omega);
  let previous = 0;
  let last = 0;
  for (let i = 0; i < waveform.length; i++) {
    const next = waveform[i]! + coefficient * last - previous;
    previous = last;
    last = next;
  }
  const power = last * last + previous * previous - coefficient * last * previous;
  return (2 * Math.sqrt(Math.max(0, power))) / Math.max(1, waveform.length);
}

/** In-place radix-2 transform (Cooley and Tukey 1965); the length must be a power of two. */
export function transform(real: Float64Array, imaginary: Float64Array, inverse = false): void {
  const size = real.length;
  if (size === 0 || (size & (size - 1)) !== 0)
    throw new Error(`transform: got ${size} values, allowed are powers of two`);
  reverseBits(real, imaginary);
  for (let span = 2; span <= size; span *= 2) butterflies(real, imaginary, span, inverse ? 1 : -1);
  if (!inverse) return;
  for (let i = 0; i < size; i++) {
    real[i]! /= size;
    imaginary[i]! /= size;
  }
}

function reverseBits(real: Float64Array, imaginary: Float64Array): void {
  for (let i = 1, j = 0; i < real.length; i++) {
    let bit = real.length >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [real[i], real[j]] = [real[j]!, real[i]!];
    [imaginary[i], imaginary[j]] = [imaginary[j]!, imaginary[i]!];
  }
}

function butterflies(real: Float64Array, imaginary: Float64Array, span: number, sign: number): void {
  const half = span / 2;
  for (let k = 0; k < half; k++) {
    const angle = (sign * 2 * Math.PI * k) / span;
    const c = Math.cos(angle);
    const s = Math.sin(angle);
    for (let i = k; i < real.length; i += span) {
      const j = i + half;
      const re = real[j]! * c - imaginary[j]! * s;
      const im = real[j]! * s + imaginary[j]! * c;
      real[j] = real[i]! - re;
      imaginary[j] = imaginary[i]! - im;
      real[i]! += re;
      imaginary[i]! += im;
    }
  }
}

export interface Band {
  readonly fromHz: number;
  readonly toHz: number;
}

/**
 * The envelope of a band: all outside of it and the negative frequencies are left out, the magnitude of what remains is
 * how loud the band is at each moment (the analytic signal). The waveform is cut to a power of two.
 */
export function bandEnvelope(waveform: ArrayLike<number>, sampleRateHz: number, band: Band): Float64Array {
  const size = 2 ** Math.floor(Math.log2(Math.max(1, waveform.length)));
  const real = Float64Array.from({ length: size }, (_, i) => waveform[i]!);
  const imaginary = new Float64Array(size);
  transform(real, imaginary);
  for (let i = 0; i < size; i++) {
    const frequencyHz = (i * sampleRateHz) / size;
    const kept = i > 0 && i < size / 2 && frequencyHz >= band.fromHz && frequencyHz <= band.toHz;
    real[i]! *= kept ? 2 : 0;
    imaginary[i]! *= kept ? 2 : 0;
  }
  transform(real, imaginary, true);
  return real.map((re, i) => Math.hypot(re, imaginary[i]!));
}

/** Root mean square of a band of the waveform, which is cut to a power of two. */
export function bandRms(waveform: ArrayLike<number>, sampleRateHz: number, band: Band): number {
  const envelope = bandEnvelope(waveform, sampleRateHz, band);
  return Math.sqrt(envelope.reduce((sum, e) => sum + e * e, 0) / 2 / Math.max(1, envelope.length));
}
