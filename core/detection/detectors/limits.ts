import { perChannelKind } from './per-channel.ts';

/**
 * Decides: is the value outside its bounds?
 * Formula: score = distance from the middle of the window over half its width; with one bound only, 1 + the overshoot
 * over the bound's own size. Works from the first sample, knows nothing of the past.
 * Fails when: the bound is wrong for the phase the machine is in; noise near a bound makes it flicker.
 * Source: the machine's data sheet or its process window.
 */
export interface LimitsSettings {
  /** null: no bound on that side. */
  readonly min: number | null;
  readonly max: number | null;
}

export const limits = perChannelKind<LimitsSettings, Record<string, never>>({
  name: 'limits',
  version: 1,
  defaults: { min: null, max: null },
  begin: () => ({}),
  step: (_memory, value, _atMs, { min, max }) => scoreAgainstLimits(value, min, max),
  limit: ({ min, max }) => ({ ...(min === null ? {} : { min }), ...(max === null ? {} : { max }) }),
});

/** Above 1 exactly when the value is outside; the bounds themselves are allowed. */
export function scoreAgainstLimits(value: number, min: number | null, max: number | null): number {
  if (min !== null && max !== null) return scoreInWindow(value, min, max);
  if (max !== null) return scoreBeyond(value - max, max);
  if (min !== null) return scoreBeyond(min - value, min);
  return 0;
}

function scoreInWindow(value: number, min: number, max: number): number {
  const halfWidth = (max - min) / 2;
  const score = Math.abs(value - (min + halfWidth)) / halfWidth;
  if (value >= min && value <= max) return Math.min(score, 1);
  return Math.max(score, 1 + Number.EPSILON);
}

function scoreBeyond(overshoot: number, bound: number): number {
  const share = overshoot / (Math.abs(bound) || 1);
  if (overshoot <= 0) return Math.max(0, 1 + share);
  return Math.max(1 + share, 1 + Number.EPSILON);
}
