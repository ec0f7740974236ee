import { describe, expect, it } from 'vitest';
import { parseProgram, readProgram } from '../../../core/gcode/parser.ts';

function problemsOf(text: string): readonly string[] {
  const parsed = parseProgram(text, 'part.nc');
  return parsed.ok ? [] : parsed.error.map((problem) => problem.message);
}

describe('reading a program', () => {
  it('splits a tape into its programs, blocks and words, and keeps block numbers as written', () => {
    const parsed = parseProgram(
      '%\nO1234 (HOUSING)\nN0150 G1X-1.5 Y.5 ; last pass\n\nT2M6\nO50\nN10 M99\n%\nleft over',
    );
    expect(parsed.ok).toBe(true);
    if (!parsed.ok) return;
    const { name, blocks, subprograms } = parsed.value;
    expect(name).toBe('O1234');
    expect(blocks.map((block) => block.label)).toEqual(['N0150', 'L5']);
    expect(blocks[0]!.arguments.X).toEqual({ letter: 'X', value: -1.5, text: 'X-1.5', column: 9, hasPoint: true });
    expect(blocks[0]!.arguments.Y?.value).toBe(0.5);
    expect(subprograms.map((part) => part.name)).toEqual(['O0050']);
  });

  it('takes lower case, blanks within words, both kinds of comment and block skip', () => {
    const { blocks } = readProgram('/ n5 g01 (to the edge) x 10. (and) f 100 ; done (really');
    expect(blocks[0]).toMatchObject({ label: 'N5', isSkippable: true, problem: null });
    expect(blocks[0]!.arguments.X?.value).toBe(10);
    expect(blocks[0]!.arguments.F?.value).toBe(100);
  });

  it('names a program without an O word after its file', () => {
    expect(readProgram('G0 X1', 'part.nc').name).toBe('part.nc');
  });
});

describe('refusing a block', () => {
  const refusals: readonly (readonly [text: string, message: RegExp])[] = [
    ['O7\nN10 G0 A5', /^O0007 N10 A5 \(column 8\): unknown word, allowed letters are D F G/],
    ['G1 X1..2', /^part\.nc L1 X1\.\.2 \(column 4\): malformed word/],
    ['N20 G1 X#100', /N20 X#100 \(column 8\): malformed word/],
    ['X[1+2]', /L1 X\[1\+2\]/],
    ['G1 X', /L1 X \(column 4\): malformed word/],
    ['G1 X-', /X- \(column 4\): malformed/],
    ['N1 G0 X1e5', /unknown word/],
    ['N1 G0 X999999999', /within ±99999999/],
    ['N5 G12 X1', /N5 G12 \(column 4\): unknown G code, allowed are G0 G1/],
    ['N5 G1.5', /unknown G code/],
    ['N5 M77', /N5 M77 \(column 4\): unknown M code, allowed are M0 M1/],
    ['N5 G0 G1 X1', /G1 \(column 7\): contradicts G0/],
    ['N5 G17 G19', /contradicts G17/],
    ['N5 M3 M5', /contradicts M3/],
    ['N5 G2 G28 X1 I1', /G2 \(column 4\): G28 already takes the axis words/],
    ['N5 G1 X1 X2', /X2 \(column 10\): X stands twice/],
    ['N5 N6 G0', /N stands twice/],
    ['N5 G2 X10 Y10', /G2 .*needs its centre I J K or its radius R/],
    ['N5 G3 X10 I5 R5', /not both/],
    ['N5 G4', /dwell needs P/],
    ['N5 M98', /M98 .*needs P/],
    ['N5 T1.5', /T must be a whole number/],
    ['N5 S-100', /S must not be negative/],
    ['N5 G81 Z-1 R1 L2 K2', /by L or by K/],
    ['N5.5 G0', /block number is a whole number/],
    ['G0 X1 O5', /O5 \(column 7\): a program number stands first/],
    ['O0\nG0', /O0 \(column 1\): a program number is a whole number/],
    ['O1\nG0\nO1\nG1', /O1 \(column 1\): this program number stands twice/],
    ['N5 (never closed', /comment has no closing/],
    ['N5 G0 )', /starts no word/],
    ['N5 G0 é', /é \(column 7\): this character starts no word/],
    ['%G0 X5', /nothing but a name may follow/],
  ];
  it.each(refusals)('%j is refused with its program, block and word', (text, message) => {
    expect(problemsOf(text)[0]).toMatch(message);
  });

  it('reports every wrong block once, and leaves the good ones as they are', () => {
    const text = 'N1 G0 X1\nN2 Z1.2.3\nN3 G99 Y2\nN4 M44';
    expect(problemsOf(text).map((message) => message.split(' ')[1])).toEqual(['N2', 'N4']);
    expect(readProgram(text).blocks.map((block) => block.problem === null)).toEqual([true, false, true, false]);
  });

  it('allows what programs commonly put on one line', () => {
    for (const line of [
      'G0 G17 G21 G40 G49 G80 G90 G94',
      'G91 G28 Z0',
      'G0 G28 X0',
      'G90 G53 G0 Z0',
      'M3 S500 M8',
      'G54 G0 X1',
    ]) {
      expect(problemsOf(line), line).toEqual([]);
    }
  });
});
