import { beforeAll, describe, expect, it } from 'vitest';
import type { Severity } from '../../core/detection/observation.ts';
import type { AnomalyRequest, HistoryRequest, SeriesReader } from '../../lambdas/ports/series-reader.ts';
import type { SeriesRow, SeriesWriter } from '../../lambdas/ports/series-writer.ts';
import { createRows } from '../lambdas/adapters/rows.ts';

/** A store that keeps what the writer wrote and answers the reader. */
export interface ReadableStore {
  readonly writer: SeriesWriter;
  readonly reader: SeriesReader;
}

const startMs = Date.parse('2026-01-01T00:00:00.000Z');
const secondsMs = (seconds: number): number => startMs + seconds * 1000;

function rowsOf(machineId: string, count: number): SeriesRow[] {
  return createRows(count).map((row, i) => {
    const temperatureAt = row.type.signals.findIndex(({ name }) => name === 'temperature');
    const values = row.sample.values.with(temperatureAt, i);
    return { ...row, machine: { ...row.machine, machineId }, sample: { ...row.sample, machineId, values } };
  });
}

/** The row as if the twin had found these in it. */
export const spoil = (
  row: SeriesRow,
  codes: readonly string[],
  severity: Severity,
  healthPercent: number,
): SeriesRow => ({
  ...row,
  observation: {
    ...row.observation,
    severity,
    findings: codes.map((code) => ({ code }) as SeriesRow['observation']['findings'][number]),
    health: { ...row.observation.health, machine: healthPercent },
  },
});

/** The row as if its machine's life had been foretold with it. */
function foretell(row: SeriesRow): SeriesRow {
  const component = { component: 'machine', remainingHours: { p10: 20, p50: 30, p90: 50 } };
  const components = [component as NonNullable<SeriesRow['forecast']>['components'][number]];
  return { ...row, isForecastNew: true, forecast: { ...row.forecast!, components } };
}

/** M-1 runs for 30 s and is ill from its 8th to its 16th; M-2 runs beside it and is ill once. */
function story(): SeriesRow[] {
  const first = rowsOf('M-1', 30).map((row, i) => {
    if (i === 17) return foretell(row);
    if (i < 8 || i > 16) return row;
    return spoil(row, ['overheating', 'imbalance'], i === 12 ? 'critical' : 'warning', 90 - i);
  });
  const second = rowsOf('M-2', 30).map((row, i) => (i === 20 ? spoil(row, ['drift'], 'watch', 70) : row));
  return [...first, ...second];
}

const history: HistoryRequest = {
  machineId: 'M-1',
  machineType: 'generic',
  signals: ['temperature', 'rpm'],
  fromMs: startMs,
  toMs: secondsMs(30),
  resolutionS: 10,
  limit: 1000,
};
const anomalies: AnomalyRequest = { machineId: null, fromMs: startMs, toMs: secondsMs(3600), limit: 100 };

/** What the history of every time-series store must tell, whichever it is. */
export function testSeriesReader(name: string, openStore: () => Promise<ReadableStore>): void {
  describe(`${name} keeps the laws of a series reader`, () => {
    let reader: SeriesReader;
    let beforeTheFirst: unknown[];

    beforeAll(async () => {
      const store = await openStore();
      ({ reader } = store);
      beforeTheFirst = [await reader.history(history), await reader.anomalyMarks(anomalies)];
      expect(await store.writer.write(story())).toEqual({ duplicates: 0, refused: [], unwritten: [] });
    });

    it('answers before the first sample with columns that are empty', () => {
      const signal = { mean: [], min: [], max: [], expected: [] };
      const signals = { temperature: signal, rpm: signal };
      const remainingHours = { p10: [], p50: [], p90: [] };
      expect(beforeTheFirst).toEqual([{ timesMs: [], samples: [], healthPercent: [], remainingHours, signals }, []]);
    });

    it('gives each interval of the machine that was asked for its mean, extremes, count and lowest health', async () => {
      const columns = await reader.history(history);
      expect(columns.timesMs).toEqual([0, 10, 20].map(secondsMs));
      expect(columns.samples).toEqual([10, 10, 10]);
      expect(columns.signals.temperature).toMatchObject({
        mean: [4.5, 14.5, 24.5],
        min: [0, 10, 20],
        max: [9, 19, 29],
      });
      expect(columns.signals.rpm).toMatchObject({ mean: [1200, 1200, 1200] });
      expect(columns.healthPercent.slice(0, 2)).toEqual([81, 74]);
    });

    it('gives the remaining life in the intervals where one was foretold', async () => {
      expect((await reader.history(history)).remainingHours).toEqual({
        p10: [null, 20, null],
        p50: [null, 30, null],
        p90: [null, 50, null],
      });
    });

    it('leaves out what lies before the range and from its end on', async () => {
      const { timesMs, samples } = await reader.history({
        ...history,
        fromMs: secondsMs(10),
        toMs: secondsMs(25),
        resolutionS: 5,
      });
      expect(timesMs).toEqual([10, 15, 20].map(secondsMs));
      expect(samples).toEqual([5, 5, 5]);
    });

    it('gives the oldest intervals when there are more than asked for, and none for a time without samples', async () => {
      const toMs = secondsMs(400 * 86_400);
      const { timesMs } = await reader.history({ ...history, fromMs: secondsMs(-600), toMs, limit: 2 });
      expect(timesMs).toEqual([0, 10].map(secondsMs));
    });

    it('knows no value of a signal that was never measured', async () => {
      const { signals } = await reader.history({ ...history, signals: ['temperature', 'humidity'] });
      expect(signals.humidity).toEqual({
        mean: [null, null, null],
        min: [null, null, null],
        max: [null, null, null],
        expected: [null, null, null],
      });
    });

    it('marks each ten seconds of a machine and its codes with the worst of them, newest first', async () => {
      const marks = await reader.anomalyMarks(anomalies);
      expect(marks).toEqual([
        mark('M-2', ['drift'], 'watch', [20, 20], 1, 70),
        mark('M-1', ['overheating', 'imbalance'], 'critical', [10, 16], 7, 74),
        mark('M-1', ['overheating', 'imbalance'], 'warning', [8, 9], 2, 81),
      ]);
      expect(await reader.anomalyMarks({ ...anomalies, limit: 2 })).toEqual(marks.slice(0, 2));
    });

    it('marks one machine alone when asked for it, within the range', async () => {
      const marks = await reader.anomalyMarks({ ...anomalies, machineId: 'M-1', toMs: secondsMs(10) });
      expect(marks).toEqual([mark('M-1', ['overheating', 'imbalance'], 'warning', [8, 9], 2, 81)]);
    });

    it('finds the newest row with conclusions that is not later than a moment, and no older than a day', async () => {
      const type = rowsOf('M-1', 1)[0]!.type;
      const at = (seconds: number) => reader.rowAt({ machineId: 'M-1', type, atMs: secondsMs(seconds) });
      expect(await at(12.5)).toMatchObject({
        atMs: secondsMs(12),
        sequence: 12,
        severity: 'critical',
        healthPercent: 78,
        codes: ['overheating', 'imbalance'],
        decision: expect.any(String),
        values: { temperature: 12, rpm: 1200 },
        life: null,
      });
      expect((await at(12))?.atMs).toBe(secondsMs(12));
      expect(await at(-1)).toBeUndefined();
      expect((await at(86_000))?.atMs).toBe(secondsMs(29));
      expect(await at(90_000)).toBeUndefined();
      expect(await reader.rowAt({ machineId: "M-1' OR '1'='1", type, atMs: secondsMs(12) })).toBeUndefined();
    });

    it.each(["M-1' OR '1'='1", 'M-1" OR "1"="1', "M-1\\' OR 1=1 --", 'M-1\n'])(
      'takes a machine id for a text, whatever is in it: %j',
      async (machineId) => {
        expect((await reader.history({ ...history, machineId })).timesMs).toEqual([]);
        expect(await reader.anomalyMarks({ ...anomalies, machineId })).toEqual([]);
      },
    );
  });
}

function mark(
  machineId: string,
  codes: readonly string[],
  severity: Severity,
  ...[[first, last], samples, lowestHealthPercent]: [readonly [number, number], number, number]
) {
  return {
    machineId,
    codes,
    severity,
    firstMs: secondsMs(first),
    lastMs: secondsMs(last),
    samples,
    lowestHealthPercent,
  };
}
