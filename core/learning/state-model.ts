import {
  PopulationStability,
  type StabilityFinding,
  type StabilityState,
  type TrainedSpread,
} from './population-stability.ts';
import { type Forest, predictForest } from './random-forest.ts';
import { type Scaler, scaleInto } from './scaler.ts';
import { type SmoothingSettings, StateFeatures, type StateFeaturesState } from './state-features.ts';

/**
 * Decides: in which state is this machine (for a pump HEALTHY, WARNING, FAULTY or BROKEN), and how sure is that?
 * Formula: signals scaled by the training's means and deviations, smoothed, and set against each other (state-features.ts), a
 * random forest on those; the state is the likeliest class. Beside it runs the population stability of each signal: a model asked
 * about another kind of machine says so.
 * Fails when: states lie closer than the sensors' noise (the border between two states is never sharp).
 */
export interface StateModel {
  readonly machineType: string;
  /** Names the model in every finding that rests on it. */
  readonly version: string;
  readonly signals: readonly string[];
  readonly states: readonly string[];
  readonly smoothing: SmoothingSettings;
  readonly scaler: Scaler;
  /** Signals × (signals and their slow means). */
  readonly relations: Float32Array;
  readonly forest: Forest;
  readonly spreads: readonly TrainedSpread[];
}

export interface StateEstimate {
  readonly state: string;
  /** By state, adding up to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
  readonly modelVersion: string;
}

/** Plain JSON. */
export interface StateEstimatorState {
  readonly version: 1;
  readonly modelVersion: string;
  readonly features: StateFeaturesState;
  readonly drift: StabilityState;
  readonly driftAtMs: number;
}

/** Drift is a matter of days: neighbouring samples say the same. */
export const driftEveryMs = 60_000;
/** Four digits: a hundred trees know no more. */
const probabilityDigits = 1e4;

/** One machine's stream through a state model. */
export class StateEstimator {
  readonly model: StateModel;
  private readonly features: StateFeatures;
  private readonly scaled: Float64Array;
  private readonly drift: PopulationStability;
  private driftAtMs: number;

  /** A state saved under another model is left: its numbers mean nothing to this one. */
  constructor(model: StateModel, saved?: StateEstimatorState) {
    const known = saved?.version === 1 && saved.modelVersion === model.version ? saved : undefined;
    const shape = { signals: model.signals.length, smoothing: model.smoothing };
    this.model = model;
    this.features = new StateFeatures(model.relations, shape, known?.features);
    this.scaled = new Float64Array(model.signals.length);
    this.drift = new PopulationStability(model.spreads, {}, known?.drift);
    this.driftAtMs = known?.driftAtMs ?? 0;
  }

  /** `values` in the order of the model's signals; NaN where there is none or it cannot be trusted. */
  update(values: ArrayLike<number>, atMs: number): void {
    this.features.update(scaleInto(this.model.scaler, values, this.scaled), atMs);
    if (atMs - this.driftAtMs < driftEveryMs && atMs >= this.driftAtMs) return;
    this.driftAtMs = atMs;
    this.drift.update(values);
  }

  estimate(): StateEstimate {
    const { model, features } = this;
    const shares = predictForest(model.forest, { rows: 1, columns: features.width, values: features.values });
    let best = 0;
    for (let k = 1; k < shares.length; k++) if (shares[k]! > shares[best]!) best = k;
    const rounded = model.states.map((state, k) => [
      state,
      Math.round(shares[k]! * probabilityDigits) / probabilityDigits,
    ]);
    return { state: model.states[best]!, probabilities: Object.fromEntries(rounded), modelVersion: model.version };
  }

  /** Never a machine alarm: it says that the model no longer fits. */
  driftFindings(): readonly StabilityFinding[] {
    return this.drift.findings();
  }

  save(): StateEstimatorState {
    const { model, driftAtMs } = this;
    return {
      version: 1,
      modelVersion: model.version,
      features: this.features.save(),
      drift: this.drift.save(),
      driftAtMs,
    };
  }
}
