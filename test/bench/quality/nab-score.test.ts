import { describe, expect, it } from 'vitest';
import {
  type NabFile,
  normaliseNab,
  probationRows,
  rawScoreAt,
  scaledSigmoid,
  scoreNab,
  scoreNabAt,
} from '../../../bench/quality/nab-score.ts';

const standard = { tpWeight: 1, fpWeight: 0.11, fnWeight: 1 };
/** 100 rows, of which the first 15 don't count, with one window. */
const file = (alarmRows: readonly number[], windows: [number, number][] = [[40, 49]]) => ({
  scores: Float64Array.from({ length: 100 }, (_, row) => (alarmRows.includes(row) ? 1 : 0)),
  windows,
});

describe('the NAB score', () => {
  it('weighs positions as the published sigmoid does', () => {
    expect(scaledSigmoid(-1)).toBeCloseTo(0.98661, 5);
    expect(scaledSigmoid(-0.5)).toBeCloseTo(0.84828, 5);
    expect(scaledSigmoid(0)).toBe(0);
    expect(scaledSigmoid(1)).toBeCloseTo(-0.98661, 5);
    expect(scaledSigmoid(3.1)).toBe(-1);
  });

  it('leaves the first 15 % out, at most 750 rows', () => {
    expect(probationRows(100)).toBe(15);
    expect(probationRows(4032)).toBe(604);
    expect(probationRows(22_695)).toBe(750);
  });

  it('gives 100 for the first row of every window and 0 for silence', () => {
    expect(scoreNabAt([file([40])], standard, 1)).toBeCloseTo(100, 9);
    expect(scoreNabAt([file([])], standard, 1)).toBeCloseTo(0, 9);
  });

  it('pays less for a late detection, and only once for many', () => {
    // Row 45 of 40–49 stands at −(49 − 45 + 1)/10 = −0.5: .84828/.98661 = .85979, normalised from −1…1 to 0…100.
    expect(scoreNabAt([file([45])], standard, 1)).toBeCloseTo(92.99, 2);
    expect(scoreNabAt([file([45, 46, 49])], standard, 1)).toBeCloseTo(92.99, 2);
  });

  it('charges an alarm before any window in full, and less right behind one', () => {
    expect(scoreNabAt([file([20, 40])], standard, 1)).toBeCloseTo(100 - (100 * 0.11) / 2, 9);
    // One row behind a window of ten: position 1/9, 2/(1 + e^(5/9)) − 1 = −.27085.
    expect(scoreNabAt([file([40, 50])], standard, 1)).toBeCloseTo(100 - (100 * 0.11 * 0.27085) / 2, 3);
  });

  it('forgives what happens in the probation', () => {
    expect(scoreNabAt([file([3, 14, 40])], standard, 1)).toBeCloseTo(100, 9);
  });

  it('adds up file by file to the score of all at one threshold', () => {
    const files = [
      file([20, 45, 60]),
      file([], [[30, 39]]),
      file(
        [41, 70],
        [
          [40, 44],
          [68, 80],
        ],
      ),
      file([50], []),
    ];
    const raw = files.reduce((sum, one) => sum + rawScoreAt(one, standard, 1), 0);
    expect(normaliseNab(raw, 4, standard)).toBeCloseTo(scoreNabAt(files, standard, 1), 9);
  });

  it('takes the best of all thresholds over all files together', () => {
    const clean: NabFile = {
      scores: Float64Array.from({ length: 100 }, (_, row) => (row === 40 ? 0.9 : 0.1)),
      windows: [[40, 49]],
    };
    const noisy = { scores: Float64Array.from({ length: 100 }, (_, row) => (row === 20 ? 0.5 : 0)), windows: [] };
    const best = scoreNab([clean, noisy], standard);
    expect(best).toEqual({ score: expect.closeTo(100, 9), threshold: 0.9 });
  });
});
