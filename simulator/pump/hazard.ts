/**
 * How long a unit lives: a mixture of three Weibull lives whose hazard is the bathtub.
 *
 *   S(t) = Σ w·exp(−(t/η)^β), β < 1 infant failures, β ≈ 1 random ones, β 2–4 wear-out
 *
 * Scales are relative and then normalised so that the mixture's median is 1: a lifecycle multiplies by its typical life.
 * Fails for a fleet whose early failures were screened out: set the infant weight to 0.
 * Shapes after common reliability practice; weights and relative scales are assumptions.
 */
import type { Random } from '../../core/random/random.ts';

export const lifeKinds = ['infant', 'random', 'wear_out'] as const;
export type LifeKind = (typeof lifeKinds)[number];

export interface LifeBranch {
  readonly kind: LifeKind;
  readonly weight: number;
  readonly shape: number;
  readonly scale: number;
}

const relativeBranches: readonly LifeBranch[] = [
  { kind: 'infant', weight: 0.08, shape: 0.6, scale: 0.12 },
  { kind: 'random', weight: 0.2, shape: 1, scale: 1.3 },
  { kind: 'wear_out', weight: 0.72, shape: 3, scale: 1.15 },
];

export function survival(branches: readonly LifeBranch[], t: number): number {
  return branches.reduce((sum, { weight, shape, scale }) => sum + weight * Math.exp(-((t / scale) ** shape)), 0);
}

/** Bisection: the survival of a mixture has no closed inverse. */
function findMedian(branches: readonly LifeBranch[]): number {
  let low = 0;
  let high = 100;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (survival(branches, middle) > 0.5) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const relativeMedian = findMedian(relativeBranches);

/** The branches in units of the typical (median) life. */
export const lifeBranches: readonly LifeBranch[] = relativeBranches.map((branch) => ({
  ...branch,
  scale: branch.scale / relativeMedian,
}));

/** A unit that fails before this share of a typical life was never commissioned. */
export const shortestLife = 0.01;

/** One life in units of the typical life, by inverting the branch's Weibull. */
export function drawLife(random: Random): { readonly kind: LifeKind; readonly life: number } {
  const branch = pickByWeight(lifeBranches, random.next());
  const life = branch.scale * (-Math.log(1 - random.next())) ** (1 / branch.shape);
  return { kind: branch.kind, life: Math.max(shortestLife, life) };
}

/** Weights add up to 1; `draw` is uniform in [0, 1). */
export function pickByWeight<T extends { readonly weight: number }>(choices: readonly T[], draw: number): T {
  let left = draw;
  for (const choice of choices) {
    left -= choice.weight;
    if (left < 0) return choice;
  }
  return choices.at(-1)!;
}
