import { describe, expect, it } from 'vitest';
import type { History } from '../../../core/api/schemas.ts';
import { builtinMachineTypes } from '../../../core/machine-types/builtin.ts';
import { ticksOf } from '../../../ui/operator/src/drawing/scale.ts';
import { drawCurve } from '../../../ui/operator/src/machine/curve.ts';
import { prepareFan } from '../../../ui/operator/src/machine/fan.ts';
import { preparePath } from '../../../ui/operator/src/machine/path-segments.ts';
import { chooseSignals, findLonely } from '../../../ui/operator/src/machine/series.ts';
import { describeLatency } from '../../../ui/operator/src/pipeline/latency.ts';

const nowMs = Date.parse('2026-01-08T00:00:00.000Z');

function historyOf(
  timesMs: number[],
  signals: Record<string, (number | null)[]>,
  life: (number | null)[] = [],
): History {
  const none = timesMs.map(() => null);
  const column = (mean: (number | null)[]) => ({ unit: '', mean, min: mean, max: mean, expected: none });
  return {
    machineId: 'M-1',
    from: '',
    to: '',
    resolutionS: 1,
    timesMs,
    samples: timesMs.map(() => 1),
    healthPercent: none,
    remainingHours: { p10: life, p50: life.map((h) => h && h * 2), p90: life.map((h) => h && h * 3) },
    signals: Object.fromEntries(Object.entries(signals).map(([name, mean]) => [name, column(mean)])),
    next: null,
  };
}

describe('the fan of a remaining life', () => {
  it('shows what was told before as far back as it looks ahead, and closes on each quantile’s end', () => {
    const hours = [100, 30, 1].map((ago) => nowMs - ago * 3_600_000);
    const fan = prepareFan(
      historyOf([...hours, nowMs - 1], {}, [60, 40, 21, null]),
      { p10: 20, p50: 40, p90: 60 },
      nowMs,
    );
    expect(fan.unit).toBe('h');
    expect(fan.told.map(({ atHours, p10 }) => [atHours, p10])).toEqual([
      [-30, 40],
      [-1, 21],
    ]);
    expect(fan.to).toBeGreaterThan(60);
    expect(fan.most).toBe(120);
  });

  it('lets what was told of a part that was good for months run out of its top', () => {
    const fan = prepareFan(historyOf([nowMs - 3_600_000], {}, [2800]), { p10: 1.8, p50: 2, p90: 2.4 }, nowMs);
    expect(fan.told).toHaveLength(1);
    expect(fan.most).toBeCloseTo(7.2);
  });

  it('speaks in days of what lasts for weeks, and in minutes of what ends within the hour', () => {
    expect(prepareFan(null, { p10: 200, p50: 480, p90: 720 }, nowMs)).toMatchObject({ unit: 'days', now: { p50: 20 } });
    expect(prepareFan(null, { p10: 0.2, p50: 0.5, p90: 1 }, nowMs)).toMatchObject({ unit: 'min', now: { p50: 30 } });
  });
});

describe('the tool path', () => {
  const names = { x: 'x', y: 'y', load: 'load', removal: 'removal' };
  const at = (...seconds: number[]) => seconds.map((s) => nowMs + s * 1000);

  it('tells cutting from moving by what is removed, and hard cutting from light', () => {
    const history = historyOf(at(0, 1, 2, 3), {
      x: [0, 10, 20, 20],
      y: [0, 0, 0, 5],
      load: [2, 2, 35, 95],
      removal: [0, 0, 12, 30],
    });
    expect(preparePath(history, names).map(({ to, bin }) => [to, bin])).toEqual([
      [[10, 0], null],
      [[20, 0], 1],
      [[20, 5], 4],
    ]);
  });

  it('draws no move over a hole in the samples, nor where the tool stood still', () => {
    const history = historyOf(at(0, 60, 61), { x: [0, 50, 50], y: [0, 50, 50], load: [9, 9, 9], removal: [1, 1, 1] });
    expect(preparePath(history, names)).toEqual([]);
  });

  it('takes a working spindle for cutting where the machine does not say what it removes', () => {
    const history = historyOf(at(0, 1, 2), { x: [0, 1, 2], y: [0, 0, 0], load: [50, 50, 3] });
    expect(preparePath(history, { x: 'x', y: 'y', load: 'load' }).map(({ bin }) => bin)).toEqual([2, null]);
  });
});

describe('a design curve', () => {
  const pump = builtinMachineTypes.find(({ name }) => name === 'centrifugal-pump');
  const [head, system, efficiency] = pump?.drawings.operatingMap?.curves ?? [];
  if (head === undefined || system === undefined || efficiency === undefined) throw new Error('the pump has no curves');

  it('follows the affinity laws: at half the speed half the flow at a quarter of the head', () => {
    const [full, half] = [drawCurve(head, 2900).points, drawCurve(head, 1450).points];
    expect(full[0]).toEqual([0, 40]);
    expect(half.map(([x, y]) => [x * 2, y * 4])).toEqual(full.map(([x, y]) => [x, y]));
  });

  it('crosses the system’s curve at the pump’s best efficiency', () => {
    const valueAt = ({ points }: ReturnType<typeof drawCurve>, flow: number) =>
      points.reduce((a, b) => (Math.abs(b[0] - flow) < Math.abs(a[0] - flow) ? b : a))[1];
    expect(valueAt(drawCurve(head, 2900), 50)).toBeCloseTo(32, 0);
    expect(valueAt(drawCurve(system, null), 50)).toBeCloseTo(32, 0);
    expect(Math.max(...drawCurve(efficiency, 2900).points.map(([, y]) => y))).toBeCloseTo(72, 0);
  });
});

describe('axes', () => {
  it.each([
    [0, 10, 5, [0, 2, 4, 6, 8, 10]],
    [-0.05, 0.11, 4, [-0.05, 0, 0.05, 0.1]],
    [990, 1010, 4, [990, 995, 1000, 1005, 1010]],
    [3, 3, 5, [3]],
  ])('from %d to %d have round numbers', (from, to, wanted, ticks) => {
    expect(ticksOf(from, to, wanted)).toEqual(ticks);
  });
});

describe('the charts that come first', () => {
  it('are those the evidence names, then how hard, how warm and how shaken the machine is', () => {
    const values = ['humidity', 'motor_current_a', 'flow', 'bearing_temperature_c', 'vibration_x'].map((signal) => ({
      signal,
      expected: signal === 'humidity' ? null : 1,
    }));
    expect(chooseSignals(['flow', 'gone'], values, 4)).toEqual([
      'flow',
      'motor_current_a',
      'bearing_temperature_c',
      'vibration_x',
    ]);
  });
});

describe('latency', () => {
  it('is told of live machines only, by nearest rank', () => {
    const machine = { machineId: '', machineType: '', name: '', site: '', line: '', sampledAt: null, severity: null };
    const machines = [100, 300, 200].map((ageMs) => ({
      ...machine,
      criticality: 'medium' as const,
      freshness: 'live' as const,
      decision: 'proceed' as const,
      healthPercent: 1,
      ageMs,
    }));
    const silent = { ...machines[0]!, freshness: 'stale' as const, ageMs: 60_000 };
    expect(describeLatency([...machines, silent], [])).toEqual({
      liveMachines: 3,
      ageP50Ms: 200,
      ageP99Ms: 300,
      calls: 0,
      callP50Ms: null,
      callP99Ms: null,
    });
  });
});

it('finds the values to which no line leads', () => {
  expect(findLonely([5])).toEqual([0]);
  expect(findLonely([1, 2, null, 3, null, null, 4, undefined, 5, 6])).toEqual([3, 6]);
  expect(findLonely([])).toEqual([]);
});
