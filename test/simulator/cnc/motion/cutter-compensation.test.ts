import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PathPiece } from '../../../../simulator/cnc/motion/motion.ts';
import { loadText, runToEnd } from './test-machine.ts';

/** Tool 1 has a radius of 5 mm; D8 is an offset of its own. */
const options = { toolInSpindle: 1, toolOffsets: { 8: { lengthMm: 0, radiusMm: 2 } } };
const run = (text: string) => runToEnd(loadText(text, options));
const alarmOf = (text: string): string => run(text).state.alarm ?? 'none';

type Flat = readonly [number, number];
const corners = (path: readonly PathPiece[]): readonly Flat[] =>
  path.map(({ to }) => [Math.round(to.x * 1e6) / 1e6 + 0, Math.round(to.y * 1e6) / 1e6 + 0]);

/** Distance from a place to the outline of a polygon. */
function distanceToOutline([x, y]: Flat, outline: readonly Flat[]): number {
  return Math.min(
    ...outline.map(([ax, ay], i) => {
      const [bx, by] = outline[(i + 1) % outline.length]!;
      const [dx, dy] = [bx - ax, by - ay];
      const t = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
      return Math.hypot(x - ax - t * dx, y - ay - t * dy);
    }),
  );
}

/** Counter-clockwise around the origin, radii between 40 and 60 mm but convex: corners on one circle. */
const convexPolygon: fc.Arbitrary<readonly Flat[]> = fc
  .array(fc.double({ min: 0.5, max: 1, noNaN: true }), { minLength: 3, maxLength: 9 })
  .map((shares) => {
    const total = shares.reduce((sum, share) => sum + share, 0);
    let angle = 0;
    return shares.map((share): Flat => {
      angle += (share / total) * 2 * Math.PI;
      return [round(60 * Math.cos(angle)), round(60 * Math.sin(angle))];
    });
  });

const round = (value: number): number => Math.round(value * 1000) / 1000;

function contour(outline: readonly Flat[], code: 'G41' | 'G42'): string {
  const [first, second] = [outline[0]!, outline[1]!];
  const middle: Flat = [round((first[0] + second[0]) / 2), round((first[1] + second[1]) / 2)];
  const way = [...outline.slice(1), first, middle].map(([x, y]) => `X${x} Y${y}`);
  const start = code === 'G42' ? `X${round(middle[0] * 2)} Y${round(middle[1] * 2)}` : 'X0 Y0';
  return `G0 ${start}\n${code} D1 G1 X${middle[0]} Y${middle[1]} F3000\n${way.join('\n')}\nG40 ${start}\nM30`;
}

describe('cutter compensation', () => {
  it.each(['G41', 'G42'] as const)('%s keeps the centre exactly one radius from a convex outline', (code) => {
    fc.assert(
      fc.property(convexPolygon, (outline) => {
        const { state, path } = run(contour(outline, code));
        expect(state.alarm).toBeNull();
        const cuts = path.filter(({ kind }) => kind === 'feed').slice(1, -1);
        expect(cuts.length).toBeGreaterThanOrEqual(outline.length);
        for (const { from, to } of cuts) {
          for (const share of [0, 0.3, 0.7, 1]) {
            const place: Flat = [from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share];
            // Chords of the arcs around corners stay within the arc tolerance; corners carry three decimals.
            expect(Math.abs(distanceToOutline(place, outline) - 5)).toBeLessThan(0.0105);
          }
        }
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('cuts line and arc off where their shifted ways cross', () => {
    // Along X to (20,0), then a half circle of radius 10 about (30,0) upwards and over: an inside corner on the left.
    const { state, path } = run('G0 X0 Y-20\nG41 D8 G1 X0 Y0 F600\nX20\nG2 X40 I10\nG40 G1 Y-20\nM30');
    expect(state.alarm).toBeNull();
    // Shifted line y = 2 and circle of radius 12 about (30,0): x = 30 − √(144 − 4) = 18.16784.
    expect(corners(path)).toContainEqual([18.16784, 2]);
    // The end stands square to the arc's end: (42, 0).
    expect(corners(path)).toContainEqual([42, 0]);
  });

  it('cuts two arcs off where they cross', () => {
    const { state, path } = run('G0 X-10 Y-20\nG41 D8 G1 X-20 Y0 F600\nG2 X0 I10\nG2 X20 I10\nG40 G1 Y-20\nM30');
    expect(state.alarm).toBeNull();
    // Circles of radius 12 about (−10,0) and (10,0): x = 0, y = √(144 − 100) = 6.63325.
    expect(corners(path)).toContainEqual([0, 6.63325]);
  });

  it('plunges beside the way, and a helix keeps its climb', () => {
    const { state, path } = run('G0 Z5\nG41 D8 G0 X10 Y0\nG1 Z-3 F600\nX30\nG3 Y20 Z-1 J10\nG40 G1 X0\nM30');
    expect(state.alarm).toBeNull();
    expect(path).toContainEqual(expect.objectContaining({ from: { x: 10, y: 2, z: 5 }, to: { x: 10, y: 2, z: -3 } }));
    const end = path.at(-1)!.from;
    expect([end.x, end.y, end.z]).toEqual([expect.closeTo(30, 9), expect.closeTo(18, 9), -1]);
  });

  it('changes sides with a straight step across', () => {
    const { state, path } = run('G41 D8 G1 X10 Y0 F600\nX30\nG42 X50\nG40 X70\nM30');
    expect(state.alarm).toBeNull();
    expect(corners(path)).toEqual([
      [10, 2],
      [30, 2],
      [30, -2],
      [50, -2],
      [70, 0],
    ]);
  });

  it('leaves the programmed coordinates alone: G91 counts from the programmed place', () => {
    const { state } = run('G41 D8 G1 X10 F600\nG91 X10\nX10\nG40 X10 Y5\nM30');
    expect(state.position).toEqual({ x: 40, y: 5, z: 0 });
  });

  const refusals: readonly (readonly [text: string, message: RegExp])[] = [
    ['N1 G41 D1 G1 X10 F600\nN2 X14\nN3 Y4\nN4 X0\nN5 Y-9', /N3 G41: the tool does not fit into the corner after N2/],
    ['N1 G41 D1 G1 X10 F600\nN2 X30\nN3 G3 Y8 J4', /N3 G41: the arc is narrower than the tool of radius 5 mm/],
    ['N1 G42 D1 G3 X10 I5 F600', /N1 G42: the move that enters cutter compensation must be straight/],
    ['N1 G41 D1 G1 X10 F600\nN2 X30\nN3 G40 G2 X40 I5', /N3 G40: the move that leaves .* must be straight/],
    ['N1 G41 D1 G1 X10 F600\nN2 X30\nN3 G18', /N3 G18 .*cancel it with G40/],
    ['N1 G41 D1 G1 X10 F600\nN2 X30\nN3 G55', /N3 G55 .*cancel it with G40/],
    ['N1 G41 D1 G1 X10 F600\nN2 X30\nN3 G81 Z-1 R1', /N3 G81 .*needs G40/],
    ['N1 G41 D1 G1 X10 F600\nN2 X30\nN3 G28 X0', /N3 G28 .*needs G40/],
    ['N1 G41 D1 G1 X10 F600\nN2 X30\nN3 T2 M6', /N3 M6 .*needs G40/],
    [`N1 G41 D1 G1 X10 F600\nN2 X30\n${'G4 P1\n'.repeat(80)}N3 X40`, /N2 G41: more than 64 blocks without a move/],
  ];
  it.each(refusals)('%j is refused', (text, message) => {
    expect(alarmOf(text)).toMatch(message);
  });
});
