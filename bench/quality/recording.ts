/** What the quality benches judge: a recording with its labels, and what a detector said about each of its rows. */
export interface Recording {
  readonly name: string;
  readonly atS: Float64Array;
  readonly channels: readonly string[];
  /** One row per moment, in the order of the channels. */
  readonly values: readonly (readonly number[])[];
  /** 1 where the publisher of the set says: faulty. */
  readonly labels: Uint8Array;
  /** Rows before this one are for training and count for nothing. */
  readonly scoredFrom: number;
}

export interface Verdict {
  readonly scores: Float64Array;
  readonly alarms: Uint8Array;
  /** 1 where a standing alarm is raised again; absent where a method knows no such thing. */
  readonly again?: Uint8Array;
}

export type Judge = (recording: Recording) => Verdict;

/** The object that `--json` prints per method; null where a set can't say. */
export interface Outcome {
  readonly episodes: number;
  readonly episodesDetected: number;
  readonly wilson95: readonly [low: number, high: number];
  readonly delayMedianS: number | null;
  readonly delayP90S: number | null;
  readonly falseAlarms: number;
  readonly normalHours: number;
  readonly falseAlarmsPerMachineDay: number | null;
  readonly falseAlarmsPerHour: number | null;
  readonly alarmPrecision: number | null;
  readonly vusPr: number | null;
  readonly causeTop1: number | null;
}

export interface QualityReport {
  readonly set: string;
  readonly files: readonly string[];
  readonly ours: Outcome;
  readonly controls: Readonly<Record<string, Outcome & { readonly scores?: Readonly<Record<string, unknown>> }>>;
  readonly scores: Readonly<Record<string, unknown>>;
}

/** A bench of one set: reads its folder and reports; `tell` is for progress. */
export type QualitySet = (options: {
  readonly dataFolder: string;
  readonly tell: (line: string) => void;
  /** Also says what settings chosen without a recording reach on it, where a set knows how. */
  readonly crossValidate?: boolean;
}) => Promise<QualityReport>;

export interface Span {
  readonly from: number;
  /** The first row after it. */
  readonly to: number;
}

/** The runs of rows that are set, from row `from` on. */
export function findSpans(flags: ArrayLike<number>, from = 0): Span[] {
  const spans: Span[] = [];
  for (let i = from; i < flags.length; i++) {
    if (!flags[i]) continue;
    const start = i;
    while (i < flags.length && flags[i]) i++;
    spans.push({ from: start, to: i });
  }
  return spans;
}
