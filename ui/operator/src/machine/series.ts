import type { Anomaly, History } from '../../../../core/api/schemas.ts';

/** A signal's history made ready to draw: times in seconds, and a hole wherever the machine was silent. */
export interface DrawnSeries {
  readonly timesS: number[];
  readonly mean: (number | null)[];
  readonly min: (number | null)[];
  readonly max: (number | null)[];
  readonly expected: (number | null)[];
}

/** Intervals apart before a line is interrupted: a late sample is no silence. */
const longestBridge = 3;

export function prepareSeries(history: History, name: string): DrawnSeries {
  const drawn: DrawnSeries = { timesS: [], mean: [], min: [], max: [], expected: [] };
  const signal = history.signals[name];
  if (signal === undefined) return drawn;
  const stepS = history.resolutionS;
  const add = (timeS: number, i: number | null): void => {
    drawn.timesS.push(timeS);
    for (const part of ['mean', 'min', 'max', 'expected'] as const) {
      drawn[part].push(i === null ? null : (signal[part][i] ?? null));
    }
  };
  history.timesMs.forEach((timeMs, i) => {
    const lastS = drawn.timesS.at(-1);
    if (lastS !== undefined && timeMs / 1000 - lastS > longestBridge * stepS) add(lastS + stepS, null);
    add(timeMs / 1000, i);
  });
  return drawn;
}

/** Where a value stands alone no line leads to it: it is drawn as a dot, or a first day in a week would show nothing. */
export const findLonely = (values: ArrayLike<number | null | undefined>): number[] =>
  Array.from(values, (_, i) => i).filter((i) => values[i] != null && values[i - 1] == null && values[i + 1] == null);

/** What a chart says to who cannot see it. */
export function describeSeries(title: string, unit: string, { mean, expected }: DrawnSeries): string {
  const values = mean.filter((value) => value !== null);
  const last = values.at(-1);
  if (last === undefined) return `${title}: no samples in this range`;
  const round = (value: number): string => `${Math.round(value * 100) / 100} ${unit}`;
  const wanted = expected.findLast((value) => value !== null);
  const against = wanted === undefined ? '' : `, expected ${round(wanted)}`;
  return `${title}: ${round(last)}${against}; from ${round(Math.min(...values))} to ${round(Math.max(...values))} in this range`;
}

/** What every machine has in some form: how hard it works, how warm it is, how it shakes. */
const usualKinds = [/load|current|power/, /temperature/, /vibration/] as const;

interface Known {
  readonly signal: string;
  readonly expected: number | null;
}

/** The signals to show first: those the evidence names, one of each usual kind, those with an expectation, the rest. */
export function chooseSignals(named: readonly string[], values: readonly Known[], count: number): string[] {
  const known = values.map((value) => value.signal);
  const expected = values.filter((value) => value.expected !== null).map((value) => value.signal);
  const usual = usualKinds.flatMap((kind) => [...expected, ...known].find((name) => kind.test(name)) ?? []);
  return [...new Set([...named.filter((name) => known.includes(name)), ...usual, ...expected, ...known])].slice(
    0,
    count,
  );
}

export interface Mark {
  readonly fromS: number;
  readonly toS: number;
  readonly severity: Anomaly['severity'];
}

export const toMarks = (anomalies: readonly Anomaly[]): Mark[] =>
  anomalies.map(({ firstSeen, lastSeen, severity }) => ({
    fromS: Date.parse(firstSeen) / 1000,
    toS: Date.parse(lastSeen) / 1000,
    severity,
  }));
