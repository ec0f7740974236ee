import { type ClassificationScores, scoreClasses, type Verdict } from '../../core/learning/classification.ts';
import { countQuestions, fitForestClassifier } from '../../core/learning/random-forest.ts';
import { nameStateFeatures, smoothingDefaults } from '../../core/learning/state-features.ts';
import { StateEstimator, type StateModel } from '../../core/learning/state-model.ts';
import { chooseJudging } from './judging.ts';
import { findMachineType, type LabelledSample, machineStates } from './labelled-lives.ts';
import { describeLives, groupByUnit, type Lives, learnSignals } from './rows.ts';

/** Rows a state of a unit gives: more of the same life teach little. */
const rowsPerState = 60;
/** 60 trees of depth 10: past the knee for these features, and a file of some hundred kilobytes. */
const forestSettings = { trees: 60, maxDepth: 10, minLeafWeight: 3 } as const;

export interface SplitLives {
  readonly taught: Lives;
  readonly judged: Lives;
}

/** A fifth of the units judges and is never trained on. */
export function splitLives(samples: Iterable<LabelledSample>): SplitLives {
  const lives = [...groupByUnit(samples)];
  const judging = chooseJudging(lives.map(([unit]) => unit));
  return {
    taught: new Map(lives.filter(([unit]) => !judging.has(unit))),
    judged: new Map(lives.filter(([unit]) => judging.has(unit))),
  };
}

export interface TrainSettings {
  readonly seed: number;
  readonly onTree?: (done: number, of: number) => void;
}

export interface Trained {
  readonly model: Omit<StateModel, 'version'>;
  readonly importance: readonly { readonly feature: string; readonly share: number }[];
}

export function trainStates(machineType: string, taught: Lives, { seed, onTree }: TrainSettings): Trained {
  const names = findMachineType(machineType)!.signals.map((signal) => signal.name);
  const states = statesOf([...taught.values()].flat());
  const knowledge = learnSignals(taught, names, states);
  const { matrix, labels } = describeLives(taught, { knowledge, states, perState: rowsPerState });
  const forest = fitForestClassifier({ matrix, labels, classes: states.length }, { ...forestSettings, seed }, onTree);
  const { at, ...learned } = knowledge;
  const signals = at.map((i) => names[i]!);
  const shares = countQuestions(forest.trees, matrix.columns);
  const smoothing = smoothingDefaults;
  const importance = nameStateFeatures(signals, smoothing)
    .map((feature, i) => ({ feature, share: shares[i]! }))
    .sort((a, b) => b.share - a.share);
  return { model: { machineType, signals, states, smoothing, forest, ...learned }, importance };
}

/** The known states in their order, then any others a CSV brings. */
function statesOf(samples: readonly LabelledSample[]): string[] {
  const seen = new Set(samples.map((sample) => sample.state));
  const known = machineStates.filter((state) => seen.has(state));
  return [...known, ...[...seen].filter((state) => !known.includes(state as never)).sort()];
}

/** Streams whole lives through the model, as the twin would; each state weighs by its own samples, evenly thinned. */
export function judge(model: StateModel, judged: Lives): ClassificationScores {
  const names = findMachineType(model.machineType)!.signals.map((signal) => signal.name);
  const at = model.signals.map((signal) => names.indexOf(signal));
  const verdicts: Verdict[] = [];
  for (const life of judged.values()) {
    const estimator = new StateEstimator(model);
    for (const { atMs, values, state } of life) {
      estimator.update(
        at.map((i) => values[i]!),
        atMs,
      );
      const estimate = estimator.estimate();
      const truth = model.states.indexOf(state);
      if (truth < 0) continue;
      const said = model.states.indexOf(estimate.state);
      verdicts.push({ truth, said, probability: estimate.probabilities[estimate.state]! });
    }
  }
  return scoreClasses(model.states, verdicts);
}
