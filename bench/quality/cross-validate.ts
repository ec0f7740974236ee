/**
 * What settings chosen without a recording reach on that recording. Settings stand on a grid; one is judged by the mean of
 * itself and its neighbours one step away, so that a plateau wins over a lucky peak; those at the grid's edge only count as
 * neighbours. The verdicts of the held-out files are put together and scored like any other run.
 */
export type Grid = Readonly<Record<string, readonly number[]>>;
export type Settings = Readonly<Record<string, number>>;

export interface Fold {
  readonly name: string;
  readonly heldOut: readonly number[];
}

export interface CrossValidation<Verdict> {
  /** One verdict per file, by settings chosen without it. */
  readonly verdicts: readonly Verdict[];
  readonly chosen: readonly { readonly fold: string; readonly settings: Settings }[];
}

export interface Candidates<Verdict> {
  readonly grid: Grid;
  readonly files: readonly { readonly name: string }[];
  readonly judge: (settings: Settings, file: number) => Verdict;
  /** How good verdicts on these files are; larger is better. */
  readonly worthOf: (verdicts: readonly Verdict[], files: readonly number[]) => number;
}

export function leaveOneFileOut(files: readonly { readonly name: string }[]): Fold[] {
  return files.map(({ name }, i) => ({ name, heldOut: [i] }));
}

export function leaveOneFolderOut(files: readonly { readonly name: string }[]): Fold[] {
  const folders = [...new Set(files.map(({ name }) => folderOf(name)))];
  return folders.map((name) => ({
    name,
    heldOut: [...files.keys()].filter((i) => folderOf(files[i]!.name) === name),
  }));
}

const folderOf = (name: string): string => name.split('/').slice(0, -1).join('/');

/** All settings judged once; each list of folds then costs only the scoring. */
export function crossValidator<Verdict>(
  candidates: Candidates<Verdict>,
): (folds: readonly Fold[]) => CrossValidation<Verdict> {
  const { files, judge, worthOf } = candidates;
  const points = pointsOf(candidates.grid);
  const verdicts = points.map(({ settings }) => files.map((_, file) => judge(settings, file)));
  return (folds) => {
    const found: Verdict[] = [];
    const chosen = folds.map(({ name, heldOut }) => {
      const rest = [...files.keys()].filter((file) => !heldOut.includes(file));
      const worths = verdicts.map((own) => worthOf(pick(own, rest), rest));
      const best = bestPlateau(points, worths);
      for (const file of heldOut) found[file] = verdicts[best]![file]!;
      return { fold: name, settings: points[best]!.settings };
    });
    return { verdicts: found, chosen };
  };
}

const pick = <T>(all: readonly T[], places: readonly number[]): T[] => places.map((place) => all[place]!);

interface Point {
  readonly steps: readonly number[];
  readonly settings: Settings;
}

function pointsOf(grid: Grid): Point[] {
  let points: Point[] = [{ steps: [], settings: {} }];
  for (const [name, values] of Object.entries(grid)) {
    points = points.flatMap(({ steps, settings }) =>
      values.map((value, step) => ({ steps: [...steps, step], settings: { ...settings, [name]: value } })),
    );
  }
  return points;
}

/** The best point that has both neighbours on every axis. */
function bestPlateau(points: readonly Point[], worths: readonly number[]): number {
  const axes = points[0]!.steps.length;
  const smoothed = points.map((point) => {
    const near = worths.filter((_, i) => distance(point, points[i]!) <= 1);
    const isInside = near.length === 2 * axes + 1;
    return isInside ? near.reduce((sum, worth) => sum + worth, 0) / near.length : Number.NEGATIVE_INFINITY;
  });
  return smoothed.indexOf(Math.max(...smoothed));
}

const distance = (a: Point, b: Point): number =>
  a.steps.reduce((sum, step, i) => sum + Math.abs(step - b.steps[i]!), 0);
