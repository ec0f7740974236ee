/** The latest durations, for their percentiles. */
export interface Durations {
  add(durationMs: number): void;
  clear(): void;
  percentiles(): { readonly p50: number; readonly p99: number } | null;
}

const kept = 10_000;

export function createDurations(): Durations {
  const latest: number[] = [];
  let at = 0;
  return {
    add: (durationMs) => {
      latest[at] = durationMs;
      at = (at + 1) % kept;
    },
    clear: () => {
      latest.length = 0;
      at = 0;
    },
    percentiles: () => {
      if (latest.length === 0) return null;
      const sorted = Float64Array.from(latest).sort();
      const pick = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
      return { p50: pick(0.5), p99: pick(0.99) };
    },
  };
}
