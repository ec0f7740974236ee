/**
 * The score of the Numenta Anomaly Benchmark: early detections inside a window earn up to 1, rows outside cost according to
 * how far behind a window they lie, a missed window costs its weight; the first 15 % of a file (at most 750 rows) don't
 * count. One threshold for all files, the best of all, as NAB itself optimises; normalised so that a detector that says
 * nothing gets 0 and a perfect one 100.
 * Source: Lavin and Ahmad, Evaluating Real-time Anomaly Detection Algorithms (2015), and NAB v1.1's scorer.
 */
export interface NabProfile {
  readonly tpWeight: number;
  readonly fpWeight: number;
  readonly fnWeight: number;
}

export interface NabFile {
  readonly scores: ArrayLike<number>;
  /** First and last row of each window, both included. */
  readonly windows: readonly (readonly [first: number, last: number])[];
}

export interface NabResult {
  readonly score: number;
  readonly threshold: number;
}

export function scaledSigmoid(position: number): number {
  return position > 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}

export const probationRows = (rows: number): number => Math.min(Math.floor(0.15 * rows), 0.15 * 5000);

interface Point {
  readonly score: number;
  /** What an alarm at this row earns (inside a window) or costs. */
  readonly worth: number;
  /** Which window of the whole corpus; −1 outside. */
  readonly window: number;
}

/** The best score over all thresholds, and that threshold. */
export function scoreNab(files: readonly NabFile[], profile: NabProfile): NabResult {
  const sweep = sweepThresholds(files, profile);
  return sweep.reduce((best, at) => (at.score > best.score ? at : best));
}

/** The score of one threshold, for a detector whose threshold is not chosen here. */
export function scoreNabAt(files: readonly NabFile[], profile: NabProfile, threshold: number): number {
  const reached = sweepThresholds(files, profile).filter((at) => at.threshold >= threshold);
  return reached.at(-1)!.score;
}

/** What one file adds to the sum before it is normalised, every score from the threshold on being an alarm. */
export function rawScoreAt(file: NabFile, profile: NabProfile, threshold: number): number {
  const earned = file.windows.map(() => -profile.fnWeight);
  let cost = 0;
  for (const { score, worth, window } of pointsOf(file, profile, 0)) {
    if (score < threshold) continue;
    if (window < 0) cost += worth;
    else earned[window] = Math.max(earned[window]!, worth);
  }
  return earned.reduce((sum, worth) => sum + worth, cost);
}

/** 0 for saying nothing, 100 for perfect. */
export function normaliseNab(raw: number, windows: number, profile: NabProfile): number {
  const nothing = -profile.fnWeight * windows;
  return (100 * (raw - nothing)) / (profile.tpWeight * windows - nothing);
}

function sweepThresholds(files: readonly NabFile[], profile: NabProfile): NabResult[] {
  const points = files.flatMap((file, f) => pointsOf(file, profile, f * 1000));
  points.sort((a, b) => b.score - a.score);
  const earned = new Map<number, number>();
  for (const { window } of points) if (window >= 0) earned.set(window, -profile.fnWeight);
  const windows = files.reduce((sum, file) => sum + file.windows.length, 0);
  let total = -profile.fnWeight * earned.size;
  const normalise = (raw: number): number => normaliseNab(raw, windows, profile);
  const sweep: NabResult[] = [{ threshold: Number.POSITIVE_INFINITY, score: normalise(total) }];
  points.forEach((point, i) => {
    if (point.window < 0) total += point.worth;
    else if (point.worth > earned.get(point.window)!) {
      total += point.worth - earned.get(point.window)!;
      earned.set(point.window, point.worth);
    }
    if (points[i + 1]?.score !== point.score) sweep.push({ threshold: point.score, score: normalise(total) });
  });
  return sweep;
}

function pointsOf(file: NabFile, profile: NabProfile, firstWindow: number): Point[] {
  const points: Point[] = [];
  const from = probationRows(file.scores.length);
  for (let row = 0; row < file.scores.length; row++) {
    if (row < from) continue;
    const inside = file.windows.findIndex(([first, last]) => row >= first && row <= last);
    const window = inside < 0 ? -1 : firstWindow + inside;
    const worth = inside < 0 ? costOutside(row, file, profile) : earnInside(row, file.windows[inside]!, profile);
    points.push({ score: file.scores[row]!, worth, window });
  }
  return points;
}

function earnInside(row: number, [first, last]: readonly [number, number], profile: NabProfile): number {
  const position = -(last - row + 1) / (last - first + 1);
  return (scaledSigmoid(position) * profile.tpWeight) / scaledSigmoid(-1);
}

function costOutside(row: number, file: NabFile, profile: NabProfile): number {
  const before = file.windows.filter(([, last]) => last < row).at(-1);
  if (before === undefined) return -profile.fpWeight;
  return scaledSigmoid((row - before[1]) / (before[1] - before[0])) * profile.fpWeight;
}
