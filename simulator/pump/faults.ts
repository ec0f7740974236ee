/** The ways this pump fails, and how each one's level (0 to 1) changes what the pump works against. */
import { type FaultPlan, faultLevelAt } from '../machine.ts';
import type { Conditions } from './curves.ts';

export const pumpFaultModes = ['bearing_wear', 'cavitation', 'imbalance', 'seal_leak', 'clogging', 'dry_run'] as const;
export type PumpFaultMode = (typeof pumpFaultModes)[number];

export const componentOf: Readonly<Record<PumpFaultMode, string>> = {
  bearing_wear: 'bearing',
  cavitation: 'impeller',
  imbalance: 'impeller',
  seal_leak: 'seal',
  clogging: 'system',
  dry_run: 'seal',
};

export type FaultLevels = Record<PumpFaultMode, number>;

export const createFaultLevels = (): FaultLevels => ({
  bearing_wear: 0,
  cavitation: 0,
  imbalance: 0,
  seal_leak: 0,
  clogging: 0,
  dry_run: 0,
});

/** Throws for a plan of another machine's mode: a fault that silently does nothing would look like a detector's miss. */
export function checkFaultPlans(plans: readonly FaultPlan[]): void {
  for (const { mode, severity } of plans) {
    if (!(pumpFaultModes as readonly string[]).includes(mode)) {
      throw new RangeError(`fault "${mode}" is no fault of centrifugal-pump; allowed are ${pumpFaultModes.join(', ')}`);
    }
    if (!(severity >= 0 && severity <= 1)) {
      throw new RangeError(`fault "${mode}" has severity ${severity}; allowed is 0 to 1`);
    }
  }
}

export function setPlannedLevels(plans: readonly FaultPlan[], elapsedS: number, levels: FaultLevels): void {
  for (const mode of pumpFaultModes) levels[mode] = 0;
  for (const plan of plans) {
    const mode = plan.mode as PumpFaultMode;
    levels[mode] = Math.max(levels[mode], faultLevelAt(plan, elapsedS));
  }
}

/** What each mode does at level 1 (assumptions, sized so that a full fault is what an operator would stop the pump for). */
const fullEffect = {
  lostSuctionHeadM: 8.5,
  resistanceRise: 5,
  /** Past the gland a failed seal sprays: more than the drip meter ever sees. */
  sealBleedM3PerH: 4,
  gasHeadLoss: 0.95,
  gasDensityLoss: 0.95,
  ringWearHeadLoss: 0.05,
};

/** `ringWear` is everyday wear of the wear rings, 0 new to 1 worn: H(Q) shifts down. */
export function setConditions(levels: FaultLevels, ringWear: number, conditions: Conditions): void {
  conditions.lostSuctionHeadM = fullEffect.lostSuctionHeadM * levels.cavitation;
  conditions.resistanceFactor = 1 + fullEffect.resistanceRise * levels.clogging;
  conditions.leakM3PerH = fullEffect.sealBleedM3PerH * levels.seal_leak * levels.seal_leak;
  conditions.headFactor = (1 - fullEffect.gasHeadLoss * levels.dry_run) * (1 - fullEffect.ringWearHeadLoss * ringWear);
  conditions.densityFactor = 1 - fullEffect.gasDensityLoss * levels.dry_run;
}
