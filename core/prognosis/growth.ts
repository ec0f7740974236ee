import { type CurvePoint, leastIndex, residualDeviation } from './exponential.ts';
import { normalShare, type Quantiles, quantilesOf } from './spread.ts';

/**
 * Decides: when does a damage that feeds itself reach its end, when nobody knows by which law it grows?
 * Formula: courses ln h = θ + p·x(t) with x = ln((t + t₀)/(T + t₀)) for several t₀ (powers of the time since some moment before
 * wear was seen: t₀ → ∞ is the exponential, p = 1 at t₀ = 0 the straight line), each with a conjugate normal (θ, p); their chances of
 * having failed by T + τ are averaged, weighted by how well each fits. So the interval is as wide as the laws differ.
 * Fails when: wear levels off or comes in steps; too few points tell no law from another (then it is wide).
 * Sources: Gebraeel 2006 for the conjugate course; Hoeting et al. 1999, Bayesian Model Averaging, for the mean over models.
 */
/** t₀ as shares of the time watched (assumption: even steps of the logarithm from "seen at once" to "as good as exponential"). */
const headStarts = [0.02, 0.1, 0.25, 0.5, 1, 3, 10] as const;
/** θ: wear as it stands now, known from the curve; p: damage laws of mechanics lie between 1 and 4 (assumption). */
const prior = { level: -1, levelDeviation: 2, power: 2, powerDeviation: 1 } as const;
/** Neighbouring points of a smoothed curve err together: however many, they are worth no more than these (assumption). */
const independentPoints = 8;
/** Curves are never known better than this (5 %). */
const leastNoise = 0.05;

export function growthLife(points: readonly CurvePoint[]): Quantiles {
  const nowHours = Math.max(1e-9, points.at(-1)?.hours ?? 0);
  const logs = points.map((p) => Math.log(Math.max(leastIndex, p.index)));
  const times = points.map((p) => p.hours / nowHours);
  const courses = headStarts.map((headStart) => fitCourse(times, logs, headStart));
  const best = Math.max(...courses.map(({ evidence }) => evidence));
  const weights = courses.map(({ evidence }) => Math.exp(evidence - best));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const failedBy = (units: number): number =>
    courses.reduce((sum, course, i) => sum + ((weights[i] ?? 0) / total) * failedShare(course, units), 0);
  const { p10, p50, p90 } = quantilesOf(failedBy, 1);
  return { p10: p10 * nowHours, p50: p50 * nowHours, p90: p90 * nowHours };
}

/** Scatter about the power law that fits best, in units of the index. */
export function powerScatter(points: readonly CurvePoint[]): number {
  const nowHours = Math.max(1e-9, points.at(-1)?.hours ?? 0);
  const logs = points.map((p) => Math.log(Math.max(leastIndex, p.index)));
  const mean = points.reduce((sum, p) => sum + p.index, 0) / points.length;
  const scatters = headStarts.map((headStart) =>
    residualDeviation(
      points.map((p) => Math.log(p.hours / nowHours + headStart)),
      logs,
    ),
  );
  return Math.min(...scatters) * mean;
}

interface Course {
  readonly headStart: number;
  readonly level: number;
  readonly power: number;
  readonly levelVariance: number;
  readonly covariance: number;
  readonly powerVariance: number;
  /** Logarithm of how well it fits. */
  readonly evidence: number;
}

function fitCourse(times: readonly number[], logs: readonly number[], headStart: number): Course {
  const scale = 1 + headStart;
  // For a long head start ln stretches little: per unit of the time watched, p is told as growth by it.
  const xs = times.map((t) => scale * Math.log((t + headStart) / (1 + headStart)));
  const noise = times.length < 3 ? 1 : Math.max(leastNoise, residualDeviation(xs, logs));
  const weight = 1 / (noise * noise * Math.max(1, times.length / independentPoints));
  const a0 = 1 / prior.levelDeviation ** 2;
  const c0 = 1 / prior.powerDeviation ** 2;
  const sum = (of: (x: number, i: number) => number): number => xs.reduce((s, x, i) => s + of(x, i), 0);
  const a = a0 + weight * xs.length;
  const b = weight * sum((x) => x);
  const c = c0 + weight * sum((x) => x * x);
  const u = prior.level * a0 + weight * sum((_, i) => logs[i] ?? 0);
  const v = prior.power * c0 + weight * sum((x, i) => x * (logs[i] ?? 0));
  const determinant = a * c - b * b;
  return {
    headStart,
    level: (c * u - b * v) / determinant,
    power: (a * v - b * u) / determinant,
    levelVariance: c / determinant,
    covariance: -b / determinant,
    powerVariance: a / determinant,
    evidence: -Math.min(times.length, independentPoints) * Math.log(noise),
  };
}

/** The chance of having failed by then, given that it has not yet. */
function failedShare(course: Course, units: number): number {
  const spent = reached(course, 0);
  return (reached(course, units) - spent) / Math.max(1e-9, 1 - spent);
}

function reached({ headStart, level, power, levelVariance, covariance, powerVariance }: Course, units: number): number {
  const x = (1 + headStart) * Math.log((1 + units + headStart) / (1 + headStart));
  const variance = levelVariance + 2 * x * covariance + x * x * powerVariance;
  return normalShare((level + power * x) / Math.sqrt(Math.max(1e-12, variance)));
}
