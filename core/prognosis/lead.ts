/**
 * Decides: what does a signal that follows late stand for now?
 * Formula: of a first-order lag τ·dx/dt = u − x the input is u = x + τ·dx/dt; the slope is taken from the distance to a fading mean,
 * u ≈ x + (τ/s)·(x − mean over s), exact for a ramp.
 * Fails when: the lag is no first-order one; noise grows by 1 + τ/s.
 * Source: inversion of the housing's time constant (core of ISO 230-3's thermal model); s as a share of τ is an assumption.
 */
export interface LeadState {
  readonly mean: number | null;
  readonly atMs: number;
}

/** The slope is taken over this share of the lag: half of it triples the noise and is late by a quarter of the lag. */
const slopeShare = 0.5;

export class Lead {
  private readonly lagS: number;
  private mean: number;
  private atMs: number;

  constructor(lagS: number, saved?: LeadState) {
    this.lagS = lagS;
    this.mean = saved?.mean ?? Number.NaN;
    this.atMs = saved?.atMs ?? 0;
  }

  update(value: number, atMs: number): number {
    const stepS = Math.max(0, atMs - this.atMs) / 1000;
    this.atMs = atMs;
    const gain = 1 - Math.exp(-stepS / (slopeShare * this.lagS));
    this.mean = Number.isNaN(this.mean) ? value : this.mean + gain * (value - this.mean);
    return value + (value - this.mean) / slopeShare;
  }

  save(): LeadState {
    return { mean: Number.isNaN(this.mean) ? null : this.mean, atMs: this.atMs };
  }
}
