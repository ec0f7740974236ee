import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Detector, DetectorOutput } from '../../../../core/detection/detector.ts';
import { detectorKinds } from '../../../../core/detection/detectors/catalogue.ts';
import { scoreAgainstLimits } from '../../../../core/detection/detectors/limits.ts';
import { RandomCutTree } from '../../../../core/detection/detectors/random-cut-tree.ts';
import { zoneOf, zoneTables } from '../../../../core/detection/detectors/vibration-zones.ts';
import { createRandom } from '../../../../core/random/random.ts';

const feed = (detector: Detector, values: readonly number[], stepMs = 1000): DetectorOutput[] =>
  values.map((value, i) => detector.update({ atMs: i * stepMs, values: [value] }));
const channels = ['vibration'];

describe('limits', () => {
  it('let the bounds themselves pass and nothing beyond', () => {
    fc.assert(
      fc.property(fc.double({ min: -100, max: 100, noNaN: true }), (value) => {
        expect(scoreAgainstLimits(value, -3, 7) > 1).toBe(value < -3 || value > 7);
        expect(scoreAgainstLimits(value, null, 7) > 1).toBe(value > 7);
        expect(scoreAgainstLimits(value, -3, null) > 1).toBe(value < -3);
      }),
    );
  });
});

describe('rolling z', () => {
  it('tests a value against the window before it, by the population deviation', () => {
    const detector = detectorKinds['rolling-z'].create({ channels, config: { windowSamples: 8, threshold: 1 } });
    // Mean 5 and population deviation 2 of these eight; 9 lies two deviations above.
    const outputs = feed(detector, [2, 4, 4, 4, 5, 5, 7, 9, 9]);
    expect(outputs[7]).toMatchObject({ warmingUp: true, alarm: false });
    expect(outputs[8]!.score).toBeCloseTo(2, 12);
  });

  it('watches one direction where asked', () => {
    const config = { perChannel: { vibration: { direction: 'up' } } } as const;
    const judge = (values: readonly number[]): DetectorOutput[] =>
      feed(detectorKinds['rolling-z'].create({ channels, config }), values);
    const steady = [1, 2, 1, 2, 1, 2, 1, 2, 1, 2];
    expect(judge([...steady, -50]).at(-1)!.alarm).toBe(false);
    expect(judge([...steady, 50]).at(-1)!.alarm).toBe(true);
  });
});

describe('vibration zones', () => {
  it('stand where the table puts the value', () => {
    const bounds = zoneTables['iso10816-3-group2-rigid'];
    expect([1.3, 1.4, 2.8, 4.5].map((value) => zoneOf(value, bounds))).toEqual(['A', 'B', 'C', 'D']);
  });

  it('alarm only once the value stayed for the hold time', () => {
    const detector = detectorKinds['vibration-zones'].create({ channels, config: { holdS: 5 } });
    const outputs = feed(detector, [1, 3, 3, 1, 3, 3, 3, 3, 3, 3]);
    expect(outputs.map((output) => output.alarm).indexOf(true)).toBe(9);
  });
});

describe('level shift', () => {
  const random = createRandom(9);
  const drifting = Array.from({ length: 1200 }, (_, i) => 20 + i / 400 + random.normal(0, 0.5));

  it('follows a slow drift without a word', () => {
    const outputs = feed(detectorKinds['level-shift'].create({ channels }), drifting);
    expect(outputs.some((output) => output.alarm)).toBe(false);
  });

  it('alarms while a shift lasts, and ends when it does', () => {
    const shifted = drifting.map((value, i) => (i >= 700 && i < 900 ? value - 4 : value));
    const alarms = feed(detectorKinds['level-shift'].create({ channels }), shifted).map((output) => output.alarm);
    expect(alarms.indexOf(true)).toBeGreaterThanOrEqual(700);
    expect(alarms.indexOf(true)).toBeLessThan(715);
    expect(alarms.slice(720, 900).every(Boolean)).toBe(true);
    expect(alarms.slice(920).some(Boolean)).toBe(false);
  });
});

describe('level shift, while an alarm stands', () => {
  const random = createRandom(12);
  const steady = Array.from({ length: 1200 }, () => 20 + random.normal(0, 0.5));
  const raisedAgain = (shiftAt: (row: number) => number): number[] => {
    const shifted = steady.map((value, row) => value + shiftAt(row));
    const outputs = feed(detectorKinds['level-shift'].create({ channels }), shifted);
    return [...outputs.keys()].filter((row) => outputs[row]!.alarmAgain === true);
  };

  it('raises it again for a second shift farther from health', () => {
    const rows = raisedAgain((row) => (row < 700 ? 0 : row < 850 ? -2 : -5));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toBeGreaterThanOrEqual(850);
    expect(rows[0]).toBeLessThan(870);
  });

  it('stays silent where the level holds, or moves back towards health', () => {
    expect(raisedAgain((row) => (row < 700 ? 0 : -5))).toEqual([]);
    expect(raisedAgain((row) => (row < 700 ? 0 : row < 850 ? -5 : -2))).toEqual([]);
  });
});

describe('level shift, of a channel that can only be too high', () => {
  it('says nothing of a fall', () => {
    const random = createRandom(13);
    const noise = Array.from({ length: 900 }, () => random.normal(0, 0.5));
    const alarmsAt = (shift: number, riseOnly: readonly string[]): boolean => {
      const values = noise.map((value, row) => 20 + value + (row >= 600 ? shift : 0));
      return feed(detectorKinds['level-shift'].create({ channels, config: { riseOnly } }), values).some((o) => o.alarm);
    };
    expect([alarmsAt(-4, channels), alarmsAt(4, channels), alarmsAt(-4, [])]).toEqual([false, true, true]);
  });
});

describe('level shift, learned while the machine warms up', () => {
  it('is not excused for a small fall by the rise it learned from', () => {
    const random = createRandom(10);
    const warming = (i: number): number => 31.3 + 0.8 * Math.min(1, i / 250);
    const flow = Array.from({ length: 1000 }, (_, i) => warming(i) - (i >= 600 ? 0.8 : 0) + random.normal(0, 0.4));
    const alarms = feed(detectorKinds['level-shift'].create({ channels }), flow).map((output) => output.alarm);
    expect(alarms.indexOf(true)).toBeGreaterThanOrEqual(600);
    expect(alarms.indexOf(true)).toBeLessThan(660);
  });

  it('says nothing of a shift smaller than is worth a word, however quiet the signal', () => {
    const random = createRandom(11);
    const quiet = Array.from({ length: 1000 }, (_, i) => 100 + (i >= 600 ? 0.5 : 0) + random.normal(0, 0.05));
    const alarmsAt = (levelShare: number): boolean =>
      feed(detectorKinds['level-shift'].create({ channels, config: { levelShare } }), quiet).some((o) => o.alarm);
    expect([alarmsAt(0.01), alarmsAt(0)]).toEqual([false, true]);
  });
});

describe('onset', () => {
  const random = createRandom(12);
  const stepMs = 300_000;
  const day = (i: number): number => Math.sin((2 * Math.PI * i) / 288);
  const streams: Readonly<Record<string, (i: number) => number>> = {
    constant: () => 5,
    normal: () => random.normal(),
    'daily with a heavy tail': (i) => Math.exp(1 + day(i) + 0.8 * random.normal()),
    'without a variance': () => (1 - random.next()) ** (-1 / 1.5),
    'whole numbers': () => Math.floor(-3 * Math.log(1 - random.next())),
    'switching twice a day': (i) => (i % 288 < 144 ? 20 : 80),
  };

  it.each(Object.entries(streams))('alarms rarely on healthy rows, here %s', (_, valueAt) => {
    const values = Array.from({ length: 6000 }, (_, i) => valueAt(i));
    const alarms = feed(detectorKinds.onset.create({ channels }), values, stepMs).filter((output) => output.alarm);
    expect(alarms.length).toBeLessThanOrEqual(18);
  });

  it('bears gaps in time', () => {
    const detector = detectorKinds.onset.create({ channels });
    let atMs = 0;
    let alarms = 0;
    for (let i = 0; i < 6000; i++) {
      atMs += i % 50 === 0 ? 20 * 3_600_000 : stepMs;
      if (detector.update({ atMs, values: [10 + day(atMs / stepMs) + random.normal(0, 0.1)] }).alarm) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(18);
  });
});

describe('the seasonal residual', () => {
  const hourMs = 3_600_000;
  const shift = (hour: number): number => (hour % 24 >= 6 && hour % 24 < 22 && Math.floor(hour / 24) % 7 < 5 ? 80 : 20);

  it('expects the shift at its hours and misses one that stays away', () => {
    const random = createRandom(4);
    const hours = Array.from({ length: 24 * 7 * 8 }, (_, hour) => shift(hour) + random.normal(0, 2));
    const strike = 24 * 7 * 6 + 24 * 2 + 6;
    const missed = hours.map((value, hour) => (hour >= strike && hour < strike + 16 ? value - 60 : value));
    const judge = (values: readonly number[]): DetectorOutput[] =>
      feed(detectorKinds['seasonal-residual'].create({ channels }), values, hourMs);
    const settled = 24 * 7 * 5;
    expect(
      judge(hours)
        .slice(settled)
        .some((output) => output.alarm),
    ).toBe(false);
    expect(
      judge(missed)
        .map((output) => output.alarm)
        .indexOf(true, settled),
    ).toBe(strike);
  });
});

describe('mahalanobis', () => {
  it('finds two channels that part and says which', () => {
    const detector = detectorKinds.mahalanobis.create({ channels: ['a', 'b', 'c'], config: { windowSamples: 10 } });
    const random = createRandom(2);
    let last: DetectorOutput | undefined;
    for (let i = 0; i < 600; i++) {
      const load = random.normal();
      const broken = i >= 450 ? 3 : 0;
      const values = [load + random.normal(0, 0.1), load + broken + random.normal(0, 0.1), random.normal()];
      last = detector.update({ atMs: i * 1000, values });
    }
    expect(last!.alarm).toBe(true);
    expect(last!.contributions![2]).toBeLessThan(0.1);
  });
});

describe('a random cut tree', () => {
  const options = { capacity: 64, dimensions: 3, decay: 0.001, seed: 5 };
  const points = (seed: number, count: number): Int32Array[] => {
    const random = createRandom(seed);
    return Array.from({ length: count }, () => Int32Array.from({ length: 3 }, () => Math.round(random.normal(0, 256))));
  };

  it('scores a far point above the middle of the crowd, and says in which dimension', () => {
    const tree = new RandomCutTree(options);
    points(1, 500).forEach((point, time) => {
      tree.offer(point, time);
    });
    const shares = new Float64Array(3);
    const far = tree.score(Int32Array.from([0, 4000, 0]), shares);
    expect(far).toBeGreaterThan(2 * tree.score(Int32Array.from([0, 0, 0]), null));
    expect(shares[1]! / (shares[0]! + shares[1]! + shares[2]!)).toBeGreaterThan(0.8);
  });

  it('goes on identically from a saved state, repeated points included', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 300 }), (seed, count) => {
        const before = points(seed, count).map((point, i) => (i % 3 === 0 ? Int32Array.from([1, 2, 3]) : point));
        const tree = new RandomCutTree(options);
        before.forEach((point, time) => {
          tree.offer(point, time);
        });
        const copy = new RandomCutTree(options, JSON.parse(JSON.stringify(tree.save())));
        for (const [i, point] of points(seed + 1, 100).entries()) {
          expect(copy.score(point, null)).toBe(tree.score(point, null));
          tree.offer(point, count + i);
          copy.offer(point, count + i);
        }
        expect(copy.save()).toEqual(tree.save());
      }),
      { numRuns: 25 },
    );
  });
});
