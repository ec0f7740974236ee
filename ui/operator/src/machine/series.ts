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

/** Which point is told when none is pointed at: the newest, or in the past the newest of the moment looked at. */
export const findTold = ({ timesS }: DrawnSeries, atS: number | null): number =>
  atS === null ? timesS.length - 1 : timesS.findLastIndex((timeS) => timeS <= atS);

/** What a chart says to who cannot see it. */
export function describeSeries(title: string, unit: string, series: DrawnSeries, atS: number | null): string {
  const values = series.mean.filter((value) => value !== null);
  if (values.length === 0) return `${title}: no samples in this range`;
  const round = (value: number): string => `${Math.round(value * 100) / 100} ${unit}`;
  const until = findTold(series, atS) + 1;
  const newest = (column: DrawnSeries['mean']): number | undefined =>
    column.slice(0, until).findLast((value) => value !== null) ?? undefined;
  const [last, wanted] = [newest(series.mean), newest(series.expected)];
  const told = last === undefined ? 'no value then' : round(last);
  const against = wanted === undefined ? '' : `, expected ${round(wanted)}`;
  return `${title}: ${told}${against}; from ${round(Math.min(...values))} to ${round(Math.max(...values))} in this range`;
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
