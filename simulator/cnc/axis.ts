/**
 * One feed axis: how hard its motor works and what it loses at a reversal.
 *
 *   load = friction + viscous·|v| + acceleration + weight + cutting force      (shares of the rated torque)
 *   reversal error = ± lost motion, in the new direction, in the sample in which the axis turned; else none
 *
 * A healthy ball screw loses a few micrometres. With backlash the loss grows, and the motor strikes the gap: load and servo
 * power rise at reversals and nowhere else.
 * Sources: ISO 230-2 for reversal; figures are assumptions for an axis of 10 kN rated thrust.
 */
const axisDefaults = {
  healthyLostMotionUm: 3,
  backlashUm: 55,
  /** A turn shorter than this is within the play of the measuring system. */
  leastTravelMm: 0.002,
  ratedThrustN: 10_000,
  frictionPercent: 4,
  viscousPercentAtRapid: 9,
  accelerationPercentAtFull: 45,
  strikePercent: 14,
  holdingKw: 0.04,
  kwAtRapid: 0.55,
  kwPerLoad: 0.004,
} as const;

export interface AxisLimits {
  readonly rapidMmPerMin: number;
  readonly accelerationMmPerS2: number;
  /** A vertical axis carries its head. */
  readonly weightPercent: number;
}

export class Axis {
  loadPercent = 0;
  reversalErrorUm = 0;
  powerKw = 0;
  private readonly limits: AxisLimits;
  private direction = 0;
  private lastVelocityMmPerMin = 0;
  private travelMm = 0;
  private turns = 0;

  constructor(limits: AxisLimits) {
    this.limits = limits;
  }

  /** A piece of the way along this axis, signed. */
  travel(distanceMm: number): void {
    const length = Math.abs(distanceMm);
    if (length < axisDefaults.leastTravelMm) return;
    this.travelMm += length;
    const direction = Math.sign(distanceMm);
    if (this.direction !== 0 && direction !== this.direction) this.turns++;
    this.direction = direction;
  }

  /** Closes a step: what was travelled since the last one becomes load, error and power. */
  finish(durationS: number, velocityMmPerMin: number, forceN: number, backlashLevel: number): void {
    const d = axisDefaults;
    const speedShare = (this.travelMm * 60) / durationS / this.limits.rapidMmPerMin;
    const change = Math.abs(velocityMmPerMin - this.lastVelocityMmPerMin) / 60 / durationS;
    const acceleration = Math.min(1, change / this.limits.accelerationMmPerS2);
    const strike = this.turns > 0 ? d.strikePercent * backlashLevel : 0;
    const moving = this.travelMm > 0 ? d.frictionPercent : 1;
    this.loadPercent =
      moving +
      this.limits.weightPercent +
      d.viscousPercentAtRapid * speedShare +
      d.accelerationPercentAtFull * acceleration +
      (100 * Math.abs(forceN)) / d.ratedThrustN +
      strike;
    this.reversalErrorUm = this.turns > 0 ? this.direction * (d.healthyLostMotionUm + d.backlashUm * backlashLevel) : 0;
    this.powerKw =
      d.holdingKw + d.kwAtRapid * speedShare + d.kwPerLoad * (this.loadPercent - this.limits.weightPercent);
    this.lastVelocityMmPerMin = velocityMmPerMin;
    this.travelMm = 0;
    this.turns = 0;
  }
}
