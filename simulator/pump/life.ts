/**
 * A unit's lives, one after the other: drawn length, drawn mode of failure, damage that grows ever faster, breakdown, repair.
 *
 *   D(u) = 0 below the onset share u0, then ((u − u0)/(1 − u0))^p, u = age / length; broken at D = 1
 *
 * Damage never heals within a life. Onset 35–65 %, p 1.5–3 and the state levels are assumptions.
 */
import type { Random } from '../../core/random/random.ts';
import type { PumpFaultMode } from './faults.ts';
import { drawLife, type LifeKind, pickByWeight } from './hazard.ts';

export const pumpStates = ['HEALTHY', 'WARNING', 'FAULTY', 'BROKEN'] as const;
export type PumpState = (typeof pumpStates)[number];

export type Lifecycle = 'nominal' | 'accelerated' | 'stress' | 'none';

/** Median life of a unit; `none` never breaks. */
export const typicalLifeS: Readonly<Record<Lifecycle, number>> = {
  nominal: 27 * 3600,
  accelerated: 20 * 60,
  stress: 150,
  none: Number.POSITIVE_INFINITY,
};

/** A repair takes this share of a typical life unless told otherwise (assumption): 81 min, 60 s, 7.5 s. */
const repairShare = 0.05;
export const defaultRepairS = (lifecycle: Lifecycle): number => repairShare * typicalLifeS[lifecycle];

const warningDamage = 0.15;
const faultyDamage = 0.5;

export function stateOfDamage(damage: number): PumpState {
  if (damage >= 1) return 'BROKEN';
  if (damage >= faultyDamage) return 'FAULTY';
  return damage >= warningDamage ? 'WARNING' : 'HEALTHY';
}

/** What ends which kind of life: fitting errors early, the process at random, the wearing parts late (assumption). */
const modeWeights: Readonly<Record<LifeKind, readonly { mode: PumpFaultMode; weight: number }[]>> = {
  infant: [
    { mode: 'seal_leak', weight: 0.4 },
    { mode: 'imbalance', weight: 0.35 },
    { mode: 'bearing_wear', weight: 0.25 },
  ],
  random: [
    { mode: 'clogging', weight: 0.4 },
    { mode: 'cavitation', weight: 0.35 },
    { mode: 'dry_run', weight: 0.25 },
  ],
  wear_out: [
    { mode: 'bearing_wear', weight: 0.45 },
    { mode: 'seal_leak', weight: 0.25 },
    { mode: 'imbalance', weight: 0.15 },
    { mode: 'clogging', weight: 0.15 },
  ],
};

export interface Life {
  readonly number: number;
  readonly startS: number;
  readonly lengthS: number;
  readonly mode: PumpFaultMode;
  readonly onsetShare: number;
  readonly exponent: number;
}

/** `mode` asks for a life that ends this way, whatever the bathtub would have chosen. */
export interface LifeRequest {
  readonly number: number;
  readonly startS: number;
  readonly typicalS: number;
  readonly mode?: PumpFaultMode | undefined;
}

/** Every life takes the same number of draws, so asking for a mode moves no later life. */
export function beginLife(random: Random, { number, startS, typicalS, mode }: LifeRequest): Life {
  const { kind, life } = drawLife(random);
  const drawnMode = pickByWeight(modeWeights[kind], random.next()).mode;
  const onsetShare = random.uniform(0.35, 0.65);
  const exponent = random.uniform(1.5, 3);
  return { number, startS, lengthS: life * typicalS, mode: mode ?? drawnMode, onsetShare, exponent };
}

export function damageAt(life: Life, elapsedS: number): number {
  const share = (elapsedS - life.startS) / life.lengthS;
  if (share < life.onsetShare) return 0;
  return Math.min(1, ((share - life.onsetShare) / (1 - life.onsetShare)) ** life.exponent);
}

export const remainingHoursAt = (life: Life, elapsedS: number): number =>
  Math.max(0, life.startS + life.lengthS - elapsedS) / 3600;
