import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createArc, createLine, type Element, pointAt, tangentAt } from '../../../../simulator/cnc/motion/element.ts';
import { createAxisLimits, limitCorner, limitPiece } from '../../../../simulator/cnc/motion/limits.ts';
import { planMotion } from '../../../../simulator/cnc/motion/look-ahead.ts';
import { planes, type Vector } from '../../../../simulator/cnc/motion/vector.ts';
import { elapsedAt, planProfile, speedAt, travelledAt } from '../../../../simulator/cnc/motion/velocity-profile.ts';
import { kinematics, loadText } from './test-machine.ts';

const limits = createAxisLimits(kinematics);
const coordinate = fc.integer({ min: -50_000, max: 50_000 }).map((um) => um / 1000);
const feedMmPerMin = fc.integer({ min: 50, max: 20_000 });

const line: fc.Arbitrary<Element> = fc
  .tuple(coordinate, coordinate, coordinate)
  .filter((to) => Math.hypot(...to) > 0.01)
  .map((to) => createLine([0, 0, 0], to));

const arc: fc.Arbitrary<Element> = fc
  .record({
    radiusMm: fc.integer({ min: 50, max: 40_000 }).map((um) => um / 1000),
    startAngle: fc.double({ min: -3, max: 3, noNaN: true }),
    sweep: fc.double({ min: 0.05, max: 2 * Math.PI, noNaN: true }),
    isClockwise: fc.boolean(),
    climbMm: coordinate,
    plane: fc.constantFrom(planes[17], planes[18], planes[19]),
  })
  .map(({ radiusMm, startAngle, sweep, isClockwise, climbMm, plane }) => {
    const at = (angle: number, height: number): [number, number, number] => {
      const point: [number, number, number] = [0, 0, 0];
      point[plane.first] = radiusMm * Math.cos(angle);
      point[plane.second] = radiusMm * Math.sin(angle);
      point[plane.normal] = height;
      return point;
    };
    const signed = isClockwise ? -sweep : sweep;
    const ends = { from: at(startAngle, 0), to: at(startAngle + signed, climbMm) };
    return createArc({ ...ends, plane, center: [0, 0], radiusMm, startAngle, sweep: signed });
  });

describe('one piece of the way', () => {
  it('never asks an axis for more acceleration than it has, on lines, arcs and helices', () => {
    fc.assert(
      fc.property(fc.oneof(line, arc), feedMmPerMin, (element, feed) => {
        const profile = planProfile({ lengthMm: element.lengthMm, ...limitPiece(element, feed / 60, limits) }, 0, 0);
        const dt = profile.durationS / 400;
        for (let i = 1; i < 400; i++) {
          const [a, b, c] = [i - 1, i, i + 1].map((step) => pointAt(element, travelledAt(profile, step * dt)));
          for (let axis = 0; axis < 3; axis++) {
            const acceleration = Math.abs(a![axis]! - 2 * b![axis]! + c![axis]!) / dt ** 2;
            expect(acceleration).toBeLessThan(limits.accelerationMmPerS2[axis]! * 1.001 + 1e-3);
          }
        }
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('covers its length exactly, never turns back, and time and way are each other’s inverse', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(line, feedMmPerMin, share, share, (element, feed, entry, at) => {
        const piece = { lengthMm: element.lengthMm, ...limitPiece(element, feed / 60, limits) };
        const fastest = Math.min(piece.speedMmPerS, Math.sqrt(2 * piece.accelerationMmPerS2 * piece.lengthMm));
        const profile = planProfile(piece, entry * fastest, 0);
        expect(travelledAt(profile, profile.durationS)).toBe(element.lengthMm);
        expect(speedAt(profile, at * profile.durationS)).toBeLessThanOrEqual(piece.speedMmPerS * (1 + 1e-12));
        const travelled = travelledAt(profile, at * profile.durationS);
        expect(elapsedAt(profile, travelled)).toBeCloseTo(at * profile.durationS, 4);
      }),
      { numRuns: 300, seed: 2 },
    );
  });
});

const step = fc.tuple(fc.constantFrom('G0', 'G1', 'G2', 'G3'), coordinate, coordinate, coordinate, feedMmPerMin);
const program = fc.array(step, { minLength: 1, maxLength: 25 }).map((steps) =>
  steps
    .map(([code, x, y, z, feed]) => {
      if (code === 'G0' || code === 'G1') return `${code} X${x} Y${y} Z${z} F${feed}`;
      return `${code} X${x} Y${y} Z${z} R${Math.sign(x) * 90} F${feed}`;
    })
    .join('\n'),
);

const setting = { feedMmPerMin: 0, spindleRpm: 0, coolant: 'off', toolNumber: 1, program: 'O1', block: 'N1' } as const;

describe('the look-ahead', () => {
  it('joins the speeds of neighbours, keeps corners, can always stop, and ends at a stand', () => {
    const stepMm = fc.integer({ min: -3000, max: 3000 }).map((um) => um / 1000);
    const steps = fc.array(fc.tuple(stepMm, stepMm, fc.integer({ min: 100, max: 20_000 })), {
      minLength: 2,
      maxLength: 400,
    });
    fc.assert(
      fc.property(steps, (list) => {
        let at: Vector = [0, 0, 0];
        const moves = list.flatMap(([dx, dy, feed]) => {
          const element = createLine(at, [at[0] + dx, at[1] + dy, 0]);
          at = element.to;
          if (element.lengthMm < 1e-6) return [];
          return [{ kind: 'move', element, feedMmPerMin: feed, setting, pitchMm: 0, compensation: null } as const];
        });
        const timed = [...planMotion(moves, limits)].flatMap((action) => (action.kind === 'move' ? [action] : []));
        expect(timed.length).toBe(moves.length);
        let speed = 0;
        timed.forEach(({ move, profile }, i) => {
          const { entryMmPerS, exitMmPerS, peakMmPerS, accelerationMmPerS2, lengthMm } = profile;
          expect(entryMmPerS).toBe(speed);
          expect(peakMmPerS).toBeLessThanOrEqual(
            limitPiece(move.element, move.feedMmPerMin / 60, limits).speedMmPerS + 1e-9,
          );
          const change = Math.abs(exitMmPerS ** 2 - entryMmPerS ** 2);
          expect(change).toBeLessThanOrEqual(2 * accelerationMmPerS2 * lengthMm * (1 + 1e-9) + 1e-9);
          const next = timed[i + 1];
          if (next !== undefined) {
            const [before, after] = [tangentAt(move.element, lengthMm), tangentAt(next.move.element, 0)];
            expect(exitMmPerS).toBeLessThanOrEqual(limitCorner(before, after, limits) + 1e-9);
          }
          speed = exitMmPerS;
        });
        expect(speed).toBe(0);
      }),
      { numRuns: 60, seed: 6 },
    );
  });
});

describe('a whole program', () => {
  it('runs without gaps in place or time, no axis faster than its rapid, no cut faster than its feed', () => {
    fc.assert(
      fc.property(program, fc.integer({ min: 5, max: 900 }), (text, stepMs) => {
        const executor = loadText(text);
        let before = executor.advance(0).state;
        for (let i = 0; i < 300; i++) {
          const { state, path } = executor.advance(stepMs / 1000);
          let at = before.position;
          for (const piece of path) {
            expect(piece.from).toEqual(at);
            at = piece.to;
            const way = [piece.to.x - piece.from.x, piece.to.y - piece.from.y, piece.to.z - piece.from.z];
            expect(Math.abs(way[0]!)).toBeLessThanOrEqual(500 * piece.durationS + 1e-6);
            expect(Math.abs(way[2]!)).toBeLessThanOrEqual(250 * piece.durationS + 1e-6);
            if (piece.kind === 'feed') {
              expect(Math.hypot(...way)).toBeLessThanOrEqual((20_000 / 60) * piece.durationS + 1e-6);
            }
          }
          expect(state.position).toEqual(at);
          const spentS = path.reduce((sum, piece) => sum + piece.durationS, 0);
          if (state.mode !== 'idle' && state.alarm === null) expect(spentS).toBeCloseTo(stepMs / 1000, 6);
          before = state;
        }
      }),
      { numRuns: 40, seed: 3 },
    );
  });

  it('reaches the same end however it is sliced', () => {
    fc.assert(
      fc.property(program, fc.integer({ min: 20, max: 3000 }), (text, stepMs) => {
        const [whole, sliced] = [loadText(text), loadText(text)];
        const end = whole.advance(1e6).state;
        let state = end;
        for (let i = 0; i < 20_000; i++) {
          state = sliced.advance(stepMs / 1000).state;
          if (state.partCount > 0 || state.alarm !== null) break;
        }
        expect(state.position).toEqual(end.position);
        expect(state.cycleTimeS).toBeCloseTo(end.cycleTimeS, end.alarm === null ? 6 : -9);
        expect(state.alarm).toBe(end.alarm);
      }),
      { numRuns: 40, seed: 4 },
    );
  });

  it('keeps arcs within the tolerance of the machine', () => {
    const { path } = loadText('G2 I30 F6000').advance(60);
    for (const { from, to } of path) {
      const middle = Math.hypot((from.x + to.x) / 2 - 30, (from.y + to.y) / 2);
      expect(30 - middle).toBeLessThan(0.01 + 1e-9);
    }
  });
});
