/**
 * The spindle: what it draws, how warm it gets and how it shakes.
 *
 *   P = P_idle(n) + Pc/η                                       motor power
 *   τ·dT/dt = Rth·P_loss − (T − T_amb)                         housing; the bearing follows it, warmer by its own friction
 *   ΔL = 11.5e-6/K · L · ΔT                                    thermal growth towards the work
 *   v² = base² + v_1x² + v_tooth² + v_chatter² + v_bearing²    RMS of incoherent parts
 *
 * Bearing wear is felt in this order: the envelope at once (level^0.7), vibration later (level²), friction and warmth last
 * (level³). Thermal drift is a chiller that loses its hold: more warmth for the same loss, and a floor that rises.
 * Fails for short sprints: acceleration of the rotor is taken as instant and free.
 * Sources: ISO/TR 230-3 for the notion of growth; order of bearing signs and Rth, τ per reference; figures are assumptions
 * for an 11 kW, 12,000 rpm, 40-taper spindle.
 */
export const spindleDefaults = {
  ratedPowerKw: 11,
  /** Below it the motor gives constant torque. */
  baseSpeedRpm: 2200,
  efficiency: 0.82,
  idleKwAtRatedSpeed: 1.1,
  idleFixedKw: 0.12,
  housingTimeConstantS: 1500,
  bearingTimeConstantS: 420,
  housingKelvinPerKw: 11,
  bearingKelvinAtRatedSpeed: 9,
  growthPerKelvin: 11.5e-6,
  growingLengthMm: 300,
  ratedSpeedRpm: 12_000,
  drift: { resistanceGain: 0.8, floorKelvin: 9, chillerKw: 0.35 },
  bearing: { envelopeG: 2.6, vibrationMmPerS: 3.2, kelvin: 24, frictionKw: 0.45 },
  vibration: { baseMmPerS: 0.18, unbalanceMmPerS: 0.55, toothMmPerSPerKn: 1.5, wearGain: 1.2 },
  healthyEnvelopeG: 0.12,
  referenceC: 20,
} as const;

export interface SpindleStep {
  readonly durationS: number;
  readonly spindleRpm: number;
  /** At the cutter, on the mean over the step. */
  readonly cuttingKw: number;
  readonly mainForceN: number;
  /** Share of the step in which the tool was in the work. */
  readonly engagedShare: number;
  readonly chatterMmPerS: number;
  readonly wearPercent: number;
  readonly ambientC: number;
  readonly bearingLevel: number;
  readonly driftLevel: number;
}

export interface SpindleStart {
  readonly ambientC: number;
  /** What the spindle has been losing for the last hours. */
  readonly lossKw: number;
  /** Each spindle has its own residual unbalance, around 1. */
  readonly unbalance: number;
}

export function idlePowerKw(spindleRpm: number): number {
  if (spindleRpm === 0) return 0;
  const speedShare = Math.abs(spindleRpm) / spindleDefaults.ratedSpeedRpm;
  return spindleDefaults.idleFixedKw + spindleDefaults.idleKwAtRatedSpeed * speedShare ** 1.4;
}

export class Spindle {
  powerKw = 0;
  loadPercent = 0;
  temperatureC: number;
  bearingTemperatureC: number;
  thermalGrowthUm = 0;
  vibration1xMmPerS = 0;
  vibrationToothMmPerS = 0;
  vibrationChatterMmPerS = 0;
  vibrationMmPerS = 0;
  envelopeG = 0;
  private readonly unbalance: number;

  constructor({ ambientC, lossKw, unbalance }: SpindleStart) {
    this.temperatureC = ambientC + spindleDefaults.housingKelvinPerKw * lossKw;
    this.bearingTemperatureC = this.temperatureC + spindleDefaults.bearingKelvinAtRatedSpeed / 2;
    this.unbalance = unbalance;
  }

  advance(step: SpindleStep): void {
    const speedShare = Math.abs(step.spindleRpm) / spindleDefaults.ratedSpeedRpm;
    this.draw(step, speedShare);
    this.warm(step, speedShare);
    this.shake(step, speedShare);
  }

  private draw(step: SpindleStep, speedShare: number): void {
    const d = spindleDefaults;
    const friction = d.bearing.frictionKw * step.bearingLevel ** 3 * speedShare;
    this.powerKw = idlePowerKw(step.spindleRpm) + friction + step.cuttingKw / d.efficiency;
    const available = d.ratedPowerKw * Math.min(1, (speedShare * d.ratedSpeedRpm) / d.baseSpeedRpm);
    this.loadPercent = available === 0 ? 0 : (100 * this.powerKw) / available;
  }

  private warm(step: SpindleStep, speedShare: number): void {
    const d = spindleDefaults;
    const lossKw = this.powerKw - step.cuttingKw;
    const resistance = d.housingKelvinPerKw * (1 + d.drift.resistanceGain * step.driftLevel);
    const housing = step.ambientC + resistance * lossKw + d.drift.floorKelvin * step.driftLevel;
    this.temperatureC += (housing - this.temperatureC) * (1 - Math.exp(-step.durationS / d.housingTimeConstantS));
    const warmth = d.bearingKelvinAtRatedSpeed + d.bearing.kelvin * step.bearingLevel ** 3;
    const bearing = this.temperatureC + warmth * speedShare;
    this.bearingTemperatureC +=
      (bearing - this.bearingTemperatureC) * (1 - Math.exp(-step.durationS / d.bearingTimeConstantS));
    this.thermalGrowthUm = d.growthPerKelvin * d.growingLengthMm * 1e3 * (this.temperatureC - d.referenceC);
  }

  private shake(step: SpindleStep, speedShare: number): void {
    const { vibration, bearing, healthyEnvelopeG } = spindleDefaults;
    const wear = 1 + (vibration.wearGain * step.wearPercent) / 100;
    const turning = speedShare === 0 ? 0 : 1;
    const bearingMmPerS = bearing.vibrationMmPerS * step.bearingLevel ** 2 * Math.sqrt(speedShare);
    this.vibration1xMmPerS = vibration.unbalanceMmPerS * this.unbalance * speedShare ** 1.3;
    this.vibrationToothMmPerS =
      vibration.toothMmPerSPerKn * (step.mainForceN / 1e3) * wear * Math.sqrt(step.engagedShare);
    this.vibrationChatterMmPerS = step.chatterMmPerS * Math.sqrt(step.engagedShare);
    this.vibrationMmPerS = Math.sqrt(
      (vibration.baseMmPerS * (0.3 + 0.7 * turning)) ** 2 +
        this.vibration1xMmPerS ** 2 +
        this.vibrationToothMmPerS ** 2 +
        this.vibrationChatterMmPerS ** 2 +
        bearingMmPerS ** 2,
    );
    const rolling = healthyEnvelopeG + bearing.envelopeG * step.bearingLevel ** 0.7;
    this.envelopeG = 0.01 + rolling * speedShare * (1 + 0.3 * step.engagedShare);
  }
}
