/**
 * Whether a cut chatters: the stability lobes of a single mode.
 *
 *   b_lim = −1 / (2·Ks·N*·Re[G(fc)]),   n = 60·fc / (N·(k + ε/2π)),   ε = 2π − 2·atan(|Re|/|Im|), fc above the natural frequency
 *
 * The least depth over all speeds is 2·K·ζ·(1+ζ)/(Ks·N*·µ); at the speed in use the lobes lift it. The tool is a cantilever on
 * a spindle of finite stiffness. Fails for tools with several soft modes and where process damping at very low speed holds
 * the cut quiet.
 * Sources: Tobias and Fishwick 1958; Tlusty; Altintas and Budak 1995 for the use in milling.
 */
import { type Cut, teethInCut } from './cutting.ts';
import type { Tool } from './tool.ts';

/** Engineering assumptions for a 40-taper machine of this size. */
const chatterDefaults = {
  dampingRatio: 0.05,
  spindleStiffnessNPerMm: 35_000,
  modalMassKg: 0.25,
  youngModulusNPerMm2: 580_000,
  /** Flutes take a fifth of the core's stiffness. */
  fluteFactor: 0.8,
  directionalFactor: 0.15,
  /** How far lobes are taken to lift the limit. */
  highestLobe: 4,
  mostVibrationMmPerS: 12,
} as const;

const binRpm = 50;
const highestRpm = 30_000;

function toolStiffnessNPerMm(tool: Tool): number {
  const { youngModulusNPerMm2, fluteFactor, spindleStiffnessNPerMm } = chatterDefaults;
  const momentMm4 = (Math.PI * (tool.diameterMm * fluteFactor) ** 4) / 64;
  const cantilever = (3 * youngModulusNPerMm2 * momentMm4) / tool.overhangMm ** 3;
  return 1 / (1 / cantilever + 1 / spindleStiffnessNPerMm);
}

const lobesByTool = new WeakMap<Tool, Float64Array>();

/** By speed bin: how many times the least stable depth is stable there. */
function lobesOf(tool: Tool): Float64Array {
  let lobes = lobesByTool.get(tool);
  if (lobes === undefined) {
    lobes = computeLobes(tool);
    lobesByTool.set(tool, lobes);
  }
  return lobes;
}

function computeLobes(tool: Tool): Float64Array {
  const { dampingRatio: zeta, highestLobe } = chatterDefaults;
  const naturalHz = Math.sqrt((toolStiffnessNPerMm(tool) * 1e3) / chatterDefaults.modalMassKg) / (2 * Math.PI);
  const lobes = new Float64Array(highestRpm / binRpm + 1).fill(highestLobe);
  const least = 4 * zeta * (1 + zeta);
  for (let ratio = 1.001; ratio < 1.6; ratio += 0.0005) {
    const gap = 1 - ratio * ratio;
    const bottom = gap * gap + (2 * zeta * ratio) ** 2;
    const real = gap / bottom;
    const phase = 2 * Math.PI - 2 * Math.atan2(Math.abs(real), (2 * zeta * ratio) / bottom);
    const relativeDepth = Math.max(1, 1 / (-real * least));
    if (relativeDepth > highestLobe) continue;
    for (let lobe = 0; lobe < 60; lobe++) {
      const rpm = (60 * naturalHz * ratio) / (tool.teeth * (lobe + phase / (2 * Math.PI)));
      const bin = Math.round(rpm / binRpm);
      if (bin < lobes.length && relativeDepth < lobes[bin]!) lobes[bin] = relativeDepth;
    }
  }
  return lobes.fill(1, 0, firstResolvedBin(tool, naturalHz));
}

/** Below this speed the lobes lie closer than the bins and the limit is the least one. */
const firstResolvedBin = (tool: Tool, naturalHz: number): number =>
  Math.min(highestRpm / binRpm, Math.round((60 * naturalHz) / (tool.teeth * 50) / binRpm));

function stableDepthMm(tool: Tool, cut: Cut, spindleRpm: number): number {
  const { dampingRatio: zeta, directionalFactor } = chatterDefaults;
  const teeth = Math.max(0.15, teethInCut(tool, cut.widthMm));
  const least =
    (2 * toolStiffnessNPerMm(tool) * zeta * (1 + zeta)) / (cut.specificForceNPerMm2 * teeth * directionalFactor);
  const lobes = lobesOf(tool);
  return least * lobes[Math.min(lobes.length - 1, Math.round(Math.abs(spindleRpm) / binRpm))]!;
}

/** 0 while the depth is stable; past the limit it grows fast and is held by the tooth leaving the cut. */
export function chatterVibrationMmPerS(tool: Tool, cut: Cut, spindleRpm: number): number {
  if (cut.depthMm <= 0) return 0;
  const excess = cut.depthMm / stableDepthMm(tool, cut, spindleRpm) - 1;
  return excess <= 0 ? 0 : Math.min(chatterDefaults.mostVibrationMmPerS, 5 * Math.sqrt(excess));
}
