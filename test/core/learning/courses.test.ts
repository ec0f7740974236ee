import { expect, it } from 'vitest';
import { coursesOf, followCourses, learnWearScale, rowsToEnd } from '../../../core/learning/courses.ts';
import { matrixOf } from '../../../core/learning/matrix.ts';
import { createRandom } from '../../../core/random/random.ts';

const cycles = 120;
const setBackAt = 90;

/** Wear that grows to 12 in 120 cycles, told with noise; of the last unit it falls back to what it was 40 cycles before. */
function makeUnits(units: number, falls: number) {
  const random = createRandom('courses');
  const unitOf: number[] = [];
  const rows: number[][] = [];
  for (let unit = 0; unit < units; unit++) {
    for (let cycle = 0; cycle < cycles; cycle++) {
      const wornCycles = unit === units - 1 && cycle >= setBackAt ? cycle - falls : cycle;
      unitOf.push(unit);
      rows.push([12 * (wornCycles / cycles) ** 2 + random.normal(0, 0.4), random.normal()]);
    }
  }
  return { factors: matrixOf(rows), units: Int32Array.from(unitOf) };
}

const healthy = makeUnits(4, 0);
const scale = learnWearScale(healthy);
const repaired = makeUnits(4, 40);
const last = 3 * cycles;

it('learns where units begin, and how much of a factor is noise', () => {
  expect(scale.noise[0]).toBeCloseTo(0.4, 1);
  expect(scale.noise[1]).toBeCloseTo(1, 1);
  expect(Math.abs(scale.centre[0]!)).toBeLessThan(0.3);
});

it('leaves a unit that only wears one course, and neighbours of a repaired one too', () => {
  expect(followCourses(healthy, scale)).toEqual(coursesOf(healthy.units));
  expect(followCourses(repaired, scale).slice(0, 3)).toEqual(coursesOf(healthy.units).slice(0, 3));
});

it('goes on, once wear was set back, from where it had last been as low', () => {
  const courses = followCourses(repaired, scale).slice(3);
  const { rows, tells } = courses.at(-1)!;
  const undone = cycles - rows.length;
  expect(undone).toBeGreaterThan(30);
  expect(undone).toBeLessThan(50);
  expect(rows[tells]! - last).toBeGreaterThan(setBackAt);
  expect(rows[tells]! - last).toBeLessThanOrEqual(setBackAt + 4);
  expect(rows.at(-1)).toBe(last + cycles - 1);
});

it('tells every row once, in order, and knows of none what comes after it', () => {
  const told = (courses: ReturnType<typeof followCourses>) =>
    courses.flatMap(({ rows, tells }) => [...rows.slice(tells)]);
  const courses = followCourses(repaired, scale);
  expect(told(courses)).toEqual([...repaired.units.keys()]);
  const seen = last + setBackAt + 10;
  const early = { factors: { ...repaired.factors, rows: seen }, units: repaired.units.slice(0, seen) };
  const before = followCourses(early, scale);
  before.forEach((course, i) => {
    expect(courses[i]!.rows.slice(0, course.rows.length)).toEqual(course.rows);
    expect(courses[i]!.tells).toBe(course.tells);
  });
});

it('lets a repaired unit teach by what led to its end alone', () => {
  const taught = rowsToEnd(followCourses(repaired, scale), repaired.units);
  expect(taught.has(0)).toBe(true);
  expect(taught.has(last + setBackAt - 1)).toBe(false);
  expect(taught.has(last + cycles - 1)).toBe(true);
});

it('sees no setback where factors are unknown or never move', () => {
  const still = {
    factors: matrixOf(Array.from({ length: 40 }, (_, i) => [0, i < 30 ? 1 : Number.NaN])),
    units: new Int32Array(40),
  };
  expect(followCourses(still, learnWearScale(still))).toHaveLength(1);
});
