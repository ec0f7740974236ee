import { decodeFloats, encodeFloats } from './floats.ts';
import { evaluateTerms } from './formula.ts';
import type { Frame, Plan } from './plan.ts';

/**
 * Computes derived quantities, in the order the type lists them, so that a later one may use an earlier one.
 * A lag is first order: y ← y + (x − y)·(1 − e^(−Δt/τ)), as a temperature follows its heat. It starts at the first
 * value, so it is wrong for the first few τ; a gap longer than 5 τ starts it anew.
 */
const gapInLags = 5;

export class Derivation {
  private readonly plan: Plan;
  private readonly lagged: Float32Array;
  private readonly sharedS: Float64Array;
  private readonly shares: Float64Array;

  constructor(plan: Plan, saved?: readonly (number | null)[]) {
    this.plan = plan;
    const count = plan.derived.length;
    this.sharedS = new Float64Array(count).fill(Number.NaN);
    this.shares = new Float64Array(count);
    this.lagged = (saved && decodeFloats(saved, count)) ?? new Float32Array(count).fill(Number.NaN);
  }

  derive(frame: Frame): void {
    const { derived } = this.plan;
    for (let i = 0; i < derived.length; i++) {
      const { index, terms, lagS, when } = derived[i]!;
      const value = frame.holds[when] === 0 ? Number.NaN : evaluateTerms(terms, frame.values);
      frame.values[index] = lagS === 0 ? value : this.follow(i, value, lagS, frame.elapsedS);
    }
  }

  /** How far a lag comes in this time; machines sample evenly, so it is mostly the last answer again. */
  private shareIn(i: number, elapsedS: number, lagS: number): number {
    if (this.sharedS[i] !== elapsedS) {
      this.sharedS[i] = elapsedS;
      this.shares[i] = 1 - Math.exp(-elapsedS / lagS);
    }
    return this.shares[i]!;
  }

  save(): (number | null)[] {
    return encodeFloats(this.lagged);
  }

  private follow(i: number, value: number, lagS: number, elapsedS: number): number {
    const before = this.lagged[i]!;
    if (Number.isNaN(value)) return before;
    const startsAnew = Number.isNaN(before) || elapsedS > gapInLags * lagS;
    this.lagged[i] = startsAnew ? value : before + (value - before) * this.shareIn(i, elapsedS, lagS);
    return this.lagged[i]!;
  }
}
