/** From values to places on a drawing. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly fromPx: number;
  readonly toPx: number;
}

export const place = ({ from, to, fromPx, toPx }: Scale, value: number): number =>
  fromPx + ((value - from) / (to - from || 1)) * (toPx - fromPx);

const niceSteps = [1, 2, 2.5, 5, 10];

/** Round numbers within the range, some `wanted` of them. */
export function ticksOf(from: number, to: number, wanted: number): number[] {
  const rough = (to - from) / Math.max(1, wanted);
  if (!(rough > 0) || !Number.isFinite(rough)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (niceSteps.find((nice) => nice * power >= rough) ?? 10) * power;
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** A range that holds all values with some air around; null where there are none. */
export function rangeOf(
  values: readonly number[],
  airShare = 0.05,
): { readonly from: number; readonly to: number } | null {
  if (values.length === 0) return null;
  const from = values.reduce((a, b) => Math.min(a, b));
  const to = values.reduce((a, b) => Math.max(a, b));
  const air = (to - from || Math.abs(to) || 1) * airShare;
  return { from: from - air, to: to + air };
}

export const pathOf = (points: readonly (readonly [xPx: number, yPx: number])[]): string =>
  points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
