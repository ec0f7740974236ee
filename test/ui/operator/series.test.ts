import { describe, expect, it } from 'vitest';
import { describeSeries, findTold } from '../../../ui/operator/src/machine/series.ts';

const series = {
  timesS: [10, 11, 12, 13],
  mean: [0, 5, null, 7],
  min: [0, 5, null, 7],
  max: [0, 5, null, 7],
  expected: [1, 6, null, 8],
};

describe('what a chart tells in figures', () => {
  it.each([
    [null, 3],
    [11.5, 1],
    [13, 3],
    [99, 3],
    [9, -1],
  ])('is, for the moment %s, that of point %i', (atS, point) => {
    expect(findTold(series, atS)).toBe(point);
  });

  it('is of the moment looked at also for who cannot see it', () => {
    expect(describeSeries('Flow', 'm³/h', series, null)).toMatch(/^Flow: 7 m³\/h, expected 8 m³\/h; from 0 /);
    expect(describeSeries('Flow', 'm³/h', series, 12)).toMatch(/^Flow: 5 m³\/h, expected 6 m³\/h; from 0 /);
    expect(describeSeries('Flow', 'm³/h', series, 9)).toMatch(/^Flow: no value then; from 0 /);
  });
});
