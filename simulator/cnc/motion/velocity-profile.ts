/**
 * The trapezoid: speed up at a, run at v, slow down at a.
 *
 *   peak v = √(a·L + (v0² + v1²)/2) where the length is too short for the full speed (the triangle)
 *   time   = (v − v0)/a + (v − v1)/a + (L − (2v² − v0² − v1²)/(2a))/v
 *
 * From stand to stand with full speed reached this is L/v + v/a. It assumes unlimited jerk: real drives add some 10 ms a ramp.
 */
export interface VelocityProfile {
  readonly lengthMm: number;
  readonly accelerationMmPerS2: number;
  readonly entryMmPerS: number;
  readonly peakMmPerS: number;
  readonly exitMmPerS: number;
  readonly speedUpS: number;
  readonly cruiseS: number;
  readonly durationS: number;
}

export interface ProfileLimits {
  readonly lengthMm: number;
  readonly speedMmPerS: number;
  readonly accelerationMmPerS2: number;
}

export function planProfile(limits: ProfileLimits, entryMmPerS: number, exitMmPerS: number): VelocityProfile {
  const { lengthMm, speedMmPerS, accelerationMmPerS2: a } = limits;
  const highest = Math.sqrt(a * lengthMm + (entryMmPerS ** 2 + exitMmPerS ** 2) / 2);
  const peak = Math.max(Math.min(speedMmPerS, highest), entryMmPerS, exitMmPerS);
  const speedUpS = (peak - entryMmPerS) / a;
  const slowDownS = (peak - exitMmPerS) / a;
  const ramps = (2 * peak ** 2 - entryMmPerS ** 2 - exitMmPerS ** 2) / (2 * a);
  const cruiseS = Math.max(0, (lengthMm - ramps) / peak);
  return {
    lengthMm,
    accelerationMmPerS2: a,
    entryMmPerS,
    peakMmPerS: peak,
    exitMmPerS,
    speedUpS,
    cruiseS,
    durationS: speedUpS + cruiseS + slowDownS,
  };
}

export function travelledAt(profile: VelocityProfile, elapsedS: number): number {
  const { entryMmPerS: v0, peakMmPerS: v, accelerationMmPerS2: a, speedUpS, cruiseS, durationS } = profile;
  if (elapsedS >= durationS) return profile.lengthMm;
  if (elapsedS <= speedUpS) return elapsedS * (v0 + (a * elapsedS) / 2);
  const speedUpMm = (speedUpS * (v0 + v)) / 2;
  if (elapsedS <= speedUpS + cruiseS) return speedUpMm + v * (elapsedS - speedUpS);
  const leftS = durationS - elapsedS;
  return profile.lengthMm - leftS * (profile.exitMmPerS + (a * leftS) / 2);
}

export function speedAt(profile: VelocityProfile, elapsedS: number): number {
  const { accelerationMmPerS2: a, speedUpS, cruiseS, durationS } = profile;
  if (elapsedS >= durationS) return profile.exitMmPerS;
  if (elapsedS <= speedUpS) return profile.entryMmPerS + a * elapsedS;
  if (elapsedS <= speedUpS + cruiseS) return profile.peakMmPerS;
  return profile.exitMmPerS + a * (durationS - elapsedS);
}

/** When a place is passed: the inverse of `travelledAt`. */
export function elapsedAt(profile: VelocityProfile, travelledMm: number): number {
  if (travelledMm <= 0) return 0;
  const { entryMmPerS: v0, peakMmPerS: v, exitMmPerS: v1, accelerationMmPerS2: a, speedUpS, cruiseS } = profile;
  if (travelledMm >= profile.lengthMm) return profile.durationS;
  const speedUpMm = (speedUpS * (v0 + v)) / 2;
  if (travelledMm <= speedUpMm) return (2 * travelledMm) / (v0 + Math.sqrt(v0 ** 2 + 2 * a * travelledMm));
  const cruiseMm = v * cruiseS;
  if (travelledMm <= speedUpMm + cruiseMm) return speedUpS + (travelledMm - speedUpMm) / v;
  const leftMm = profile.lengthMm - travelledMm;
  return profile.durationS - (2 * leftMm) / (v1 + Math.sqrt(v1 ** 2 + 2 * a * leftMm));
}
