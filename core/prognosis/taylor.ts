import { ordered, type Quantiles } from './spread.ts';

/**
 * Decides: how many minutes of cutting does this edge have left?
 * Formula: wear in three phases over the share u of life used, VB(u) = VBb(1 − e^(−u/ub)) + r·u + A(e^((u−1)/ua) − e^(−1/ua)),
 * VB(1) = end of life. Each reading gives u by inversion; the life L with u = t/L is log-normal: the catalogue's Taylor life, its
 * scatter between edges, and each reading's own error weigh together (conjugate normal in ln L). Left = (1 − u)·L. Where finished
 * edges showed that the last reading carried on straight foresees as well, ln L leans to it by `straightShare`.
 * Fails when: speed or material change within the edge's life (L is one number); an edge chips (no curve foresees it).
 * Sources: F. W. Taylor 1907; ISO 8688-2 for .3 mm; scatter from the replicates of the NASA milling set (6–22 %, up to 56 % in steel).
 */
export interface TaylorSettings {
  /** The catalogue's life; null where nothing is known, and the readings alone speak. */
  readonly expectedLifeMinutes: number | null;
  /** Deviation of ln L between edges. */
  readonly lifeScatter: number;
  /** Deviation of a wear reading, as a share of the end of life's wear. */
  readonly readingNoise: number;
  /** How far one edge's curve strays from the mean curve: deviation of ln L read at the very start; it fades towards the end. */
  readonly curveScatter: number;
  /** Wear at even steps of life from 0 to 1, where finished edges have told their own curve; null takes the three phases. */
  readonly curve: readonly number[] | null;
  /** How much the straight line through the last reading weighs in ln L beside the curve: 0 not at all, 1 alone. */
  readonly straightShare: number;
}

/** Curve scatter from the edges of the NASA milling set against each other's mean curve. */
export const taylorDefaults: TaylorSettings = {
  expectedLifeMinutes: null,
  lifeScatter: 0.22,
  readingNoise: 0.05,
  curveScatter: 0.35,
  curve: null,
  straightShare: 0,
};

/** Run-in .07 of .30 mm within a twentieth of life, the last fifth of wear in the last eighth of life (engineering shape). */
const shape = { runIn: 0.23, runInShare: 0.06, final: 0.2, finalShare: 0.12 } as const;
const finalAtStart = Math.exp(-1 / shape.finalShare);
const steady = 1 - shape.runIn - shape.final * (1 - finalAtStart);

/** Wear as a share of the end of life's, at the share `u` of life used. */
export function wearAt(u: number): number {
  const runIn = shape.runIn * (1 - Math.exp(-u / shape.runInShare));
  return runIn + steady * u + shape.final * (Math.exp((u - 1) / shape.finalShare) - finalAtStart);
}

/** The share of life used at which wear stands so: the curve only rises, so bisection finds it. */
export function lifeShareAt(wear: number, curve: readonly number[] | null = null): number {
  const at = (u: number): number => (curve === null ? wearAt(u) : interpolate(curve, u));
  let low = 0;
  let high = 2;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (at(middle) < wear) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Beyond its last step the curve goes on as it did there. */
function interpolate(curve: readonly number[], u: number): number {
  const steps = curve.length - 1;
  const left = Math.min(steps - 1, Math.max(0, Math.floor(u * steps)));
  return curve[left]! + (u * steps - left) * (curve[left + 1]! - curve[left]!);
}

export interface WearReading {
  readonly cutMinutes: number;
  /** 1 at the end of life. */
  readonly wear: number;
}

export function taylorLife(readings: readonly WearReading[], settings: TaylorSettings): Quantiles {
  const { mean, deviation } = learnLife(readings, settings);
  const last = readings.at(-1)!;
  const straight = last.cutMinutes > 0 && last.wear > 0 ? Math.log(last.cutMinutes / last.wear) : mean;
  const middle = mean + settings.straightShare * (straight - mean);
  const left = (z: number): number => Math.exp(middle + z * deviation) - last.cutMinutes;
  return ordered({ p10: left(-1.2816), p50: left(0), p90: left(1.2816) });
}

/** Mean and deviation of ln L. Readings of one edge err together (its curve is not the mean curve), so the last speak loudest. */
function learnLife(readings: readonly WearReading[], settings: TaylorSettings): { mean: number; deviation: number } {
  const { expectedLifeMinutes, lifeScatter, readingNoise, curveScatter, curve } = settings;
  let precision = expectedLifeMinutes === null ? 0 : 1 / lifeScatter ** 2;
  let sum = expectedLifeMinutes === null ? 0 : precision * Math.log(expectedLifeMinutes);
  const told = readings.filter(({ cutMinutes, wear }) => cutMinutes > 0 && wear > 0);
  const shares = told.map(({ wear }) => Math.max(leastShare, lifeShareAt(wear, curve)));
  const ages = shares.map((share) => (share / shares.at(-1)!) ** lateness);
  const sumOfAges = ages.reduce((total, a) => total + a, 0);
  // As many independent readings as their root says: they share one edge's own curve.
  const worth = Math.sqrt(sumOfAges ** 2 / ages.reduce((total, a) => total + a * a, 0)) / sumOfAges;
  told.forEach(({ cutMinutes }, i) => {
    const share = shares[i]!;
    const error = readingNoise / share + curveScatter * Math.max(leastStray, 1 - share);
    const weight = (ages[i]! * worth) / (error * error);
    precision += weight;
    sum += weight * Math.log(cutMinutes / share);
  });
  if (precision === 0) return { mean: Math.log(60), deviation: 2 };
  return { mean: sum / precision, deviation: Math.sqrt(1 / precision + leastScatter ** 2) };
}

/** A reading at the very start says nothing of the end. */
const leastShare = 0.01;
/** How much louder late readings speak: by this power of the share of life they were read at. */
const lateness = 8;
/** Near its end a curve still strays by this share of `curveScatter`. */
const leastStray = 0.1;
/** No life is foreseen better than this. */
const leastScatter = 0.06;
