/**
 * Force and power from the material really removed (Kienzle).
 *
 *   ap = V/A    ae = A/L    fz = vf/(n·z)    hm = fz·sinκ·(mean over the engaged angle)
 *   kc = kc1.1·hm^(−mc)·(1 − γ0/100)·(1 + 0.3·VB/0.3)    Pc = kc·V/t    Mc = 30·Pc/(π·n)
 *
 * V is the volume removed, A the plan area it was taken from, L the way. In a drill the chip is half the feed per turn thick.
 * Fails for chips far under 5 µm, where the edge rubs instead of cutting: hm is held there.
 * Sources: Kienzle 1952; ISCAR 2017 for the constants; growth of the forces with flank wear per reference (assumption: b = 0.3
 * main force, 0.8 feed force).
 */
import type { Material } from './material.ts';
import type { Removal } from './stock.ts';
import { isDrilling, type Tool } from './tool.ts';

const cuttingDefaults = {
  rakeDegrees: 6,
  thinnestChipMm: 0.005,
  wearGainMain: 0.3,
  wearGainFeed: 0.8,
  /** Feed force as a share of the main force with a sharp edge. */
  feedForceShare: 0.45,
} as const;

/** The way of the pieces that removed something, and what they removed. */
export interface Engagement extends Removal {
  wayMm: number;
  /** The way seen from above: a tool that goes straight down has none, and cannot chatter as a mill does. */
  lateralMm: number;
  feedS: number;
}

export interface Cut {
  /** Mean depth and width while cutting. */
  readonly depthMm: number;
  readonly widthMm: number;
  readonly specificForceNPerMm2: number;
  /** At the cutter, over the time it really cut. */
  readonly powerKw: number;
  readonly energyKj: number;
  readonly mainForceN: number;
  readonly feedForceN: number;
}

const noCut: Cut = {
  depthMm: 0,
  widthMm: 0,
  specificForceNPerMm2: 0,
  powerKw: 0,
  energyKj: 0,
  mainForceN: 0,
  feedForceN: 0,
};

export interface CutConditions {
  readonly tool: Tool;
  readonly material: Material;
  readonly spindleRpm: number;
  readonly wearPercent: number;
}

export function computeCut(engagement: Engagement, conditions: CutConditions): Cut {
  const { tool, material, wearPercent } = conditions;
  const rpm = Math.abs(conditions.spindleRpm);
  const { volumeMm3, areaMm2, wayMm, feedS } = engagement;
  if (volumeMm3 <= 0 || rpm === 0 || feedS <= 0) return noCut;
  const depthMm = volumeMm3 / areaMm2;
  const widthMm = wayMm > 0 ? Math.min(tool.diameterMm, areaMm2 / wayMm) : tool.diameterMm;
  const feedPerToothMm = (wayMm / feedS) * (60 / (rpm * tool.teeth));
  const chipMm = Math.max(cuttingDefaults.thinnestChipMm, chipThicknessMm(tool, feedPerToothMm, widthMm));
  const sharpForce =
    material.specificForceNPerMm2 * chipMm ** -material.chipExponent * (1 - cuttingDefaults.rakeDegrees / 100);
  const wearShare = wearPercent / 100;
  const specificForceNPerMm2 = sharpForce * (1 + cuttingDefaults.wearGainMain * wearShare);
  const energyKj = (specificForceNPerMm2 * volumeMm3) / 1e6;
  const powerKw = energyKj / feedS;
  const mainForceN = (powerKw * 1e3 * 60e3) / (Math.PI * tool.diameterMm * rpm);
  const feedGain = 1 + cuttingDefaults.wearGainFeed * wearShare;
  const feedForceN =
    (mainForceN / (1 + cuttingDefaults.wearGainMain * wearShare)) * cuttingDefaults.feedForceShare * feedGain;
  return { depthMm, widthMm, specificForceNPerMm2, powerKw, energyKj, mainForceN, feedForceN };
}

export const torqueNm = (powerKw: number, spindleRpm: number): number =>
  spindleRpm === 0 ? 0 : (30e3 * powerKw) / (Math.PI * Math.abs(spindleRpm));

/** Sine of the edge's lead angle: 90° end mills, 45° face mills and, on the mean, ball noses; 118° drill points. */
const leadSine = {
  end_mill: 1,
  face_mill: Math.SQRT1_2,
  ball_mill: Math.SQRT1_2,
  spot_drill: Math.SQRT1_2,
  drill: 0.857,
  tap: 1,
} as const;

/** A face mill is taken as centred over its width, an end mill as cutting with one side. */
function chipThicknessMm(tool: Tool, feedPerToothMm: number, widthMm: number): number {
  if (isDrilling(tool)) return feedPerToothMm * leadSine[tool.type];
  const share = Math.min(1, widthMm / tool.diameterMm);
  const engagedRadians = tool.type === 'face_mill' ? 2 * Math.asin(share) : Math.acos(1 - 2 * share);
  if (engagedRadians <= 0) return 0;
  return (feedPerToothMm * leadSine[tool.type] * 2 * share) / engagedRadians;
}

/** How many teeth cut at once, on the mean. */
export function teethInCut(tool: Tool, widthMm: number): number {
  return (tool.teeth * Math.acos(1 - 2 * Math.min(1, widthMm / tool.diameterMm))) / (2 * Math.PI);
}
