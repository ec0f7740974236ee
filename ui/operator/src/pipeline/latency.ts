import type { MachineSummary } from '../../../../core/api/schemas.ts';

export interface Latency {
  readonly liveMachines: number;
  readonly ageP50Ms: number | null;
  readonly ageP99Ms: number | null;
  readonly calls: number;
  readonly callP50Ms: number | null;
  readonly callP99Ms: number | null;
}

export function describeLatency(machines: readonly MachineSummary[], callsMs: readonly number[]): Latency {
  const agesMs = machines.flatMap(({ freshness, ageMs }) => (freshness === 'live' && ageMs !== null ? [ageMs] : []));
  return {
    liveMachines: agesMs.length,
    ageP50Ms: percentileOf(agesMs, 0.5),
    ageP99Ms: percentileOf(agesMs, 0.99),
    calls: callsMs.length,
    callP50Ms: percentileOf(callsMs, 0.5),
    callP99Ms: percentileOf(callsMs, 0.99),
  };
}

/** The nearest rank. */
function percentileOf(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
