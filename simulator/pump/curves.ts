/**
 * Where a centrifugal pump works: the crossing of its curve and the system's.
 *
 *   pump    H = φ·s²·H0 − a·(Q + L)²        s = speed / rated speed (affinity: Q ~ s, H ~ s², P ~ s³), φ = head left by wear or gas
 *   system  H = Hst + k·Q²                   L = flow lost between impeller and flow meter
 *   η = ηbep·x·(2 − x), x = (Q + L) / (s·Qbep), the parabola through zero flow and best efficiency
 *   P = ρ·g·(Q + L)·H / η, which stays finite at zero flow because η falls with x
 *   NPSHa = (pb − pv)/(ρ·g) + z − hf,  NPSHr = s²·c0 + c2·(Q + L)²
 *
 * Fails beyond twice the best-efficiency flow, where the parabola is spent; a system curve with resistance never gets there.
 * Formulas: standard pump hydraulics (affinity laws, NPSH balance).
 */
const gravityMPerS2 = 9.81;

/** A 7.5 kW end-suction process pump, 50 m³/h at 32 m and 2,900 rpm: a common catalogue size; every figure is an assumption. */
export const pumpDesign = {
  ratedSpeedRpm: 2900,
  shutOffHeadM: 40,
  bestFlowM3PerH: 50,
  bestEfficiency: 0.72,
  /** a: 40 m at no flow, 32 m at best efficiency. */
  headDropPerFlow2: 0.0032,
  /** k: 24 m of friction at best-efficiency flow. */
  systemResistance: 0.0096,
  staticHeadM: 8,
  vanes: 6,
  densityKgPerM3: 992,
  atmosphericHeadM: 10.33,
  suctionStaticHeadM: 1,
  suctionResistance: 0.00032,
  npshRequiredAtNoFlowM: 2,
  npshRequiredPerFlow2: 0.0004,
} as const;

/** What the pump works against at one moment; faults act by changing these. */
export interface Conditions {
  speedRatio: number;
  /** 1 for sound wear rings and clean liquid. */
  headFactor: number;
  /** 1 for clean pipes. */
  resistanceFactor: number;
  lostSuctionHeadM: number;
  leakM3PerH: number;
  /** 1 for liquid, towards 0 for gas. */
  densityFactor: number;
  fluidTemperatureC: number;
}

export interface OperatingPoint {
  /** What reaches the system, and what passes the impeller (more by the leak). */
  flowM3PerH: number;
  impellerFlowM3PerH: number;
  headM: number;
  /** Impeller flow over the best-efficiency flow at this speed. */
  flowRatio: number;
  /** Power into the liquid, and at the impeller's shaft. */
  hydraulicKw: number;
  shaftKw: number;
  npshMarginM: number;
  suctionPressureBar: number;
  /** What a metre of the present mixture weighs. */
  barPerM: number;
}

export const createOperatingPoint = (): OperatingPoint => ({
  flowM3PerH: 0,
  impellerFlowM3PerH: 0,
  headM: 0,
  flowRatio: 0,
  hydraulicKw: 0,
  shaftKw: 0,
  npshMarginM: 0,
  suctionPressureBar: 0,
  barPerM: 0,
});

/** Writes into `point`, because this runs for every sample. */
export function solveOperatingPoint(conditions: Conditions, point: OperatingPoint): void {
  const { speedRatio, leakM3PerH: leak } = conditions;
  const shutOffHeadM = conditions.headFactor * speedRatio * speedRatio * pumpDesign.shutOffHeadM;
  const flow = solveFlow(conditions, shutOffHeadM);
  const impellerFlow = flow > 0 ? flow + leak : 0;
  point.flowM3PerH = flow;
  point.impellerFlowM3PerH = impellerFlow;
  point.headM = Math.max(0, shutOffHeadM - pumpDesign.headDropPerFlow2 * impellerFlow * impellerFlow);
  point.flowRatio = speedRatio > 0 ? impellerFlow / (speedRatio * pumpDesign.bestFlowM3PerH) : 0;
  setPower(conditions, point);
  setSuction(conditions, point);
}

/** The positive root of (a + k)·Q² + 2aL·Q + aL² + Hst − φ·s²·H0 = 0; no root means a closed check valve and no flow. */
function solveFlow(conditions: Conditions, shutOffHeadM: number): number {
  const a = pumpDesign.headDropPerFlow2;
  const leak = conditions.leakM3PerH;
  const k = pumpDesign.systemResistance * conditions.resistanceFactor;
  const surplusM = shutOffHeadM - pumpDesign.staticHeadM - conditions.lostSuctionHeadM - a * leak * leak;
  if (surplusM <= 0) return 0;
  const half = a * leak;
  return (Math.sqrt(half * half + (a + k) * surplusM) - half) / (a + k);
}

function setPower(conditions: Conditions, point: OperatingPoint): void {
  const pascalPerM = pumpDesign.densityKgPerM3 * conditions.densityFactor * gravityMPerS2;
  const bestFlowM3PerS = (conditions.speedRatio * pumpDesign.bestFlowM3PerH) / 3600;
  point.barPerM = pascalPerM / 1e5;
  point.hydraulicKw = (pascalPerM * point.flowM3PerH * point.headM) / 3.6e6;
  point.shaftKw =
    (pascalPerM * bestFlowM3PerS * point.headM) / (pumpDesign.bestEfficiency * (2 - point.flowRatio) * 1000);
}

function setSuction(conditions: Conditions, point: OperatingPoint): void {
  const flow2 = point.impellerFlowM3PerH * point.impellerFlowM3PerH;
  const s2 = conditions.speedRatio * conditions.speedRatio;
  const suctionHeadM =
    pumpDesign.suctionStaticHeadM - pumpDesign.suctionResistance * flow2 - conditions.lostSuctionHeadM;
  const availableM = pumpDesign.atmosphericHeadM - vapourHeadM(conditions.fluidTemperatureC) + suctionHeadM;
  point.npshMarginM = availableM - s2 * pumpDesign.npshRequiredAtNoFlowM - pumpDesign.npshRequiredPerFlow2 * flow2;
  point.suctionPressureBar = point.barPerM * suctionHeadM;
}

/** Water's vapour pressure by the Magnus formula (Sonntag 1990: 6.112 hPa, 17.62, 243.12 °C), as metres of water. */
function vapourHeadM(temperatureC: number): number {
  const pascal = 611.2 * Math.exp((17.62 * temperatureC) / (243.12 + temperatureC));
  return pascal / (pumpDesign.densityKgPerM3 * gravityMPerS2);
}
