/**
 * How a cutting edge wears, and when the shop changes it.
 *
 *   life T = 15 min · (C15 / vc)^(1/n)                      Taylor, per edge material
 *   VB(u) = 0.07·(1 − e^(−u/0.06)) + r·u + A·(e^((u−1)/0.12) − e^(−1/0.12)),  u = share of life used, VB(1) = 0.30 mm
 *
 * Run-in, steady and accelerated wear; u only grows, so wear never heals: a new edge is another edge. Feed and depth are left
 * out (their exponents are far below the speed's), and the scatter between edges is drawn, since no estimate from cutting
 * data alone beats it. Fails far outside the catalogue's speeds, where the ratio is held between 0.05 and 2.5.
 * Sources: F. W. Taylor 1907; ISO 8688-2 for the 0.30 mm criterion; scatter from replicates of the NASA milling set.
 */
import type { Random } from '../../core/random/random.ts';
import type { Material } from './material.ts';
import type { Tool } from './tool.ts';

export const wearLimitMm = 0.3;
/** The shop changes a tool, between cuts, from this share of the wear limit on (assumption). */
const changeAtPercent = 90;
/** A fully grown wear fault lets the change be missed until here, short of where the edge would break (assumption). */
const missedChangePercent = 105;
const mostWearPercent = 199;
/** Slow work would take an edge years to wear; none is found older than this (assumption). */
const longestFoundS = 1000 * 3600;
/** Abrasive inclusions or a chipped coating at level 1: life passes this much faster, and this much flank goes at once. */
const faultRateGain = 4;
const faultExtraPercent = 100;
const faultBiteS = 30;

const taylorExponent = { carbide: 0.25, hss: 0.125 } as const;
/** High-speed steel runs at a quarter of the carbide's speed (assumption, from catalogue tables). */
const speedShare = { carbide: 1, hss: 0.25 } as const;

const runInMm = 0.07;
const runInShare = 0.06;
const finalMm = 0.06;
const finalShare = 0.12;
const finalAtStart = Math.exp(-1 / finalShare);
const steadyMm = wearLimitMm - runInMm * (1 - Math.exp(-1 / runInShare)) - finalMm * (1 - finalAtStart);

export function flankWearMm(lifeShare: number): number {
  const runIn = runInMm * (1 - Math.exp(-lifeShare / runInShare));
  return runIn + steadyMm * lifeShare + finalMm * (Math.exp((lifeShare - 1) / finalShare) - finalAtStart);
}

export function taylorLifeS(tool: Tool, material: Material, cuttingSpeedMPerMin: number): number {
  const ratio = (material.speedFor15MinMPerMin * speedShare[tool.edge]) / Math.max(cuttingSpeedMPerMin, 1e-6);
  return 15 * 60 * Math.min(20, Math.max(0.4, ratio)) ** (1 / taylorExponent[tool.edge]);
}

export interface CutTime {
  readonly durationS: number;
  readonly lifeS: number;
  readonly faultLevel: number;
}

/** One pocket of the magazine: the edge in it now, and the ones that follow. */
export class ToolLife {
  runtimeS = 0;
  /** Of an edge that was found part-worn: the share of life it had behind it. Its first cut tells how long that took. */
  private foundShare: number;
  private readonly random: Random;
  private readonly scatter: number;
  private lifeShare: number;
  private lifeFactor: number;
  private extraPercent = 0;

  /** Tools in a shop are found anywhere in their life: the first edge starts part-worn. */
  constructor(random: Random, material: Material) {
    this.random = random;
    this.scatter = material.lifeScatter;
    this.lifeShare = random.uniform(0, 0.6);
    this.foundShare = this.lifeShare;
    this.lifeFactor = this.drawLifeFactor();
  }

  get wearPercent(): number {
    return Math.min(mostWearPercent, (100 * flankWearMm(this.lifeShare)) / wearLimitMm + this.extraPercent);
  }

  cut({ durationS, lifeS, faultLevel }: CutTime): void {
    this.runtimeS += durationS + Math.min(longestFoundS, this.foundShare * lifeS * this.lifeFactor);
    this.foundShare = 0;
    if (this.lifeShare < 2)
      this.lifeShare += ((1 + faultRateGain * faultLevel) * durationS) / (lifeS * this.lifeFactor);
    const bite = faultExtraPercent * faultLevel - this.extraPercent;
    if (bite > 0) this.extraPercent += bite * (1 - Math.exp(-durationS / faultBiteS));
  }

  /** Between cuts only. Answers whether a new edge was put in. */
  changeWhenWorn(faultLevel: number): boolean {
    if (this.wearPercent < changeAtPercent + missedChangePercent * faultLevel) return false;
    this.lifeShare = 0;
    this.foundShare = 0;
    this.lifeFactor = this.drawLifeFactor();
    this.extraPercent = 0;
    this.runtimeS = 0;
    return true;
  }

  private drawLifeFactor(): number {
    return Math.exp(this.scatter * this.random.normal());
  }
}
