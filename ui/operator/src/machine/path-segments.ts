/** A tool's way between its samples, told apart by whether it cut and how hard. */
import type { History } from '../../../../core/api/schemas.ts';
import type { Drawings } from '../../../../core/machine-types/drawings.ts';

export interface PathSegment {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  /** Of `loadBins`; null where nothing was cut. */
  readonly bin: number | null;
}

/** In percent of the spindle's rating. */
export const loadBins = [
  { below: 20, title: 'load below 20 %' },
  { below: 40, title: '20 to 40 %' },
  { below: 60, title: '40 to 60 %' },
  { below: 80, title: '60 to 80 %' },
  { below: Number.POSITIVE_INFINITY, title: 'above 80 %' },
] as const;

/** Without a word on removal, a spindle that works harder than idling is taken to cut. */
const idleLoadPercent = 8;
/** A hole in the samples is no move. */
const longestStepMs = 5000;

export function preparePath(history: History, names: NonNullable<Drawings['toolPath']>): PathSegment[] {
  const column = (name: string | undefined) => (name === undefined ? undefined : history.signals[name]?.mean);
  const [xs, ys, loads, removals] = [names.x, names.y, names.load, names.removal].map(column);
  const segments: PathSegment[] = [];
  let last: { readonly at: readonly [number, number]; readonly timeMs: number } | null = null;
  history.timesMs.forEach((timeMs, i) => {
    const [x, y, load] = [xs?.[i], ys?.[i], loads?.[i] ?? 0];
    if (x == null || y == null) return;
    const isCutting = removals === undefined ? load > idleLoadPercent : (removals[i] ?? 0) > 0;
    const at = [x, y] as const;
    const isMove = last !== null && (last.at[0] !== x || last.at[1] !== y) && timeMs - last.timeMs <= longestStepMs;
    if (last !== null && isMove) segments.push({ from: last.at, to: at, bin: isCutting ? binOf(load) : null });
    last = { at, timeMs };
  });
  return segments;
}

const binOf = (loadPercent: number): number => loadBins.findIndex(({ below }) => loadPercent < below);
