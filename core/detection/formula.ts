import type { Term } from './config.ts';

/**
 * The model language: a sum of products of quantities, each to an exponent. Enough for affinity laws (speed²),
 * power (flow × head) and linear relations; not a programming language, so that a plant's JSON can be checked at load.
 * NaN in, NaN out; a division by zero is NaN too, never infinity.
 */
export interface CompiledTerm {
  readonly times: number;
  readonly indexes: readonly number[];
  readonly exponents: readonly number[];
}

export function compileTerms(terms: readonly Term[], indexOf: ReadonlyMap<string, number>): readonly CompiledTerm[] {
  return terms.map((term) => ({
    times: term.times,
    indexes: Object.keys(term.of).map((name) => indexOf.get(name)!),
    exponents: Object.values(term.of),
  }));
}

export function evaluateTerm(term: CompiledTerm, values: Float64Array): number {
  let product = term.times;
  for (let i = 0; i < term.indexes.length; i++) {
    const value = values[term.indexes[i]!]!;
    const exponent = term.exponents[i]!;
    product *= exponent === 1 ? value : exponent === 2 ? value * value : value ** exponent;
  }
  return Number.isFinite(product) ? product : Number.NaN;
}

export function evaluateTerms(terms: readonly CompiledTerm[], values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < terms.length; i++) sum += evaluateTerm(terms[i]!, values);
  return sum;
}
