/**
 * Decides: between which bounds does the truth lie, with a stated probability, whatever the model's own faults?
 * Formula: s_i = (truth_i − prediction_i)/scale_i on rows the model was not fitted to; of the n scores of like predictions, equal
 * tails take the ⌈(n+1)(1−α/2)⌉-th smallest as the upper bound and its mirror as the lower; shortest takes the shortest span that
 * holds ⌈(n+1)(1−α)⌉ of them (where truths are capped, errors fall on one side only, and equal tails would waste one).
 * Bounds = prediction + scale·s, interpolated between groups.
 * One group is split conformal; several groups by prediction keep the coverage where wear is heavy, not only on average.
 * Fails when: tomorrow's units are not like those of the calibration (the promise is for exchangeable units).
 * Source: Papadopoulos et al. 2002 (normalised, inductive); Vovk 2003 (Mondrian groups); Lei et al. 2018 (split).
 */
export interface Conformal {
  readonly coverage: number;
  /** Mean prediction of each group, ascending. */
  readonly centres: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/** Equal tails are quantiles, to be told as P5 and P95; shortest promises the same coverage and no more. */
export type Tails = 'equal' | 'shortest';

export interface ConformalSettings {
  readonly coverage: number;
  readonly groups?: number;
  readonly tails?: Tails;
}

export interface CalibrationRows {
  readonly predictions: ArrayLike<number>;
  readonly truths: ArrayLike<number>;
  /** How hard each row is, in any unit; all alike where there are none. */
  readonly scales?: ArrayLike<number>;
}

export function fitConformal(rows: CalibrationRows, settings: ConformalSettings): Conformal {
  const { coverage, groups = 1, tails = 'equal' } = settings;
  const count = rows.predictions.length;
  if (count === 0) throw new RangeError('conformal: got no calibration rows, allowed is at least one');
  if (!(coverage > 0 && coverage < 1)) throw new RangeError(`coverage: got ${coverage}, allowed is between 0 and 1`);
  const order = Array.from({ length: count }, (_, i) => i).sort((i, j) => rows.predictions[i]! - rows.predictions[j]!);
  const centres: number[] = [];
  const lower: number[] = [];
  const upper: number[] = [];
  for (let group = 0; group < groups; group++) {
    const members = order.slice(Math.floor((group * count) / groups), Math.floor(((group + 1) * count) / groups));
    if (members.length === 0) continue;
    const scores = Float64Array.from(members, (i) => scoreOf(rows, i)).sort();
    centres.push(members.reduce((sum, i) => sum + rows.predictions[i]!, 0) / members.length);
    const [low, high] = tails === 'equal' ? equalTails(scores, coverage) : shortestSpan(scores, coverage);
    lower.push(low);
    upper.push(high);
  }
  return { coverage, centres, lower, upper };
}

export function boundsOf(model: Conformal, prediction: number, scale = 1): { lower: number; upper: number } {
  const { centres, lower, upper } = model;
  const last = centres.length - 1;
  let right = 0;
  while (right <= last && centres[right]! < prediction) right++;
  const left = Math.max(0, right - 1);
  const at = Math.min(last, right);
  const gap = centres[at]! - centres[left]!;
  const share = gap > 0 ? (prediction - centres[left]!) / gap : 0;
  const between = (values: readonly number[]): number => values[left]! + share * (values[at]! - values[left]!);
  const [low, high] = [prediction + scale * between(lower), prediction + scale * between(upper)];
  // Rounding between bounds that are almost one may swap them.
  return { lower: Math.min(low, high), upper: Math.max(low, high) };
}

const scoreOf = ({ predictions, truths, scales }: CalibrationRows, i: number): number =>
  (truths[i]! - predictions[i]!) / (scales?.[i] ?? 1);

function equalTails(sorted: Float64Array, coverage: number): [number, number] {
  const tail = (1 - coverage) / 2;
  const at = (rank: number): number => sorted[Math.min(sorted.length - 1, Math.max(0, rank - 1))]!;
  return [at(Math.floor((sorted.length + 1) * tail)), at(Math.ceil((sorted.length + 1) * (1 - tail)))];
}

/** Few places of the lower tail are tried, from none to all of α: the more are tried, the more chance is mistaken for shape. */
const triedTails = 8;

function shortestSpan(sorted: Float64Array, coverage: number): [number, number] {
  const held = Math.min(sorted.length, Math.ceil((sorted.length + 1) * coverage));
  let best: [number, number] = [sorted[0]!, sorted[held - 1]!];
  for (let i = 1; i <= triedTails; i++) {
    const from = Math.floor((i / triedTails) * (sorted.length - held));
    const span: [number, number] = [sorted[from]!, sorted[from + held - 1]!];
    if (span[1] - span[0] < best[1] - best[0]) best = span;
  }
  return best;
}
