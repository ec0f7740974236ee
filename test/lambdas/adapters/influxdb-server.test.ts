import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InfluxDbCaller } from '../../../lambdas/adapters/influxdb-caller.ts';
import { InfluxDbSeriesReader } from '../../../lambdas/adapters/influxdb-series-reader.ts';
import { InfluxDbSeriesWriter } from '../../../lambdas/adapters/influxdb-series-writer.ts';
import { toTagText } from '../../../lambdas/adapters/line-protocol.ts';
import { fieldsOf, tagsOf } from '../../../lambdas/adapters/series-layout.ts';
import { spoil, testSeriesReader } from '../../contract/series-reader.ts';
import { type InfluxDbServer, isInfluxDbInstalled, startInfluxDb } from './influxdb-server.ts';
import { createRows } from './rows.ts';

const caller = new InfluxDbCaller({ token: async () => null, waitMs: async () => undefined, random: () => 0 });

describe.skipIf(!isInfluxDbInstalled)('against a real InfluxDB (skipped where influxd is not installed)', () => {
  let server: InfluxDbServer;
  beforeAll(async () => {
    server = await startInfluxDb();
  });
  afterAll(() => server.stop());

  const writeTo = (database: string) => new InfluxDbSeriesWriter(caller, server.place(database));

  testSeriesReader('InfluxDB', async () => ({
    writer: writeTo('story'),
    reader: new InfluxDbSeriesReader(caller, server.place('story')),
  }));

  it('stores a repeated row once, and refuses alone a row whose column has another type', async () => {
    const rows = createRows(20, { vibration: 1.5 });
    await writeTo('twice').write(rows);
    await writeTo('twice').write(rows);
    expect(await server.query('twice', 'SELECT count(vibration) FROM generic')).toMatchObject([{ count: 20 }]);
    const later = rows.map((row) => ({
      ...row,
      sample: { ...row.sample, sampledAtMs: row.sample.sampledAtMs + 3_600_000 },
    }));
    const [signal] = later[7]!.type.signals;
    // `sequence` is a whole number in this store; as a signal of that name it would be a fraction.
    const conflicting = {
      ...later[7]!,
      type: { ...later[7]!.type, signals: [{ ...signal!, name: 'sequence' }] },
      sample: { ...later[7]!.sample, values: [5.5], sequence: null },
    };
    const outcome = await writeTo('twice').write([...later.slice(0, 7), conflicting, ...later.slice(8)]);
    expect(outcome.refused.map(({ row }) => row)).toEqual([conflicting]);
    expect(await server.query('twice', 'SELECT count(vibration) FROM generic')).toMatchObject([{ count: 39 }]);
  });

  it('gathers more marks than a page holds, of each table, without losing one at its edge', async () => {
    const row = spoil(createRows(1)[0]!, ['drift'], 'warning', 50);
    const startMs = row.sample.sampledAtMs;
    const at = (sampledAtMs: number, machineType = 'generic') => ({
      ...row,
      sample: { ...row.sample, sampledAtMs, machineType },
    });
    const rows = Array.from({ length: 10_500 }, (_, i) => at(startMs + 10_000 + i * 10));
    await writeTo('pages').write([at(startMs, 'other'), ...rows]);
    const reader = new InfluxDbSeriesReader(caller, server.place('pages'));
    const range = { machineId: null, fromMs: startMs, toMs: startMs + 3_600_000 };
    const marks = await reader.anomalyMarks({ ...range, limit: 100 });
    expect(marks.map(({ samples }) => samples)).toEqual([500, ...Array.from({ length: 10 }, () => 1000), 1]);
    expect(await reader.anomalyMarks({ ...range, limit: 3 })).toEqual(marks.slice(0, 3));
  });

  it('reads back what it wrote, whatever signs are in names, tags and texts and however large the numbers', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(awkwardRow(), async (awkward) => {
        const [row] = createRows(1);
        const sampledAtMs = row!.sample.sampledAtMs + ++run;
        const written = {
          ...row!,
          machine: { ...row!.machine, site: awkward.site, line: awkward.line },
          sample: {
            ...row!.sample,
            sampledAtMs,
            machineType: awkward.machineType,
            phase: awkward.phase,
            sequence: awkward.sequence,
            values: row!.sample.values.with(0, awkward.value),
            context: { [awkward.name]: awkward.context },
          },
        };
        const database = 'awkward';
        const { refused } = await writeTo(database).write([written]);
        expect(refused.map(({ reason }) => reason)).toEqual([]);
        const [stored] = await server.query(database, `SELECT * FROM /.*/ WHERE time = ${sampledAtMs}ms`);
        const expected = [
          ['time', sampledAtMs],
          ...tagsOf(written).map(([name, value]) => [toTagText(name), toTagText(value)]),
          ...fieldsOf(written).map(({ name, value }) => [toTagText(name), value]),
        ];
        const present = Object.entries(stored ?? {}).filter(([, value]) => value !== null);
        expect(Object.fromEntries(present)).toEqual(Object.fromEntries(expected));
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});

/** Every sign that line protocol gives a meaning, and letters beyond ASCII. */
function awkwardRow() {
  const sign = fc.constantFrom(
    'a',
    'B',
    '7',
    ' ',
    ',',
    '=',
    '"',
    "'",
    '\\',
    '\n',
    '\r',
    '\t',
    '#',
    '#',
    'µ',
    '工',
    '😀',
  );
  const text = fc.string({ unit: sign, minLength: 1, maxLength: 12 });
  return fc.record({
    site: text,
    line: text,
    // A line that begins with # is a comment; machine types begin with a letter.
    machineType: text.map((rest) => `m${rest}`),
    name: text,
    context: text,
    phase: text,
    sequence: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0), // the sign of zero is lost
  });
}
