import { PopulationStability, type StabilityFinding, type TrainedSpread } from './population-stability.ts';
import { type Forest, predictForest } from './random-forest.ts';
import type { Scaler } from './scaler.ts';
import { scaleInto } from './scaler.ts';
import { WindowFeatures, type WindowSettings } from './window-features.ts';

/**
 * Decides: in which state is this machine (for a pump HEALTHY, WARNING, FAULTY or BROKEN), and how sure is that?
 * Formula: signals scaled by the training's means and deviations, trailing means of them, a random forest on those; the state is
 * the likeliest class. Beside it runs the population stability of each signal: a model asked about another kind of machine says so.
 * Fails when: states lie closer than the sensors' noise (the border between two states is never sharp).
 */
export interface StateModel {
  readonly machineType: string;
  /** Names the model in every finding that rests on it. */
  readonly version: string;
  readonly signals: readonly string[];
  readonly states: readonly string[];
  readonly windows: WindowSettings;
  readonly scaler: Scaler;
  readonly forest: Forest;
  readonly spreads: readonly TrainedSpread[];
}

export interface StateEstimate {
  readonly state: string;
  /** By state, adding up to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
  readonly modelVersion: string;
}

/** A week of noise may look like drift for a moment: this much of the training's rows must have been seen. */
const driftSpanSamples = 3600;

/** One machine's stream through a state model. */
export class StateEstimator {
  private readonly model: StateModel;
  private readonly windows: WindowFeatures;
  private readonly scaled: Float64Array;
  private readonly features: Float32Array;
  private readonly drift: PopulationStability;

  constructor(model: StateModel) {
    this.model = model;
    this.windows = new WindowFeatures(model.signals.length, model.windows);
    this.scaled = new Float64Array(model.signals.length);
    this.features = new Float32Array(this.windows.width);
    this.drift = new PopulationStability(model.spreads, { spanSamples: driftSpanSamples });
  }

  /** `values` in the order of the model's signals; NaN where there is none or it cannot be trusted. */
  update(values: ArrayLike<number>): StateEstimate {
    const { model, scaled, features } = this;
    this.drift.update(values);
    this.windows.update(scaleInto(model.scaler, values, scaled), features);
    const shares = predictForest(model.forest, { rows: 1, columns: features.length, values: features });
    let best = 0;
    for (let k = 1; k < shares.length; k++) if (shares[k]! > shares[best]!) best = k;
    const probabilities = Object.fromEntries(model.states.map((state, k) => [state, shares[k]!]));
    return { state: model.states[best]!, probabilities, modelVersion: model.version };
  }

  /** Never a machine alarm: it says that the model no longer fits. */
  driftFindings(): readonly StabilityFinding[] {
    return this.drift.findings();
  }
}
