import { describe, expect, it } from 'vitest';
import { earnedAt, scoreChangePoints } from '../../../bench/quality/change-points.ts';
import { controls } from '../../../bench/quality/controls.ts';
import { scoreEpisodes, wilson95 } from '../../../bench/quality/episodes.ts';
import type { Recording } from '../../../bench/quality/recording.ts';

/** One row a second, faulty from 1000 to 1100 and from 2000 to 2200, one hour in all. */
const recording: Recording = {
  name: 'hour',
  atS: Float64Array.from({ length: 3600 }, (_, row) => row),
  channels: ['value'],
  values: Array.from({ length: 3600 }, (_, row) => [row % 7]),
  labels: Uint8Array.from({ length: 3600 }, (_, row) => (isIn(row, 1000, 1100) || isIn(row, 2000, 2200) ? 1 : 0)),
  scoredFrom: 400,
};
const rules = { mergeS: 30, vusBufferRows: null };

function isIn(row: number, from: number, to: number): boolean {
  return row >= from && row < to;
}

function outcomeOf(spans: readonly (readonly [number, number])[], raisedAgainAt: readonly number[] = []) {
  const alarms = Uint8Array.from({ length: 3600 }, (_, row) => (spans.some(([a, b]) => isIn(row, a, b)) ? 1 : 0));
  const again = Uint8Array.from(alarms, (_, row) => (raisedAgainAt.includes(row) ? 1 : 0));
  return scoreEpisodes([recording], [{ alarms, again, scores: Float64Array.from(alarms) }], rules);
}

describe('an operator’s figures', () => {
  it('count episodes, delays and hours of normal running', () => {
    const outcome = outcomeOf([
      [1020, 1090],
      [2040, 2100],
    ]);
    expect(outcome).toMatchObject({
      episodes: 2,
      episodesDetected: 2,
      delayMedianS: 30,
      falseAlarms: 0,
      alarmPrecision: 1,
    });
    expect(outcome.normalHours).toBeCloseTo((3600 - 400 - 300) / 3600, 6);
  });

  it('take an alarm that flickers as one, and one that returns later as another', () => {
    expect(
      outcomeOf([
        [500, 510],
        [520, 530],
      ]).falseAlarms,
    ).toBe(1);
    expect(
      outcomeOf([
        [500, 510],
        [600, 610],
      ]).falseAlarms,
    ).toBe(2);
  });

  it('don’t credit an alarm that stood before the fault came', () => {
    expect(outcomeOf([[900, 1100]])).toMatchObject({ episodesDetected: 0, falseAlarms: 1, alarmPrecision: 0 });
  });

  it('credit a standing alarm that is raised again in the fault, once, and count one raised in normal time as false', () => {
    const found = { episodesDetected: 1, delayMedianS: 40, falseAlarms: 1, alarmPrecision: 0.5 };
    expect(outcomeOf([[900, 1150]], [1040, 1080])).toMatchObject(found);
    expect(outcomeOf([[1020, 1200]], [1060, 1150])).toMatchObject({ ...found, delayMedianS: 20 });
  });

  it('ignore what happened while training', () => {
    expect(outcomeOf([[10, 20]]).falseAlarms).toBe(0);
  });

  it('give always-on and silence nothing', () => {
    for (const name of ['null', 'always-on']) {
      const outcome = scoreEpisodes([recording], [controls[name]!(recording)], rules);
      expect(outcome.episodesDetected).toBe(0);
    }
  });

  it('state Wilson’s interval', () => {
    // 30 of 34, computed by hand: centre .8436, half width .1102.
    const [low, high] = wilson95(30, 34);
    expect([low, high]).toEqual([expect.closeTo(0.7338, 3), expect.closeTo(0.9533, 3)]);
    expect(wilson95(0, 0)).toEqual([0, 1]);
  });
});

describe('the change-point score', () => {
  const atS = Float64Array.from({ length: 400 }, (_, row) => row);
  const score = (foundRows: number[], trueRows = [100, 200]): number =>
    scoreChangePoints([{ atS, trueRows, foundRows }]);

  it('is 100 for every change found at once and 0 for silence', () => {
    expect(score([100, 200])).toBeCloseTo(100, 9);
    expect(score([])).toBeCloseTo(0, 9);
  });

  it('falls from 1 to the cost of a false alarm across the window', () => {
    expect(earnedAt(0)).toBeCloseTo(1, 9);
    expect(earnedAt(0.5)).toBeCloseTo((1 - 0.11) / 2, 2);
    expect(earnedAt(1)).toBeCloseTo(-0.11, 9);
  });

  it('charges detections outside of the minute after a change', () => {
    expect(score([100, 170, 200])).toBeCloseTo(100 - (100 * 0.11) / 4, 6);
  });

  it('counts only the first detection in a window', () => {
    expect(score([100, 120, 130, 200])).toBeCloseTo(100, 9);
  });
});
