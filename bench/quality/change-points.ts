/**
 * SKAB's change-point score: the NAB idea on the 60 s after each change. The first detection in a window earns from 1 down
 * to the cost of a false one, falling as a hyperbolic tangent; every detection outside costs .11, every missed window 1.
 * 0 is silence, 100 perfect. A window that overlaps the one before begins where that one ends.
 * Source: the metrics published with SKAB v0.9 (standard profile, "righter" windows).
 */
const windowS = 60;
const falseCost = -0.11;
const missedCost = -1;
const gridSteps = 1000;

export interface ChangePointFile {
  readonly atS: Float64Array;
  readonly trueRows: readonly number[];
  readonly foundRows: readonly number[];
}

export function scoreChangePoints(files: readonly ChangePointFile[]): number {
  let score = 0;
  let windows = 0;
  for (const file of files) {
    score += scoreFile(file);
    windows += file.trueRows.length;
  }
  return windows > 0 ? (100 * (score - missedCost * windows)) / (windows - missedCost * windows) : 0;
}

function scoreFile({ atS, trueRows, foundRows }: ChangePointFile): number {
  const found = foundRows.map((row) => atS[row]!);
  const spans = trueRows.map((row): [number, number] => [atS[row]!, atS[row]! + windowS]);
  for (let i = 1; i < spans.length; i++) spans[i]![0] = Math.max(spans[i]![0], spans[i - 1]![1]);
  const outside = found.filter((t) => !spans.some(([from, to]) => t >= from && t <= to));
  const earned = spans.map(([from, to]) => {
    const first = found.find((t) => t >= from && t <= to);
    return first === undefined ? missedCost : earnedAt((first - from) / (to - from));
  });
  return earned.reduce((sum, e) => sum + e, outside.length * falseCost);
}

/** What a detection earns that comes after this share of the window. */
export function earnedAt(share: number): number {
  const step = Math.min(gridSteps - 1, Math.floor(share * gridSteps));
  const x = -Math.PI / 2 + (Math.PI * step) / (gridSteps - 1);
  const half = (1 - falseCost) / 2;
  return (-half * Math.tanh(x)) / Math.tanh(Math.PI / 2) + half + falseCost;
}
