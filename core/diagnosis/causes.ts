import type { ProbableCause } from '../detection/observation.ts';
import type { Frame, Plan } from '../detection/plan.ts';

/**
 * Ranks failure modes by how well their signature explains what deviates.
 *
 *   match(m) = Σ w·d / (‖w‖·‖d‖)   over the quantities of any signature, d = ±log2(1 + thresholds),
 *   plus a bonus where a standing code speaks for the mode; weights are the matches' shares.
 *
 * A mode whose quantities this machine does not measure can't be found; two modes of one signature can't be told apart.
 */
/** Deviations below this share of a threshold are noise, and would outvote the real one by their number. */
const noiseShare = 0.35;
const suggestion = 0.35;
/** A parameter outside its declared window is no inference. */
const certainty = 1;
const mostCauses = 3;
const leastScore = 0.05;

interface SignatureEntry {
  readonly index: number;
  readonly weight: number;
  readonly reads: 'signed' | 'either' | 'unrest';
}

interface Signature {
  readonly failureMode: string;
  readonly component: string;
  readonly entries: readonly SignatureEntry[];
  readonly norm: number;
}

interface Scored {
  readonly signature: Signature;
  readonly score: number;
}

export interface Diagnosis {
  rank(frame: Frame, codes: readonly string[]): readonly ProbableCause[];
  /** Is one of these quantities part of the mode's signature? */
  explains(failureMode: string, quantities: readonly number[]): boolean;
}

const nothing: readonly ProbableCause[] = Object.freeze([]);

export function createDiagnosis(plan: Plan): Diagnosis {
  const signatures = plan.type.failureModes.map((mode) => compileSignature(plan, mode.name));
  const watched = [...new Set(signatures.flatMap((s) => s.entries.map((e) => e.index)))];
  const located = new Set(plan.type.detection.located);
  const suggestedBy = (codes: readonly string[], failureMode: string): number => {
    let most = 0;
    for (const code of codes) {
      const config = plan.type.detection.codes[code];
      if (config?.suggests === failureMode) most = Math.max(most, config.invalidProcess ? certainty : suggestion);
    }
    return most;
  };
  const rank = (frame: Frame, codes: readonly string[]): readonly ProbableCause[] => {
    if (codes.length === 0) return nothing;
    let square = 0;
    for (const i of watched) square += squareAt(frame, i);
    const size = Math.sqrt(square);
    const scored: Scored[] = [];
    for (const signature of signatures) {
      const score = match(signature, frame, size) + suggestedBy(codes, signature.failureMode);
      if (score > leastScore) scored.push({ signature, score });
    }
    scored.sort((a, b) => b.score - a.score).length = Math.min(scored.length, mostCauses);
    const total = Math.max(
      1,
      scored.reduce((sum, { score }) => sum + score, 0),
    );
    return scored.map(({ signature: s, score }) => ({
      failureMode: s.failureMode,
      component: located.has(s.failureMode) ? placeOf(s, frame, plan) : s.component,
      weight: Math.round((score / total) * 1000) / 1000,
    }));
  };
  const covered = new Map(signatures.map((s) => [s.failureMode, new Set(s.entries.map((e) => e.index))]));
  const explains = (failureMode: string, quantities: readonly number[]): boolean =>
    quantities.some((q) => covered.get(failureMode)?.has(q) === true);
  return { rank, explains };
}

function compileSignature(plan: Plan, modeName: string): Signature {
  const mode = plan.type.failureModes.find((m) => m.name === modeName)!;
  const weighted = plan.type.detection.signatures[modeName];
  const entries =
    weighted === undefined
      ? Object.entries(mode.signature)
          // A sensor that rests is the quality judge's business: its code suggests the mode.
          .filter(([, way]) => way !== 'stuck')
          .map(([name, way]) => entryOf(plan, name, way === 'down' ? -1 : 1, way))
      : Object.entries(weighted).map(([name, weight]) => entryOf(plan, name, weight, mode.signature[name] ?? 'up'));
  const norm = Math.sqrt(entries.reduce((sum, e) => sum + e.weight ** 2, 0)) || 1;
  return { failureMode: mode.name, component: mode.component, entries, norm };
}

function entryOf(plan: Plan, name: string, weight: number, way: string): SignatureEntry {
  const reads = way === 'noisier' ? 'unrest' : way === 'either' ? 'either' : 'signed';
  return { index: plan.indexOf.get(name)!, weight, reads };
}

function placeOf(signature: Signature, frame: Frame, plan: Plan): string {
  let loudest = -1;
  for (const { index } of signature.entries) {
    if (loudest < 0 || Math.abs(frame.deviations[index]!) > Math.abs(frame.deviations[loudest]!)) loudest = index;
  }
  return plan.quantities[loudest]?.component ?? signature.component;
}

/** Logarithmic: one signal twenty thresholds away must neither drown the others nor count like one at three. */
const denoise = (d: number): number => (Math.abs(d) < noiseShare ? 0 : Math.sign(d) * Math.log2(1 + Math.abs(d)));

const squareAt = (frame: Frame, i: number): number =>
  denoise(frame.deviations[i]!) ** 2 + denoise(frame.unrest[i]!) ** 2;

function match(signature: Signature, frame: Frame, size: number): number {
  if (size === 0) return 0;
  let sum = 0;
  for (const entry of signature.entries) {
    const signed = denoise(frame.deviations[entry.index]!);
    const unrest = denoise(frame.unrest[entry.index]!);
    const value =
      entry.reads === 'signed' ? signed : entry.reads === 'unrest' ? unrest : Math.max(Math.abs(signed), unrest);
    sum += entry.weight * value;
  }
  return Math.max(0, sum / (signature.norm * size));
}
