import { ordered, type Quantiles } from './spread.ts';

/**
 * Decides: how many minutes of cutting does this edge have left?
 * Formula: wear in three phases over the share u of life used, VB(u) = VBb(1 − e^(−u/ub)) + r·u + A(e^((u−1)/ua) − e^(−1/ua)),
 * VB(1) = end of life. Each reading gives u by inversion; the life L with u = t/L is log-normal: the catalogue's Taylor life, its
 * scatter between edges, and each reading's own error weigh together (conjugate normal in ln L). Left = (1 − u)·L.
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
}

export const taylorDefaults: TaylorSettings = { expectedLifeMinutes: null, lifeScatter: 0.22, readingNoise: 0.03 };

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
export function lifeShareAt(wear: number): number {
  let low = 0;
  let high = 2;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (wearAt(middle) < wear) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export interface WearReading {
  readonly cutMinutes: number;
  /** 1 at the end of life. */
  readonly wear: number;
}

export function taylorLife(readings: readonly WearReading[], settings: TaylorSettings): Quantiles {
  const posterior = learnLife(readings, settings);
  const last = readings.at(-1)!;
  const left = (z: number): number => Math.exp(posterior.mean + z * posterior.deviation) - last.cutMinutes;
  return ordered({ p10: left(-1.2816), p50: left(0), p90: left(1.2816) });
}

/** Mean and deviation of ln L. Readings of one edge err together (its curve is not the mean curve), so the last speak loudest. */
function learnLife(readings: readonly WearReading[], settings: TaylorSettings): { mean: number; deviation: number } {
  const { expectedLifeMinutes, lifeScatter, readingNoise } = settings;
  let precision = expectedLifeMinutes === null ? 0 : 1 / lifeScatter ** 2;
  let sum = expectedLifeMinutes === null ? 0 : precision * Math.log(expectedLifeMinutes);
  const told = readings.filter(({ cutMinutes, wear }) => cutMinutes > 0 && wear > 0);
  const shares = told.map(({ wear }) => lifeShareAt(wear));
  told.forEach(({ cutMinutes, wear }, i) => {
    const share = Math.max(0.01, shares[i]!);
    // The error of u, by the curve's slope; the curve itself differs between edges, most in its young part.
    const error = readingNoise / slopeAt(share) + curveScatter * Math.max(0.05, 1 - share) * share;
    const age = shares.at(-1)! > 0 ? share / shares.at(-1)! : 1;
    const weight = ((share / error) ** 2 * age ** 4 * (wear >= 1 ? 4 : 1)) / Math.sqrt(told.length);
    precision += weight;
    sum += weight * Math.log(cutMinutes / share);
  });
  if (precision === 0) return { mean: Math.log(60), deviation: 2 };
  return { mean: sum / precision, deviation: Math.sqrt(1 / precision + leastScatter ** 2) };
}

/** How far one edge's curve strays from the mean curve (assumption, from the spread of the NASA milling curves). */
const curveScatter = 0.35;
/** No life is foreseen better than this. */
const leastScatter = 0.03;

const slopeAt = (u: number): number => (wearAt(u + 0.01) - wearAt(u - 0.01)) / 0.02;
