import { describe, expect, it } from 'vitest';
import { areaUnderRangePr, shoulderLabels, volumeUnderPrCurve } from '../../../bench/quality/vus-pr.ts';

const labels = Uint8Array.from({ length: 20 }, (_, row) => (row >= 10 && row < 14 ? 1 : 0));
const scores = Float64Array.from(labels);
const orderOf = (values: Float64Array): Uint32Array =>
  Uint32Array.from(values.keys()).sort((a, b) => values[b]! - values[a]!);

describe('the volume under the precision-recall surface', () => {
  it('gives labels falling shoulders of half the buffer', () => {
    const soft = shoulderLabels(labels, 4);
    // Two rows before: √(1 − 1/4) and √(1 − 2/4); after the last faulty row the reference stops one row earlier.
    expect([...soft.slice(8, 16)]).toEqual([Math.SQRT1_2, Math.sqrt(0.75), 1, 1, 1, 1, Math.sqrt(0.75), 0]);
    expect([...shoulderLabels(labels, 0)]).toEqual([...scores]);
  });

  it('is 1 without a buffer for scores that rank every faulty row first', () => {
    expect(areaUnderRangePr(labels, scores, orderOf(scores), 0)).toBeCloseTo(1, 9);
  });

  it('gives a constant score the share of faulty rows', () => {
    const flat = new Float64Array(20);
    expect(areaUnderRangePr(labels, flat, orderOf(flat), 0)).toBeCloseTo(4 / 20, 9);
  });

  it('is no better than a constant for the worst ranking', () => {
    const worst = scores.map((score) => 1 - score);
    expect(areaUnderRangePr(labels, worst, orderOf(worst), 0)).toBeLessThanOrEqual(0.2);
  });

  it('computes a case small enough for paper', () => {
    // One faulty row of four, ranked second: recall steps from 0 to 1 where the precision is ½.
    const four = Uint8Array.from([0, 1, 0, 0]);
    const ranked = Float64Array.from([0.9, 0.8, 0.1, 0.05]);
    expect(areaUnderRangePr(four, ranked, orderOf(ranked), 0)).toBeCloseTo(0.5, 9);
  });

  it('forgives an alarm that is a little early, more with the buffer than without', () => {
    const early = Float64Array.from({ length: 20 }, (_, row) => (row >= 8 && row < 12 ? 1 : 0));
    expect(volumeUnderPrCurve(labels, early, 8)).toBeGreaterThan(areaUnderRangePr(labels, early, orderOf(early), 0));
  });
});
