import type { Observation, ValueQuality } from '../detection/observation.ts';
import type { StabilityFinding } from './population-stability.ts';
import { type StateEstimate, StateEstimator, type StateEstimatorState, type StateModel } from './state-model.ts';

/**
 * The state of one machine as its model sees it, beside the twin and after it: it takes each observation, leaves out what cannot
 * be trusted, and estimates now and then. A model may be changed for another under way. Without a model it says nothing.
 */
export interface Condition extends StateEstimate {
  /** Features in which this machine is unlike the training; never an alarm of the machine. */
  readonly drift: readonly StabilityFinding[];
}

/** Plain JSON. */
export interface MachineConditionState {
  readonly version: 1;
  readonly estimator: StateEstimatorState;
  readonly seen: number;
  readonly lastAtMs: number;
  readonly estimatedAtMs: number;
  readonly current: Condition | null;
  readonly settled: string | null;
  readonly held: number;
}

export interface ModelChange {
  readonly from: string | null;
  readonly to: string;
}

export type Judged = Pick<Observation, 'sampledAtMs' | 'values' | 'quality' | 'disposition' | 'transitions'>;

/** The features' quickest mean is 20 s: neighbouring samples change no state. */
const estimateEveryMs = 10_000;
/** A means of fewer samples is noise. */
const leastSamples = 10;
/**
 * Samples taken closer together add little to means of 20 s and more, and at 1 Hz this is four fifths of the work (docs/adr/0025).
 * A little less than 5 s, for the jitter of clocks.
 */
const leastStepMs = 4_900;
/** A state counts as changed when so many estimates in a row say so: the border between two states is noisy. */
const settleAfter = 3;

export class MachineCondition {
  private readonly signals: readonly string[];
  private estimator: StateEstimator | null = null;
  private saved: MachineConditionState | undefined;
  private columns: readonly number[] = [];
  private values = new Float64Array();
  private seen = 0;
  private lastAtMs = 0;
  private estimatedAtMs = 0;
  private latest: Condition | null = null;
  private settled: string | null = null;
  private held = 0;

  constructor(signals: readonly string[], saved?: MachineConditionState) {
    this.signals = signals;
    this.saved = saved?.version === 1 ? saved : undefined;
  }

  /** Null before enough was seen, and without a model. */
  get current(): Condition | null {
    return this.latest;
  }

  /** The version in force, also before its model was loaded again. */
  get modelVersion(): string | null {
    return this.estimator?.model.version ?? this.saved?.estimator.modelVersion ?? null;
  }

  /** Puts a model in force; tells of a change, not of the first one. */
  adopt(model: StateModel): ModelChange | null {
    if (this.estimator?.model === model) return null;
    const from = this.modelVersion;
    const known = this.saved?.estimator.modelVersion === model.version ? this.saved : undefined;
    this.columns = model.signals.map((signal) => this.signals.indexOf(signal));
    this.values = new Float64Array(model.signals.length);
    this.begin(model, known);
    this.saved = undefined;
    return from === null || from === model.version ? null : { from, to: model.version };
  }

  /** True when the machine's state has just become another one. */
  observe({ disposition, sampledAtMs, values, quality, transitions }: Judged): boolean {
    const { estimator } = this;
    if (estimator === null || disposition !== 'used') return false;
    const isNear = sampledAtMs >= this.lastAtMs && sampledAtMs - this.lastAtMs < leastStepMs;
    if (!isNear) this.take(estimator, sampledAtMs, values, quality);
    const sinceMs = sampledAtMs - this.estimatedAtMs;
    const isDue = sinceMs >= estimateEveryMs || sinceMs < 0 || transitions.length > 0;
    if (!isDue || this.seen < leastSamples) return false;
    this.estimatedAtMs = sampledAtMs;
    this.latest = { ...estimator.estimate(), drift: estimator.driftFindings() };
    return this.settle(this.latest.state);
  }

  /** After a repair: what was seen before says nothing of now. */
  renew(): void {
    if (this.estimator !== null) this.begin(this.estimator.model);
    else this.saved = undefined;
  }

  save(): MachineConditionState | null {
    const { estimator, seen, lastAtMs, estimatedAtMs, latest, settled, held } = this;
    if (estimator === null) return this.saved ?? null;
    return { version: 1, estimator: estimator.save(), seen, lastAtMs, estimatedAtMs, current: latest, settled, held };
  }

  private begin(model: StateModel, known?: MachineConditionState): void {
    this.estimator = new StateEstimator(model, known?.estimator);
    this.seen = known?.seen ?? 0;
    this.lastAtMs = known?.lastAtMs ?? 0;
    this.estimatedAtMs = known?.estimatedAtMs ?? 0;
    this.latest = known?.current ?? null;
    this.settled = known?.settled ?? null;
    this.held = known?.held ?? 0;
  }

  private take(
    estimator: StateEstimator,
    atMs: number,
    values: readonly number[],
    quality: readonly ValueQuality[],
  ): void {
    this.lastAtMs = atMs;
    this.seen = Math.min(leastSamples, this.seen + 1);
    for (let i = 0; i < this.columns.length; i++) {
      const at = this.columns[i]!;
      const judged = quality[at];
      this.values[i] = judged === 'good' || judged === 'uncertain' ? values[at]! : Number.NaN;
    }
    estimator.update(this.values, atMs);
  }

  private settle(state: string): boolean {
    if (this.settled === null || state === this.settled) {
      this.settled = state;
      this.held = 0;
      return false;
    }
    this.held++;
    if (this.held < settleAfter) return false;
    this.settled = state;
    this.held = 0;
    return true;
  }
}
