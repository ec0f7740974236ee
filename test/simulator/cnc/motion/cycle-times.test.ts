import { describe, expect, it } from 'vitest';
import { boundPath, loadFixture, runToEnd } from './test-machine.ts';

/**
 * Times computed by hand. The machine of these tests: rapid 500, 500, 250 mm/s; acceleration 4000, 2000, 1000 mm/s²;
 * tool change 5 s; junction deviation 0.01 mm. All lengths in mm, speeds in mm/s.
 */

/** Trapezoid: ramps (v−v0)/a and (v−v1)/a, and what they leave of the length at v. */
const run = (l: number, v: number, a: number, v0: number, v1: number): number =>
  (v - v0) / a + (v - v1) / a + (l - (2 * v * v - v0 * v0 - v1 * v1) / (2 * a)) / v;

/** From stand to stand: l/v + v/a; the triangle 2·√(l/a) where l < v²/a. */
const stand = (l: number, v: number, a: number): number => (l < (v * v) / a ? 2 * Math.sqrt(l / a) : l / v + v / a);

const rapidX = (l: number): number => stand(l, 500, 4000);
const rapidY = (l: number): number => stand(l, 500, 2000);
const rapidZ = (l: number): number => stand(l, 250, 1000);
/** 45° in the plane: speed 500·√2, acceleration 2000·√2, since Y is the weaker axis. */
const rapidXY = (l: number): number => stand(l, 500 * Math.SQRT2, 2000 * Math.SQRT2);

/** A corner of 90°: sin(θ/2) = 0.70711, s/(1−s) = 2.41421; the change of direction is at 45° to both axes: a·√2. */
const cornerXY = Math.sqrt(2000 * Math.SQRT2 * 0.01 * 2.414214);
const cornerXZ = Math.sqrt(1000 * Math.SQRT2 * 0.01 * 2.414214);

/** An arc in XY: the weaker axis gives 2000; v ≤ √(0.866·2000·r); what v²/r leaves of 2000 is for the ramps. */
function arc(l: number, r: number, feed: number): number {
  const v = Math.min(feed, Math.sqrt(0.8660254 * 2000 * r));
  return stand(l, v, Math.sqrt(2000 ** 2 - ((v * v) / r) ** 2));
}

function helix(): number {
  const round = 2 * Math.PI * 10;
  const l = Math.hypot(round, 3);
  const inPlane = (50 * round) / l;
  const a = Math.min((Math.sqrt(2000 ** 2 - (inPlane ** 2 / 10) ** 2) * l) / round, (1000 * l) / 3);
  return stand(l, 50, a);
}

interface Expected {
  readonly file: string;
  readonly claim: string;
  readonly timeS: number;
  readonly end: readonly [number, number, number];
  readonly min: readonly [number, number, number];
  readonly max: readonly [number, number, number];
}

const expectations: readonly Expected[] = [
  {
    file: 'line',
    claim: '100 mm at 20 mm/s: 100/20 + 20/4000 = 5.005 s',
    timeS: 5.005,
    end: [100, 0, 0],
    min: [0, 0, 0],
    max: [100, 0, 0],
  },
  {
    file: 'short-steps',
    claim: '0.5 mm there and back in X, 10 ms, the same in Y: 2·2·√(0.5/4000) + 0.01 + 2·2·√(0.5/2000) s',
    timeS: 4 * Math.sqrt(0.5 / 4000) + 0.01 + 4 * Math.sqrt(0.5 / 2000),
    end: [0, 0, 0],
    min: [0, 0, 0],
    max: [0.5, 0.5, 0],
  },
  {
    file: 'rapid-diagonal',
    // Way 364.005: X has 0.82416 of it, Y 0.54944, Z 0.13736. Speed: X allows 500/0.82416 = 606.68 (Y 910, Z 1820);
    // acceleration: Y allows 2000/0.54944 = 3640.05 (X 4853, Z 7280).
    claim: 'a rapid in three axes is as fast as its slowest axis; G28 moves the axes it names',
    timeS: stand(364.00549, 606.67582, 3640.0549) + rapidZ(50) + stand(360.55513, 600.92521, 3605.5513),
    end: [0, 0, 0],
    min: [0, 0, -50],
    max: [300, 200, 0],
  },
  {
    file: 'square',
    claim: 'four sides of 40 mm at 40 mm/s, through the corners at 8.26 mm/s',
    timeS:
      run(40, 40, 4000, 0, cornerXY) +
      run(40, 40, 2000, cornerXY, cornerXY) +
      run(40, 40, 4000, cornerXY, cornerXY) +
      run(40, 40, 2000, cornerXY, 0),
    end: [0, 0, 0],
    min: [0, 0, 0],
    max: [40, 40, 0],
  },
  {
    file: 'arcs',
    claim: 'circle, tight circle, helix and arcs by R run at the speed the radius allows',
    timeS:
      arc(40 * Math.PI, 20, 50) +
      arc(Math.PI, 0.5, 100) +
      helix() +
      arc(15 * Math.PI, 15, 50) +
      arc(22.5 * Math.PI, 15, 50) +
      4 * 0.1,
    end: [15, -15, -3],
    min: [-10, -30, -3],
    max: [45, 20, 0],
  },
  {
    file: 'drilling',
    claim: 'G81, G82, G83 and G73 make their own way to the bottom and back',
    timeS:
      rapidZ(20) +
      // G81 G99: over the hole, to R, 7 mm at 5 mm/s, back to R
      rapidXY(14.142136) +
      rapidZ(18) +
      stand(7, 5, 1000) +
      rapidZ(7) +
      // the next hole, back to the initial level
      rapidX(20) +
      stand(7, 5, 1000) +
      rapidZ(25) +
      // G82 G99 with 250 ms
      rapidX(20) +
      rapidZ(18) +
      stand(7, 5, 1000) +
      0.25 +
      rapidZ(7) +
      // G83 G98: 4, out 4, in 3.5, 4.5, out 8, in 7.5, 4.5, up 31
      rapidY(20) +
      rapidZ(1) +
      stand(4, 5, 1000) +
      rapidZ(4) +
      rapidZ(3.5) +
      stand(4.5, 5, 1000) +
      rapidZ(8) +
      rapidZ(7.5) +
      stand(4.5, 5, 1000) +
      rapidZ(31) +
      // G73: 4, lift 0.5, 4.5, up 26
      rapidX(20) +
      rapidZ(18) +
      stand(4, 5, 1000) +
      rapidZ(0.5) +
      stand(4.5, 5, 1000) +
      rapidZ(26) +
      rapidXY(42.426407),
    end: [0, 0, 20],
    min: [0, 0, -11],
    max: [50, 30, 20],
  },
  {
    file: 'tapping',
    claim: 'G84 feeds 1.25 mm a turn at 500/min, 10.417 mm/s, in and out; G85 feeds out too',
    timeS:
      5 +
      rapidZ(10) +
      rapidX(20) +
      rapidZ(7) +
      2 * stand(15, 10.416667, 1000) +
      0.2 +
      rapidZ(7) +
      rapidX(20) +
      rapidZ(7) +
      2 * stand(7, 2.5, 1000) +
      rapidZ(7),
    end: [40, 0, 10],
    min: [0, 0, -12],
    max: [40, 0, 10],
  },
  {
    file: 'subprograms',
    claim: 'M98 with L3 and with the repeats packed into P run the nested step five times',
    timeS:
      stand(10, 25, 4000) +
      4 * (0.5 + run(1, 25, 1000, 0, cornerXZ) + run(10, 25, 4000, cornerXZ, 0)) +
      0.5 +
      stand(1, 25, 1000),
    end: [50, 0, -5],
    min: [0, 0, -5],
    max: [50, 0, 0],
  },
  {
    file: 'feed-modes',
    claim: 'inverse time, feed per turn, constant surface speed with its limit, and inches',
    timeS:
      5 + stand(50, 5, 4000) + 0.01 + run(100, 10, 4000, 0, 5) + run(15, 5, 4000, 5, 0) + stand(25.4, 42.333333, 4000),
    end: [139.6, 0, 0],
    min: [0, 0, 0],
    max: [165, 0, 0],
  },
  {
    file: 'contour-outside',
    claim: 'the centre runs 5 mm outside the square and rolls around its corners',
    timeS: contourOutside(),
    end: [-20, -20, 0],
    min: [-20, -20, 0],
    max: [65, 65, 0],
  },
  {
    file: 'pocket-inside',
    // Round corners of 10 shrink to 5; the sharp ones are cut off at (5, 35) and (5, 5).
    claim: 'the centre runs 5 mm inside the pocket and turns where its ways cross',
    timeS:
      5 +
      stand(36.055513, 600.92521, 3605.5513) +
      run(15, 20, 2000, 0, cornerXY) +
      run(20, 20, 4000, cornerXY, 20) +
      (2 * 7.853982 + 20) / 20 +
      run(45, 20, 4000, 20, cornerXY) +
      run(30, 20, 2000, cornerXY, cornerXY) +
      run(25, 20, 4000, cornerXY, cornerXY) +
      run(15, 20, 2000, cornerXY, 0),
    end: [30, 20, 0],
    min: [0, 0, 0],
    max: [55, 35, 0],
  },
  {
    file: 'zigzag',
    claim: '200 chords of 1 mm at 100 mm/s take the time of one line: 200/100 + 100/4000 s',
    timeS: 2.025,
    end: [200, 0, 0],
    min: [0, 0, 0],
    max: [200, 0.001, 0],
  },
];

/**
 * In from (−20, −20) to (−5, −10), 18.028 long, direction (0.83205, 0.55470), then +Y: cosine 0.55470, s = 0.88168; the
 * change (−0.83205, 0.44530)/0.94374 lets Y give 2000·0.94374/0.44530 and X 4000·0.94374/0.83205 = 4536.9 (Y 4238.7).
 * Out from (−10, −5) to (−20, −20), direction (−0.55470, −0.83205), after −X: the same cosine; the change
 * (0.44530, −0.83205)/0.94374 lets Y give 2000·0.94374/0.83205 = 2268.5.
 */
function contourOutside(): number {
  const bend = 0.881684 / (1 - 0.881684);
  const enter = Math.sqrt(4238.7 * 0.01 * bend);
  const leave = Math.sqrt(2268.5 * 0.01 * bend);
  const corners = 3 * 7.853982;
  return (
    5 +
    rapidXY(28.284271) +
    run(18.027756, 25, 3605.5513, 0, enter) +
    run(70, 25, 2000, enter, 25) +
    (corners + 60 + 60) / 25 +
    run(70, 25, 4000, 25, leave) +
    run(18.027756, 25, 2403.7009, leave, 0)
  );
}

describe('cycle times computed by hand', () => {
  it.each(expectations)('$file: $claim', ({ file, timeS, end, min, max }) => {
    const { state, path } = runToEnd(loadFixture(file));
    expect(state.alarm).toBeNull();
    expect(Math.abs(state.cycleTimeS / timeS - 1), `${state.cycleTimeS} s, by hand ${timeS} s`).toBeLessThan(0.001);
    const box = boundPath(path);
    const found = [state.position, box.min, box.max].map(({ x, y, z }) => [x, y, z]);
    [end, min, max].flat().forEach((value, i) => {
      expect(found.flat()[i]).toBeCloseTo(value, 9);
    });
  });

  it('does not depend on the length of the steps in which the machine is moved on', () => {
    for (const { file } of expectations) {
      const whole = runToEnd(loadFixture(file));
      const stepped = runToEnd(loadFixture(file), 0.037);
      expect(stepped.state.cycleTimeS).toBeCloseTo(whole.state.cycleTimeS, 8);
      expect(stepped.state.position).toEqual(whole.state.position);
    }
  });
});
