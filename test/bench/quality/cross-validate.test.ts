import { describe, expect, it } from 'vitest';
import { crossValidator, leaveOneFileOut, leaveOneFolderOut } from '../../../bench/quality/cross-validate.ts';

const files = ['a/1', 'a/2', 'b/1'].map((name) => ({ name }));
const grid = { limit: [0, 1, 2, 3, 4, 5, 6], hold: [1, 2, 3] };

/** A plateau around limit 2, a lonely peak at 5; the worth of a verdict is the verdict. */
const worth = (limit: number): number => ({ 1: 0.8, 2: 0.9, 3: 0.8, 5: 1.1 })[limit] ?? 0;

describe('cross-validation', () => {
  it('takes the middle of a plateau before a lonely peak, and never a setting at the edge', () => {
    const validate = crossValidator<number>({
      grid,
      files,
      judge: ({ limit, hold }) => worth(limit!) + (hold === 3 ? 0.1 : 0),
      worthOf: (verdicts) => verdicts.reduce((sum, verdict) => sum + verdict, 0),
    });
    const { verdicts, chosen } = validate(leaveOneFileOut(files));
    expect(verdicts).toEqual([0.9, 0.9, 0.9]);
    expect(chosen.map(({ settings }) => settings)).toEqual(files.map(() => ({ limit: 2, hold: 2 })));
  });

  it('never lets a held-out file choose its own settings', () => {
    const asked: string[][] = [];
    const validate = crossValidator<number>({
      grid,
      files,
      judge: () => 1,
      worthOf: (_, others) => asked.push(others.map((file) => files[file]!.name)),
    });
    const { chosen } = validate(leaveOneFolderOut(files));
    expect(chosen.map(({ fold }) => fold)).toEqual(['a', 'b']);
    expect(new Set(asked.map(String))).toEqual(new Set(['b/1', 'a/1,a/2']));
  });
});
