import { createRandom } from '../../core/random/random.ts';
import type { Judge, Recording, Verdict } from './recording.ts';

/**
 * Methods that know nothing or next to nothing. A score that one of them reaches is a score that says nothing; they stand
 * beside every result.
 */
export const controls: Readonly<Record<string, Judge>> = {
  null: (recording) => verdictOf(recording, () => 0, 1),
  random: (recording) => {
    const random = createRandom(`control ${recording.name}`);
    return verdictOf(recording, () => random.next(), 0.99);
  },
  'always-on': (recording) => verdictOf(recording, () => 1, 0.5),
  'fixed-rows': (recording) => verdictOf(recording, (row) => (row >= 570 && row <= 970 ? 1 : 0), 0.5),
  'last-value': (recording) => {
    const scale = trainingScale(differences(recording), recording.scoredFrom);
    return verdictOf(recording, (row) => largestZ(differences(recording)[row]!, scale), 5);
  },
  'z-score': (recording) => {
    const scale = trainingScale(recording.values, recording.scoredFrom);
    return verdictOf(recording, (row) => largestZ(recording.values[row]!, scale), 5);
  },
};

function verdictOf(recording: Recording, scoreOf: (row: number) => number, threshold: number): Verdict {
  const scores = Float64Array.from(recording.labels, (_, row) => scoreOf(row));
  return { scores, alarms: Uint8Array.from(scores, (score) => (score > threshold ? 1 : 0)) };
}

const differenceCache = new WeakMap<Recording, number[][]>();

/** Each row minus the one before. */
function differences(recording: Recording): number[][] {
  const known = differenceCache.get(recording);
  if (known !== undefined) return known;
  const { values } = recording;
  const found = values.map((row, i) => row.map((value, c) => value - (values[i - 1] ?? row)[c]!));
  differenceCache.set(recording, found);
  return found;
}

interface Scale {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

function trainingScale(rows: readonly (readonly number[])[], count: number): Scale {
  const training = rows.slice(0, Math.max(count, 2));
  const mean = training[0]!.map((_, c) => training.reduce((sum, row) => sum + row[c]!, 0) / training.length);
  const deviation = mean.map((m, c) =>
    Math.sqrt(training.reduce((s, row) => s + (row[c]! - m) ** 2, 0) / training.length),
  );
  return { mean, deviation };
}

function largestZ(row: readonly number[], { mean, deviation }: Scale): number {
  return row.reduce((largest, value, c) => Math.max(largest, Math.abs(value - mean[c]!) / (deviation[c]! || 1)), 0);
}
