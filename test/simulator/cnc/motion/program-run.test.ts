import { describe, expect, it } from 'vitest';
import { boundPath, loadText, type Options, runToEnd } from './test-machine.ts';

const place = ({ x, y, z }: { x: number; y: number; z: number }): number[] =>
  [x, y, z].map((value) => Math.round(value * 1e6) / 1e6 + 0);

function endOf(text: string, options?: Options): number[] {
  const { state } = runToEnd(loadText(text, options));
  expect(state.alarm).toBeNull();
  return place(state.position);
}

const alarmOf = (text: string, options?: Options): string => runToEnd(loadText(text, options)).state.alarm ?? 'none';

const workOffsets = { G54: { x: -300, y: -200, z: -400 }, G55: { x: -100, y: -50, z: -400 } };
const referencePoints = [
  { x: 0, y: 0, z: 0 },
  { x: -10, y: -20, z: -30 },
] as const;

describe('coordinates', () => {
  const claims: readonly (readonly [claim: string, text: string, end: readonly number[]])[] = [
    ['work offsets add to what is programmed', 'G54 G0 X10 Y20 Z30', [-290, -180, -370]],
    ['a change of offset moves the next target, not the machine', 'G0 X0\nG55\nY0', [-300, -50, 0]],
    ['G91 counts from where the tool is', 'G0 X0 Y0\nG91 X5 Y-5\nX5', [-290, -205, 0]],
    ['G92 gives the present place new coordinates in all offsets', 'G0 X0\nG92 X100\nG0 X110\nG55 X100', [-100, 0, 0]],
    ['G53 goes to machine coordinates once', 'G53 G0 X-5 Y-6\nX0', [-300, -6, 0]],
    ['G28 passes through the place programmed', 'G28 X0 Y0 Z0', [0, 0, 0]],
    ['G30 goes to the second reference in the axes named', 'G30 P2 X0', [-10, 0, 0]],
    ['inches are 25.4 mm', 'G20 G0 X1 Z-0.5', [-274.6, 0, -412.7]],
    ['G43 with the tool in the spindle leads its tip to the place', 'T1 M6\nG43 H1 G0 Z5', [0, 0, -395]],
    ['G43 with the wrong H is off by the difference of the lengths', 'T1 M6\nG43 H2 G0 Z5', [0, 0, -425]],
    ['G49 ends it', 'T1 M6\nG43 H2 G0 Z5\nG49 Z5', [0, 0, -395]],
  ];
  it.each(claims)('%s', (_claim, text, end) => {
    expect(endOf(text, { workOffsets, referencePoints })).toEqual(end);
  });

  it('runs arcs in all three planes, right-handed', () => {
    expect(boundPath(runToEnd(loadText('G18 G3 I10 F900')).path)).toEqual({
      min: { x: 0, y: 0, z: expect.closeTo(-10, 9) },
      max: { x: expect.closeTo(20, 9), y: 0, z: expect.closeTo(10, 9) },
    });
    // From +Z towards +X is counter-clockwise seen from +Y: a quarter by G3 from (0,0) about (0,-10) bends to +X.
    expect(endOf('G18 G3 X10 Z-10 K-10 F900')).toEqual([10, 0, -10]);
    const quarter = boundPath(runToEnd(loadText('G19 G2 Y10 Z10 J10 F900')).path);
    expect(quarter.max).toEqual({ x: 0, y: expect.closeTo(10, 9), z: expect.closeTo(10, 9) });
    expect(quarter.min).toEqual({ x: 0, y: 0, z: 0 });
  });
});

describe('alarms hold the machine and name program, block and word', () => {
  const alarms: readonly (readonly [text: string, message: RegExp])[] = [
    ['O9\nN1 G0 X1\nN2 G1 Y1 W3 F100', /^O0009 N2 W3 \(column 10\): unknown word/],
    ['N2 G1 Y1', /^program N2: the feed F was never set/],
    ['N2 G1 Y1 F0', /N2 F0 .*above 0/],
    ['N2 G93 G1 Y1 F5\nN3 Y2', /N3.*needs F in every block/],
    ['N2 G95 G1 Y1 F0.1', /N2: feed per turn .*turning spindle/],
    ['N2 M3', /N2 M3 .*needs S/],
    ['N2 M6', /N2 M6 .*needs T/],
    ['N2 T7 M6', /N2 T7 \(column 4\): there is no tool 7, the magazine holds 1, 2/],
    ['N2 G43 Z5', /N2 G43 .*needs H/],
    ['N2 G43 H9 G0 Z5', /N2 H9 .*no tool 9/],
    ['N2 G41 G1 X5 F100', /N2 G41 .*needs D/],
    ['N2 G2 X10 I4 F100', /N2 G2 .*starts at radius 4 mm and ends at 6 mm, they may differ by 0\.02 mm/],
    ['N2 G2 X10 R4 F100', /N2 R4 .*at least half the chord, 5 mm/],
    ['N2 G3 R4 F100', /N2 R4 .*must not end where it starts/],
    ['N2 G2 X10 K4 F100', /N2 K4 .*outside the working plane/],
    ['N2 G2 X10 I5 F100\nN3 X20', /N3 X20 .*needs its centre/],
    ['N2 G81 X1 Z-5 F100', /N2 G81 .*needs R/],
    ['N2 G81 X1 R5 F100', /N2 G81 .*needs Z/],
    ['N2 G83 X1 R5 Z-5 F100', /N2 G83 .*needs Q/],
    ['N2 G83 X1 R5 Z-5 Q0.001 F100', /N2 G83 .*more than 1000 pecks/],
    ['N2 G81 X1 R-5 Z5 F100', /N2 G81 .*must not lie above/],
    ['N2 G81 R5 Z-5 L99999 F100', /N2 L99999 .*0 to 9999/],
    ['N2 G84 X1 R5 Z-5 F100', /N2: tapping needs a turning spindle/],
    ['N2 G93 G81 X1 R5 Z-5 F100', /N2 G81 .*needs G94 or G95/],
    ['N2 G0 X1 Q5', /N2 Q5 \(column 10\): Q has no meaning/],
    ['N2 G53 G81 X1 R5 Z-5 F100', /N2 G53 .*need G0 or G1/],
    ['N2 G91 G53 G0 X1', /N2 G53 .*need G90/],
    ['N2 G30 P3 X0', /N2 P3 .*only the second reference/],
    ['N2 M98 P77', /N2 P77 .*O0077 is not in memory, there are program/],
    ['N2 M98 P1.5', /N2 P1\.5 .*whole program number/],
    ['O1\nN2 M98 P1', /O0001 N2 P1 .*more than 10 levels/],
    ['O1\nN2 M98 P2\nM30\nO2\nN5 G4 P1', /O0002 N5: subprogram O0002 ends without M99/],
    ['N2 M99', /runs in a circle/],
    ['N2 G96 S100 M3', /N2 M3 .*needs a tool in the spindle/],
    ['N2 M99 P40', /N2 P40 .*no block N40/],
  ];
  it.each(alarms)('%j', (text, message) => {
    expect(alarmOf(text)).toMatch(message);
  });

  it('finishes what came before the wrong block, then stands still for good', () => {
    const executor = loadText('N1 G1 X10 F600\nN2 G1 X20\nN3 BAD\nN4 X30');
    const { state } = runToEnd(executor);
    expect(state).toMatchObject({ mode: 'alarm', block: 'N3', position: { x: 20, y: 0, z: 0 }, partCount: 0 });
    executor.resume();
    expect(executor.advance(60)).toMatchObject({ path: [], state: { mode: 'alarm', velocityMmPerMin: { x: 0 } } });
  });

  it('holds at once when the main program is not there', () => {
    expect(loadText('M30', { mainProgram: 'O4711' }).advance(1).state.alarm).toMatch(/program O4711 is not in memory/);
  });
});

describe('stops and repeats', () => {
  it('M0 holds until the operator resumes, and the cycle time runs on', () => {
    const executor = loadText('N1 G4 X1.\nN2 M0\nN3 G4 X2.\nN4 M30');
    expect(executor.advance(10).state).toMatchObject({ mode: 'hold', block: 'N2', cycleTimeS: 10 });
    executor.resume();
    expect(executor.advance(1).state).toMatchObject({ mode: 'dwell', block: 'N3', cycleTimeS: 11 });
    expect(executor.advance(5).state).toMatchObject({ mode: 'idle', partCount: 1, cycleTimeS: 12 });
  });

  it('M1 holds only with the optional stop on; both go on by themselves after the time given', () => {
    const text = 'N1 M1\nN2 G4 X2.\nN3 M0\nN4 M30';
    expect(runToEnd(loadText(text, { optionalStop: false, autoResumeS: 30 })).state.cycleTimeS).toBeCloseTo(32, 9);
    expect(runToEnd(loadText(text, { autoResumeS: 30 })).state.cycleTimeS).toBeCloseTo(62, 9);
  });

  it('block skip passes over marked blocks only while its switch is on', () => {
    expect(endOf('/G0 X5\nG0 Y5', { blockSkip: true })).toEqual([0, 5, 0]);
    expect(endOf('/G0 X5\nG0 Y5')).toEqual([5, 5, 0]);
  });

  it('M30 counts a part and begins the next from the modes of power-on; every later part takes the same time', () => {
    const executor = loadText('T1 M6\nS1000 M3 M8\nG0 X10\nG1 X60 F600\nG0 X10\nG91\nM30', { repeat: true });
    const totals: number[] = [];
    let previous = executor.advance(0).state;
    for (let i = 0; i < 4000; i++) {
      const { state } = executor.advance(0.01);
      if (state.partCount > previous.partCount) totals.push(previous.cycleTimeS);
      previous = state;
    }
    expect(totals.length).toBeGreaterThan(4);
    for (const total of totals.slice(2)) expect(total).toBeCloseTo(totals[1]!, 1);
    expect(totals[0]! - totals[1]!).toBeGreaterThan(4.9);
    expect(previous.alarm).toBeNull();
  });

  it('a program that takes no time is stopped instead of counting parts for ever', () => {
    const { state } = loadText('G0 X0\nM30', { repeat: true }).advance(1);
    expect(state).toMatchObject({ partCount: 0, alarm: expect.stringMatching(/^program L2: .*takes no time/) });
    expect(runToEnd(loadText('M0\nM99', { autoResumeS: 0 })).state.alarm).toMatch(/runs in a circle/);
  });

  it('M99 P jumps to a block of the caller', () => {
    expect(endOf('O1\nN10 M98 P2\nN20 G0 X50\nN30 G0 Y5\nM30\nO2\nM99 P30')).toEqual([0, 5, 0]);
  });
});

describe('spindle, coolant and cycles', () => {
  it('shows spindle, coolant, tool and feed as the program sets them', () => {
    const executor = loadText('T2 M6\nM4 S2500 M8\nG1 X100 F500\nM5 M9\nG4 X1.\nM30');
    expect(executor.advance(1).state).toMatchObject({ mode: 'tool_change', toolNumber: 0, spindleRpm: 0 });
    expect(executor.advance(6).state).toMatchObject({
      mode: 'cutting',
      toolNumber: 2,
      spindleRpm: -2500,
      coolant: 'flood',
      feedMmPerMin: 500,
      velocityMmPerMin: { x: expect.closeTo(500, 9) },
    });
    expect(executor.advance(10.5).state).toMatchObject({
      mode: 'dwell',
      spindleRpm: 0,
      coolant: 'off',
      velocityMmPerMin: { x: 0 },
    });
  });

  it('limits feed and spindle to what the machine can do', () => {
    const { state } = loadText('S99999 M3\nG1 X1000 F99999').advance(1);
    expect(state).toMatchObject({ spindleRpm: 12_000, feedMmPerMin: 20_000 });
  });

  it('couples spindle and feed while tapping: turns follow the way, backwards on the way out', () => {
    const executor = loadText('M3 S600\nG84 Z-20 R0 F600\nM30');
    let turns = 0;
    const seen = new Set<number>();
    for (let i = 0; i < 4200; i++) {
      const { state } = executor.advance(0.001);
      if (state.mode !== 'cutting') continue;
      expect(Math.abs(state.spindleRpm)).toBeCloseTo(Math.abs(state.velocityMmPerMin.z), 6);
      seen.add(Math.sign(state.spindleRpm));
      turns += state.spindleRpm * (0.001 / 60);
    }
    expect([...seen].sort()).toEqual([-1, 1]);
    expect(turns).toBeCloseTo(0, 1);
  });

  it('repeats an incremental cycle L times, each hole beside the last, and K0 only remembers it', () => {
    const { state, path } = runToEnd(loadText('G0 Z10\nG91 G99 G81 X10 Z-7 R-8 F600 L4\nM30'));
    expect(place(state.position)).toEqual([40, 0, 2]);
    const bottoms = path.filter((piece) => piece.kind === 'feed').map((piece) => [piece.to.x, piece.to.z]);
    expect(bottoms).toEqual([
      [10, -5],
      [20, -5],
      [30, -5],
      [40, -5],
    ]);
    expect(boundPath(runToEnd(loadText('G81 X9 Z-5 R2 F600 K0\nX20\nM30')).path).max.x).toBe(20);
  });

  it('G86 comes out with the spindle stopped, G88 waits for the operator, G87 bores upwards beside the wall', () => {
    const bore = loadText('M3 S900\nG0 Z10\nG86 Z-5 R2 F6000\nM30');
    const out = Array.from({ length: 1000 }, () => bore.advance(0.001).state).filter(
      (s) => s.mode === 'rapid' && s.velocityMmPerMin.z > 0 && s.block === 'L3',
    );
    expect(out.length).toBeGreaterThan(10);
    expect(new Set(out.map((s) => s.spindleRpm))).toEqual(new Set([0, 900]));
    expect(out[0]!.spindleRpm).toBe(0);
    expect(loadText('M3 S900\nG88 Z-5 R2 F6000\nM30').advance(10).state).toMatchObject({
      mode: 'hold',
      spindleRpm: 0,
      position: { z: -5 },
    });
    const back = runToEnd(loadText('M3 S900\nG0 Z10\nG87 X20 Z-5 R-20 Q3 F600\nM30'));
    expect(place(back.state.position)).toEqual([20, 0, 10]);
    expect(boundPath(back.path)).toMatchObject({ min: { z: -20 }, max: { x: 23 } });
    expect(back.path.filter((piece) => piece.kind === 'feed')).toMatchObject([
      { from: { x: 20, z: -20 }, to: { x: 20, z: -5 } },
    ]);
  });
});
