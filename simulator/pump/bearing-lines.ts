/**
 * The defect frequencies of a deep-groove ball bearing 6205 (9 balls, ball 7.94 mm, pitch circle 38.5 mm, contact angle 0°):
 * BPFO = N/2·fr·(1 − d/D), BPFI = N/2·fr·(1 + d/D). Slip of 1–3 % is left out: the sensor reports a band wider than that.
 */
const balls = 9;
const ballToPitchRatio = 7.94 / 38.5;

export const outerRaceHz = (speedRpm: number): number => (balls / 2) * (speedRpm / 60) * (1 - ballToPitchRatio);
export const innerRaceHz = (speedRpm: number): number => (balls / 2) * (speedRpm / 60) * (1 + ballToPitchRatio);

/** The housing's first resonance (assumption): a line nearer to it arrives louder. */
const housingResonanceHz = 1500;

/** Undamped transmissibility below resonance, 1 / (1 − (f/fn)²). */
export function housingGain(lineHz: number): number {
  const ratio = lineHz / housingResonanceHz;
  return 1 / (1 - ratio * ratio);
}
