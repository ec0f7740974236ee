import type { CurvePoint } from './exponential.ts';
import { ordered, type Quantiles } from './spread.ts';

/**
 * Decides: how much wider than it says must a forecast by the curve's own course be told?
 * Formula: the same method is asked at earlier moments of this curve when the present index would be reached; with eᵢ the logarithm of
 * the time it took over the time foretold, s² = (k·a² + Σeᵢ²)/(k + n), a the error assumed before any was seen. P10 and P90 then lie
 * √(d² + s²) from P50 in ln, d what the method says itself. Only the past of this one component is used.
 * Fails when: wear turns to another course than any so far (no past error shows it).
 * Source: the prequential idea, a forecaster is judged by its own forecasts: Dawid 1984, Statistical theory: the prequential approach.
 */
const lookedBackAt = [0.4, 0.55, 0.7, 0.85] as const;
/** Before any error was seen: a tenth either way, worth two errors seen (chosen on simulated lives that teach: .9 of truths lie within). */
const assumed = { error: 0.1, weight: 2 } as const;
/** Fewer points are no course. */
const leastPoints = 6;
const z80 = 1.2816;

export type Foresee = (curve: readonly CurvePoint[]) => Quantiles;

export function widenByHindsight(curve: readonly CurvePoint[], said: Quantiles, foresee: Foresee): Quantiles {
  const { p10, p50, p90 } = said;
  const errors = pastErrors(curve, foresee);
  const square = errors.reduce((sum, e) => sum + e * e, assumed.weight * assumed.error ** 2);
  const spread = square / (assumed.weight + errors.length);
  const away = (own: number): number => Math.exp(Math.sqrt(own * own + z80 * z80 * spread));
  if (!(p10 > 0)) return ordered({ p10, p50, p90: p90 * away(0) });
  return ordered({ p10: p50 / away(Math.log(p50 / p10)), p50, p90: p50 * away(Math.log(p90 / p50)) });
}

/** ln of the time it took to come to the present index over what was foretold, at each earlier moment. */
function pastErrors(curve: readonly CurvePoint[], foresee: Foresee): number[] {
  const now = curve.at(-1);
  if (now === undefined) return [];
  return lookedBackAt.flatMap((share) => {
    const past = curve.filter(({ hours }) => hours <= share * now.hours);
    const last = past.at(-1);
    if (last === undefined || past.length < leastPoints || last.index >= now.index) return [];
    // The methods ask when 1 is reached: what is now 1 was the present index then.
    const { p50 } = foresee(past.map(({ hours, index }) => ({ hours, index: index / now.index })));
    return p50 > 0 ? [Math.log((now.hours - last.hours) / p50)] : [];
  });
}
