import type { Matrix } from './matrix.ts';

/**
 * Decides: which rows are the past of a unit's wear, where that was set back on the way (a repair that nobody recorded)?
 * Formula: wear is how far the factors are from where units begin, in deviations of their noise. Where the mean of the last 2 to 5 rows
 * lies more than nine standard errors below that of the five rows before, wear was set back: the rows since it last stood that low are
 * undone, and the course goes on from there, as long a past as such wear takes. Each row knows its own past only.
 * Fails when: wear heals slowly, or by less than its noise; the first two to five rows after a setback are told by the old past.
 * Source: seven of the 249 training units of C-MAPSS FD004, none of the other sets' (there no drop exceeds 7.5 standard errors).
 */
export interface Course {
  /** In the order of time. */
  readonly rows: Int32Array;
  /** The course tells its rows from this place on; what comes before is past that it shares with the course that was set back. */
  readonly tells: number;
}

export interface WearScale {
  readonly centre: Float64Array;
  readonly noise: Float64Array;
}

export interface FactorRows {
  readonly factors: Matrix;
  /** Rows of a unit follow one another, in the order of time. */
  readonly units: ArrayLike<number>;
}

/** Rows at the beginning of each training unit that are taken as healthy. */
const healthyRows = 20;
const meanRows = 5;
const leastDrop = 9;

export function learnWearScale({ factors: { rows, columns, values }, units }: FactorRows): WearScale {
  const centre = new Float64Array(columns);
  const noise = new Float64Array(columns);
  let healthy = 0;
  let pairs = 0;
  for (let row = 0, age = 0; row < rows; row++) {
    const follows = row > 0 && units[row] === units[row - 1];
    age = follows ? age + 1 : 1;
    if (follows) pairs++;
    if (age <= healthyRows) healthy++;
    for (let f = 0; f < columns; f++) {
      const value = values[row * columns + f]!;
      if (follows) noise[f]! += (value - values[(row - 1) * columns + f]!) ** 2;
      if (age <= healthyRows) centre[f]! += value;
    }
  }
  return { centre: centre.map((sum) => sum / healthy), noise: noise.map((sum) => Math.sqrt(sum / pairs / 2)) };
}

/** A course a unit, where nothing is known of its wear. */
export function coursesOf(units: ArrayLike<number>): Course[] {
  const courses: Course[] = [];
  for (let from = 0, row = 1; row <= units.length; row++) {
    if (row < units.length && units[row] === units[from]) continue;
    courses.push({ rows: Int32Array.from({ length: row - from }, (_, i) => from + i), tells: 0 });
    from = row;
  }
  return courses;
}

/** In the order of the rows they tell; a unit that was set back has more than one. */
export function followCourses({ factors, units }: FactorRows, scale: WearScale): Course[] {
  return coursesOf(units).flatMap(({ rows }) => followUnit(rows, factors, scale));
}

function followUnit(all: Int32Array, factors: Matrix, scale: WearScale): Course[] {
  const courses: Course[] = [];
  let past: number[] = [];
  let tells = 0;
  for (const row of all) {
    past.push(row);
    const since = findSetback(past, factors, scale);
    if (since === 0) continue;
    courses.push({ rows: Int32Array.from(past.slice(0, -1)), tells });
    past = undo(past, since, (rows) => wearOf(rows, factors, scale));
    tells = past.length - 1;
  }
  return [...courses, { rows: Int32Array.from(past), tells }];
}

/** How many rows ago wear was set back; 0 where it was not. */
function findSetback(past: readonly number[], factors: Matrix, scale: WearScale): number {
  let since = 0;
  let most = leastDrop;
  for (let last = 2; last <= Math.min(meanRows, past.length - meanRows); last++) {
    const now = wearOf(past.slice(-last), factors, scale);
    const before = wearOf(past.slice(-last - meanRows, -last), factors, scale);
    const drop = (before - now) / Math.sqrt(1 / meanRows + 1 / last);
    if (!(drop > most)) continue;
    most = drop;
    since = last;
  }
  return since;
}

/** Without the rows that lie between wear as it is now and the last time it was no more. */
function undo(past: readonly number[], since: number, wear: (rows: readonly number[]) => number): number[] {
  const now = wear(past.slice(-since));
  let kept = past.length - since;
  while (kept >= meanRows && wear(past.slice(kept - meanRows, kept)) > now) kept--;
  return [...past.slice(0, kept < meanRows ? 0 : kept), ...past.slice(-since)];
}

/** Of the rows' mean. */
function wearOf(rows: readonly number[], { columns, values }: Matrix, { centre, noise }: WearScale): number {
  let square = 0;
  for (let f = 0; f < columns; f++) {
    if (noise[f] === 0) continue;
    const mean = rows.reduce((sum, row) => sum + values[row * columns + f]!, 0) / rows.length;
    square += ((mean - centre[f]!) / noise[f]!) ** 2;
  }
  return Math.sqrt(square);
}

/** Rows of the course that each unit ended on: wear before a setback leads to no end that was seen. */
export function rowsToEnd(courses: readonly Course[], units: ArrayLike<number>): Set<number> {
  const lastOf = new Map(courses.map((course) => [units[course.rows[0]!]!, course]));
  return new Set([...lastOf.values()].flatMap(({ rows, tells }) => [...rows.subarray(tells)]));
}
