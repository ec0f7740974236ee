import { createHash } from 'node:crypto';
import { matrixOf } from '../../core/learning/matrix.ts';
import { learnSpread, type TrainedSpread, widenLimit } from '../../core/learning/population-stability.ts';
import { RelationLearner } from '../../core/learning/relations.ts';
import { fitScaler, type Scaler, scaleInto } from '../../core/learning/scaler.ts';
import { StateFeatures, smoothingDefaults } from '../../core/learning/state-features.ts';
import type { LabelledSample } from './labelled-lives.ts';

/** A unit's samples in their order. */
export type Lives = ReadonlyMap<string, readonly LabelledSample[]>;

export function groupByUnit(samples: Iterable<LabelledSample>): Lives {
  const lives = new Map<string, LabelledSample[]>();
  for (const sample of samples) {
    const life = lives.get(sample.unit);
    if (life === undefined) lives.set(sample.unit, [sample]);
    else life.push(sample);
  }
  return lives;
}

/** Which signals a model may use: not those that only count up, nor those that are never there. */
function usableSignals(names: readonly string[], samples: readonly LabelledSample[]): number[] {
  return names
    .map((_, i) => i)
    .filter((i) => !countsUp.test(names[i]!) && samples.some(({ values }) => !Number.isNaN(values[i]!)));
}

/** Hours run and minutes cut tell how old a unit is, not how it is; positions tell where it stands. */
const countsUp = /(runtime|position|cycle_time)/;

/** What a model knows of its signals before any tree: scales, how they hang together when sound, and how they are spread. */
export function learnSignals(lives: Lives, names: readonly string[], states: readonly string[]): SignalKnowledge {
  const samples = [...lives.values()].flat();
  const at = usableSignals(names, samples);
  const matrix = matrixOf(
    samples.map(({ values }) => at.map((i) => values[i]!)),
    at.length,
  );
  const scaler = fitScaler(matrix);
  const relations = new RelationLearner(at.length);
  const none = new Float32Array(2 * at.length ** 2);
  for (const life of lives.values()) {
    followLife(life, { at, scaler, relations: none }, (features, { state }) => {
      if (state === states[0]) relations.add(features.row);
    });
  }
  return { at, scaler, relations: relations.finish(), spreads: at.map((i) => spreadOf(lives, i, names[i]!)) };
}

export interface SignalKnowledge {
  /** Places among the type's signals. */
  readonly at: readonly number[];
  readonly scaler: Scaler;
  readonly relations: Float32Array;
  readonly spreads: readonly TrainedSpread[];
}

/** Each unit's first and second half: as unlike the whole as these are, one machine may be. */
function spreadOf(lives: Lives, signal: number, name: string): TrainedSpread {
  const valuesOf = (life: readonly LabelledSample[]): number[] => life.map(({ values }) => values[signal]!);
  const units = [...lives.values()].map(valuesOf);
  const spread = learnSpread(name, units.flat());
  const halves = units.flatMap((values) => {
    const middle = values.length >> 1;
    return [values.slice(0, middle), values.slice(middle)];
  });
  return widenLimit(
    spread,
    halves.filter((half) => half.length >= leastStretch),
  );
}

/** Shorter stretches are unlike anything by chance. */
const leastStretch = 100;

function followLife(
  life: readonly LabelledSample[],
  { at, scaler, relations }: Pick<SignalKnowledge, 'at' | 'scaler' | 'relations'>,
  look: (features: StateFeatures, sample: LabelledSample, i: number) => void,
): void {
  const features = new StateFeatures(relations, { signals: at.length, smoothing: smoothingDefaults });
  const scaled = new Float64Array(at.length);
  life.forEach((sample, i) => {
    const own = at.map((s) => sample.values[s]!);
    features.update(scaleInto(scaler, own, scaled), sample.atMs);
    look(features, sample, i);
  });
}

/** Feature rows of whole lives, of which at most `perState` a state and unit are kept, evenly spread. */
export function describeLives(lives: Lives, options: DescribeOptions) {
  const rows: Float32Array[] = [];
  const labels: number[] = [];
  for (const life of lives.values()) {
    const keep = chooseEvenly(life, options.perState);
    followLife(life, options.knowledge, (features, { state }, i) => {
      if (!keep.has(i)) return;
      rows.push(features.values.slice());
      labels.push(options.states.indexOf(state));
    });
  }
  return { matrix: matrixOf(rows), labels: Uint8Array.from(labels) };
}

export interface DescribeOptions {
  readonly knowledge: SignalKnowledge;
  readonly states: readonly string[];
  readonly perState: number;
}

export function chooseEvenly(life: readonly LabelledSample[], perState: number): Set<number> {
  const byState = Map.groupBy(life.keys(), (i) => life[i]!.state);
  return new Set([...byState.values()].flatMap((at) => spreadEvenly(at, perState)));
}

const spreadEvenly = (list: readonly number[], most: number): number[] =>
  list.length <= most ? [...list] : Array.from({ length: most }, (_, k) => list[Math.floor((k * list.length) / most)]!);

/** SHA-256 of the samples as they were used: the same data give the same hash, whatever file they came in. */
export function hashSamples(lives: Lives): string {
  const hash = createHash('sha256');
  for (const [unit, life] of lives) {
    for (const { atMs, state, values } of life) hash.update(`${unit},${atMs},${state},${values.join(',')}\n`);
  }
  return hash.digest('hex');
}
