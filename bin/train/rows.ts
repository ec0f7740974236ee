import { createHash } from 'node:crypto';
import { matrixOf } from '../../core/learning/matrix.ts';
import { learnSpread } from '../../core/learning/population-stability.ts';
import { fitScaler, scaleInto } from '../../core/learning/scaler.ts';
import { WindowFeatures, type WindowSettings } from '../../core/learning/window-features.ts';
import type { LabelledSample } from './labelled-lives.ts';

/** Only trailing means: rates would tie the model to one sampling interval, the age to units met when new. */
export const stateWindows: WindowSettings = { means: [3, 12], slopes: [], recent: 3, baseline: 0, age: false };

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
export function usableSignals(names: readonly string[], samples: readonly LabelledSample[]): number[] {
  return names
    .map((_, i) => i)
    .filter((i) => !countsUp.test(names[i]!) && samples.some(({ values }) => !Number.isNaN(values[i]!)));
}

/** Hours run and minutes cut tell how old a unit is, not how it is; positions tell where it stands. */
const countsUp = /(runtime|position|cycle_time)/;

export function learnScales(samples: readonly LabelledSample[], signals: readonly number[], names: readonly string[]) {
  const matrix = matrixOf(
    samples.map(({ values }) => signals.map((i) => values[i]!)),
    signals.length,
  );
  const column = (c: number): Float32Array =>
    Float32Array.from({ length: matrix.rows }, (_, r) => matrix.values[r * matrix.columns + c]!);
  const spreads = signals.map((i, c) => learnSpread(names[i]!, column(c)));
  return { scaler: fitScaler(matrix), spreads };
}

/** Feature rows of whole lives, of which at most `perState` a state and unit are kept, evenly spread. */
export function describeLives(lives: Lives, options: DescribeOptions) {
  const rows: Float32Array[] = [];
  const labels: number[] = [];
  for (const life of lives.values()) {
    const windows = new WindowFeatures(options.signals.length, stateWindows);
    const scaled = new Float64Array(options.signals.length);
    const keep = chooseEvenly(life, options.perState);
    life.forEach(({ values, state }, i) => {
      const features = new Float32Array(windows.width);
      const own = options.signals.map((s) => values[s]!);
      windows.update(scaleInto(options.scaler, own, scaled), features);
      if (!keep.has(i)) return;
      rows.push(features);
      labels.push(options.states.indexOf(state));
    });
  }
  return { matrix: matrixOf(rows), labels: Uint8Array.from(labels) };
}

export interface DescribeOptions {
  readonly signals: readonly number[];
  readonly scaler: ReturnType<typeof fitScaler>;
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
    for (const { state, values } of life) hash.update(`${unit},${state},${values.join(',')}\n`);
  }
  return hash.digest('hex');
}
