/** Told in one sentence, without a trace. */
export class WrongOption extends Error {}

type Values = Readonly<Record<string, string | boolean | undefined>>;

export function readNumber(values: Values, name: string, least = 1): number {
  const number = Number(values[name]);
  if (number >= least && Number.isFinite(number)) return number;
  throw new WrongOption(`--${name}: got "${values[name]}", allowed is a number from ${least}`);
}

/** All names, or the one that the option gives. */
export function readChoice(values: Values, name: string, allowed: readonly string[]): readonly string[] {
  const chosen = values[name];
  if (chosen === undefined) return allowed;
  if (typeof chosen === 'string' && allowed.includes(chosen)) return [chosen];
  throw new WrongOption(`--${name}: got "${chosen}", allowed are ${allowed.join(', ')}`);
}
