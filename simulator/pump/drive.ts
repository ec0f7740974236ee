/**
 * The motor and what is asked of it: speed follows a demand that drifts through the day, and current follows power.
 *
 *   demand   daily swing + Ornstein–Uhlenbeck drift, stepped exactly: x += −x·(1 − e^(−dt/τ)) + σ·√(1 − e^(−2dt/τ))·N(0, 1)
 *   current  I = √(Im² + Ia²), Ia = P/(√3·U): magnetising current keeps flowing at no load
 *
 * Figures are assumptions for a 7.5 kW, 400 V, two-pole motor on a frequency converter.
 */
import type { Random } from '../../core/random/random.ts';
import { pumpDesign } from './curves.ts';

const demand = { mean: 0.93, dailySwing: 0.04, driftDeviation: 0.02, driftTimeS: 1800, lowest: 0.75, highest: 1.05 };
/** Demand is highest at noon UTC. */
const busiestHour = 12;
/** A converter's ramp: standstill to rated in ten seconds. */
const rampPerS = 0.1;

const motor = { voltageV: 400, magnetisingA: 5.2, ironLossKw: 0.22, copperLossKwPerA2: 0.0035, frictionKw: 0.15 };
const rootThreeKilovolt = (Math.sqrt(3) * motor.voltageV) / 1000;
/** A worn bearing's extra drag at level 1. */
const wornDragKw = 0.25;

export interface Drive {
  speedRatio: number;
  drift: number;
  electricKw: number;
  lossKw: number;
  currentA: number;
}

export interface DemandSteps {
  readonly keep: number;
  readonly deviation: number;
  readonly ramp: number;
}

export function demandSteps(intervalS: number): DemandSteps {
  const keep = Math.exp(-intervalS / demand.driftTimeS);
  return { keep, deviation: demand.driftDeviation * Math.sqrt(1 - keep * keep), ramp: rampPerS * intervalS };
}

export function createDrive(random: Random, startMs: number): Drive {
  const drift = random.normal(0, demand.driftDeviation);
  return { speedRatio: demandAt(startMs, drift), drift, electricKw: 0, lossKw: 0, currentA: 0 };
}

function demandAt(sampledAtMs: number, drift: number): number {
  const hourOfDay = (sampledAtMs % 86_400_000) / 3_600_000;
  const asked = demand.mean + demand.dailySwing * Math.cos(((hourOfDay - busiestHour) * Math.PI) / 12) + drift;
  return Math.min(demand.highest, Math.max(demand.lowest, asked));
}

/** Draws once whether the pump runs or not, so that a breakdown moves no later noise. */
export function stepSpeed(drive: Drive, sampledAtMs: number, steps: DemandSteps, random: Random, running: boolean) {
  drive.drift = drive.drift * steps.keep + random.normal(0, steps.deviation);
  const change = demandAt(sampledAtMs, drive.drift) - drive.speedRatio;
  drive.speedRatio = running ? drive.speedRatio + Math.max(-steps.ramp, Math.min(steps.ramp, change)) : 0;
}

export const speedRpmOf = (drive: Drive): number => drive.speedRatio * pumpDesign.ratedSpeedRpm;

export function setMotor(drive: Drive, impellerKw: number, bearingWear: number): void {
  if (drive.speedRatio === 0) {
    drive.electricKw = 0;
    drive.lossKw = 0;
    drive.currentA = 0;
    return;
  }
  const shaftKw = impellerKw + drive.speedRatio * (motor.frictionKw + wornDragKw * bearingWear * bearingWear);
  const shaftA = shaftKw / rootThreeKilovolt;
  drive.lossKw = drive.speedRatio * motor.ironLossKw + motor.copperLossKwPerA2 * shaftA * shaftA;
  drive.electricKw = shaftKw + drive.lossKw;
  const activeA = drive.electricKw / rootThreeKilovolt;
  drive.currentA = Math.sqrt(motor.magnetisingA * motor.magnetisingA + activeA * activeA);
}
