/**
 * Temperatures, each first order: τ·dT/dt = Ttarget − T, stepped exactly by T += (Ttarget − T)·(1 − e^(−dt/τ)).
 * Targets and time constants are assumptions for a 7.5 kW pump. A lifecycle shorter than a day squeezes the time constants with it,
 * or a bearing that fails in 20 minutes would never grow warm.
 */
import type { OperatingPoint } from './curves.ts';
import type { FaultLevels } from './faults.ts';

const timeConstantS = { fluid: 900, bearing: 1200, motor: 1800 };
/** No time constant is longer than this share of a typical life. */
const longestShareOfLife = 1 / 12;

const dailyMeanC = 22;
const dailySwingC = 4;
/** Mid-afternoon is warmest, 15:00 UTC. */
const warmestHour = 15;
const processFluidC = 32;
const waterKjPerKgK = 4.186;
/** Liquid churning at closed discharge; beyond it the casing loses what it gains. */
const mostChurningC = 25;

export interface Temperatures {
  ambientC: number;
  fluidC: number;
  bearingC: number;
  motorC: number;
}

export interface HeatSources {
  readonly speedRatio: number;
  readonly point: OperatingPoint;
  readonly levels: FaultLevels;
  /** Lost in the motor. */
  readonly motorLossKw: number;
}

export interface ThermalSteps {
  readonly fluid: number;
  readonly bearing: number;
  readonly motor: number;
}

export function thermalSteps(intervalS: number, typicalLifeS: number): ThermalSteps {
  const longestS = typicalLifeS * longestShareOfLife;
  const step = (tauS: number): number => 1 - Math.exp(-intervalS / Math.min(tauS, longestS));
  return { fluid: step(timeConstantS.fluid), bearing: step(timeConstantS.bearing), motor: step(timeConstantS.motor) };
}

/** The machine has long been running when the first sample is taken. */
export const settledSteps: ThermalSteps = { fluid: 1, bearing: 1, motor: 1 };

export function ambientAt(sampledAtMs: number): number {
  const hourOfDay = (sampledAtMs % 86_400_000) / 3_600_000;
  return dailyMeanC + dailySwingC * Math.cos(((hourOfDay - warmestHour) * Math.PI) / 12);
}

export function stepTemperatures(temperatures: Temperatures, sources: HeatSources, steps: ThermalSteps): void {
  const { speedRatio, point, levels, motorLossKw } = sources;
  const { ambientC } = temperatures;
  const moving = speedRatio > 0 ? 1 : 0;
  const fluidTargetC = processFluidC + 0.2 * (ambientC - dailyMeanC) + churningC(point);
  temperatures.fluidC += (fluidTargetC - temperatures.fluidC) * steps.fluid;
  const friction = speedRatio * (16 + 38 * levels.bearing_wear * levels.bearing_wear);
  const bearingTargetC = ambientC + 0.4 * (temperatures.fluidC - ambientC) + friction + moving * 32 * levels.dry_run;
  temperatures.bearingC += (bearingTargetC - temperatures.bearingC) * steps.bearing;
  const motorTargetC = ambientC + 62 * motorLossKw;
  temperatures.motorC += (motorTargetC - temperatures.motorC) * steps.motor;
}

/** The pump's losses stay in the liquid: little at full flow, much when hardly any passes. */
function churningC(point: OperatingPoint): number {
  const lossKw = Math.max(0, point.shaftKw - point.hydraulicKw);
  const flowKgPerS = point.flowM3PerH / 3.6;
  return lossKw === 0 ? 0 : Math.min(mostChurningC, lossKw / (waterKjPerKgK * Math.max(flowKgPerS, 0.01)));
}
