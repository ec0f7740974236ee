/**
 * The port every detector fills. A detector sees vectors of numbers and nothing of the shop floor; the twin gives
 * values or residuals and names the channels. What it remembers is plain JSON, so that it can move between machines.
 */
export interface DetectorInput {
  readonly atMs: number;
  /** One number per channel, in the order of the names it was created with; NaN where there is none. */
  readonly values: readonly number[];
}

export interface DetectorOutput {
  /** 0 is quiet, 1 is the detector's own threshold. Never NaN. */
  readonly score: number;
  readonly alarm: boolean;
  /** True on the row where a standing alarm is raised again: a second shift came on top of the first. */
  readonly alarmAgain?: boolean;
  /** True until enough was seen to say anything; a detector warming up never alarms. */
  readonly warmingUp: boolean;
  /** Each channel's share of the score, adding up to 1; null where there is nothing to share out. */
  readonly contributions: readonly number[] | null;
}

/** Versioned plain JSON. */
export interface DetectorState {
  readonly detector: string;
  readonly version: number;
  readonly [field: string]: unknown;
}

/** In the unit of the channel. */
export interface Limit {
  readonly min?: number;
  readonly max?: number;
}

export interface Detector {
  update(input: DetectorInput): DetectorOutput;
  save(): DetectorState;
}

export interface DetectorKind<Config> {
  readonly name: string;
  readonly version: number;
  readonly defaults: Config;
  /** What a channel must stay within, where that is known without its past; null or absent where it is not. */
  limitOf?(channel: string, config: Partial<Config>): Limit | null;
  /** Starts afresh, or from a state this version or an older one saved; throws on a state it does not know. */
  create(options: { channels: readonly string[]; config?: Partial<Config>; saved?: DetectorState }): Detector;
}
