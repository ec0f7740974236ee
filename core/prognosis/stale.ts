import type { Forecast, MachineForecast } from './forecast.ts';

/** Data older than this say nothing of now. */
const staleAfterMs = 10 * 60_000;

export const whyStale = (ageMs: number): string | null =>
  ageMs <= staleAfterMs
    ? null
    : `the last sample is ${Math.round(ageMs / 60_000)} min old, allowed are ${staleAfterMs / 60_000}`;

export const withhold = (
  forecast: Omit<Forecast, 'remainingCycles' | 'withheldBecause'>,
  reason: string,
): Forecast => ({
  ...forecast,
  status: 'withheld',
  remainingHours: null,
  remainingCycles: null,
  method: null,
  confidence: 0,
  why: 'the data cannot be trusted now',
  grewBecause: null,
  withheldBecause: reason,
});

/** A forecast that was kept, for whoever looks when the machine has been silent for `ageMs`. */
export function asOfNow(kept: MachineForecast | null, ageMs: number): MachineForecast | null {
  const reason = whyStale(ageMs);
  if (kept === null || reason === null) return kept;
  return { ...kept, components: kept.components.map((one) => withhold(one, reason)), nextMaintenance: null };
}
