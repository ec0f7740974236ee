import { expect, it } from 'vitest';
import { groupOfG, groupOfM } from '../../../../core/gcode/codes.ts';
import { loadText, type Options, runToEnd } from './test-machine.ts';

/** One small program a code, where it ends, and what it needs of the machine. The key names the codes it is there for. */
const options: Options = {
  workOffsets: {
    G54: { x: 100, y: 0, z: 0 },
    G55: { x: 200, y: 0, z: 0 },
    G56: { x: 300, y: 0, z: 0 },
    G57: { x: 400, y: 0, z: 0 },
    G58: { x: 500, y: 0, z: 0 },
    G59: { x: 600, y: 0, z: 0 },
  },
  referencePoints: [
    { x: 100, y: 0, z: 0 },
    { x: 90, y: -20, z: -30 },
  ],
  autoResumeS: 1,
};
const drill = (words: string): string => `M3 S600\nG0 Z10\nG98 ${words} X5 Y5 Z-10 R2 F600\nX15\nG80\nM5`;
const programs: Readonly<Record<string, readonly [text: string, end: readonly [number, number, number]]>> = {
  G0: ['G0 X10 Y5 Z3', [110, 5, 3]],
  'G1 G94': ['G94 G1 X10 F600', [110, 0, 0]],
  'G2 G17': ['G17 G2 X10 I5 Z-4 F600', [110, 0, -4]],
  G3: ['G3 X10 Y10 R-10 F600', [110, 10, 0]],
  G18: ['G18 G2 X10 I5 Y3 F600', [110, 3, 0]],
  G19: ['G19 G2 Y10 J5 X3 F600', [103, 10, 0]],
  G4: ['G4 P500\nG4 X0.5', [100, 0, 0]],
  'G20 G21': ['G20 G0 X1\nG21 Y1', [125.4, 1, 0]],
  G28: ['G0 X50 Z50\nG91 G28 Z0', [150, 0, 0]],
  G30: ['G0 X50\nG30 X50 Y0 Z0', [90, -20, -30]],
  'G40 G41': ['G41 D1 G1 X10 Y10 F600\nX40\nG40 X60 Y60', [160, 60, 0]],
  G42: ['G42 D1 G1 X10 Y10 F600\nX40\nG40 X60 Y60', [160, 60, 0]],
  'G43 G49 M6': ['T1 M6\nG43 H2 G0 Z5\nG49 X3 Z4', [103, 0, 4]],
  G53: ['G53 G0 X-5', [-5, 0, 0]],
  ...Object.fromEntries([54, 55, 56, 57, 58, 59].map((g) => [`G${g}`, [`G${g} G0 X1`, [(g - 53) * 100 + 1, 0, 0]]])),
  ...Object.fromEntries([81, 82, 84, 85, 86, 88, 89].map((g) => [`G${g}`, [drill(`G${g}`), [115, 5, 10]]])),
  ...Object.fromEntries([73, 83].map((g) => [`G${g}`, [drill(`G${g} Q3`), [115, 5, 10]]])),
  'G87 G80': ['M3 S600\nG0 Z10\nG98 G87 X5 Z-5 R-20 Q2 F600\nG80', [105, 0, 10]],
  'G90 G91': ['G91 G0 X5\nX5\nG90 Y7', [110, 7, 0]],
  G92: ['G0 X10\nG92 X0\nG0 X5', [115, 0, 0]],
  G93: ['G93 G1 X10 F2', [110, 0, 0]],
  'G95 M4': ['M4 S1000\nG95 G1 X10 F0.2', [110, 0, 0]],
  'G96 G97': ['T1 M6\nG96 S100 M3\nG1 X10 F300\nG97 S500', [110, 0, 0]],
  'G98 G99': ['M3 S600\nG0 Z10\nG98 G81 X1 Z-5 R2 F600\nG99 X9', [109, 0, 2]],
  'M0 M1': ['M0\nM1\nG0 X1', [101, 0, 0]],
  M2: ['G0 X1\nM2\nG0 X9', [101, 0, 0]],
  M30: ['G0 X1\nM30\nG0 X9', [101, 0, 0]],
  'M3 M5 M19': ['M3 S500\nM19\nM5\nG0 X1', [101, 0, 0]],
  'M7 M8 M9': ['M7\nM8\nM9\nG0 X1', [101, 0, 0]],
  'M98 M99': ['O1\nG91\nM98 P2 L3\nM30\nO2\nG0 X1\nM99', [103, 0, 0]],
};

it.each(Object.entries(programs))('%s ends where it should', (_codes, [text, end]) => {
  const { state } = runToEnd(loadText(text, options));
  expect(state.alarm).toBeNull();
  const { x, y, z } = state.position;
  for (const [i, value] of [x, y, z].entries()) expect(value).toBeCloseTo(end[i]!, 9);
});

it('leaves out no code of the language', () => {
  const named = new Set(Object.keys(programs).flatMap((codes) => codes.split(' ')));
  const known = [...[...groupOfG.keys()].map((g) => `G${g}`), ...[...groupOfM.keys()].map((m) => `M${m}`)];
  expect(known.filter((code) => !named.has(code))).toEqual([]);
});
