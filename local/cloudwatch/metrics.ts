/** Metric data in one-minute buckets, kept for six hours: what alarms look at and the status shows. */

export interface Bucket {
  readonly startMs: number;
  count: number;
  sum: number;
  min: number;
  max: number;
}

export interface Series {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly buckets: Bucket[];
}

export interface Metrics {
  put(namespace: string, name: string, dimensions: Readonly<Record<string, string>>, value: number): void;
  find(namespace: string, name: string, dimensions: Readonly<Record<string, string>>): Series | undefined;
  list(): Iterable<Series>;
}

const bucketMs = 60_000;
const maxBuckets = 360;

export function createMetrics(nowMs: () => number): Metrics {
  const series = new Map<string, Series>();
  return {
    put: (namespace, name, dimensions, value) => {
      const key = formatKey(namespace, name, dimensions);
      let found = series.get(key);
      if (found === undefined) {
        found = { namespace, name, dimensions, buckets: [] };
        series.set(key, found);
      }
      addValue(found.buckets, Math.floor(nowMs() / bucketMs) * bucketMs, value);
    },
    find: (namespace, name, dimensions) => series.get(formatKey(namespace, name, dimensions)),
    list: () => series.values(),
  };
}

function addValue(buckets: Bucket[], startMs: number, value: number): void {
  const last = buckets.at(-1);
  if (last?.startMs !== startMs) {
    buckets.push({ startMs, count: 1, sum: value, min: value, max: value });
    if (buckets.length > maxBuckets) buckets.shift();
    return;
  }
  last.count += 1;
  last.sum += value;
  last.min = Math.min(last.min, value);
  last.max = Math.max(last.max, value);
}

function formatKey(namespace: string, name: string, dimensions: Readonly<Record<string, string>>): string {
  const parts = Object.entries(dimensions).map(([key, value]) => `${key}=${value}`);
  return [namespace, name, ...parts.sort()].join('|');
}
