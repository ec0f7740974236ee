import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, describe, expect, it } from 'vitest';
import { type Engine, type Json, owner, type ServiceError } from '../../../local/engine.ts';
import { createTimestreamEngine } from '../../../local/timestream/engine.ts';
import { openSurroundings } from '../surroundings.ts';

const nowMs = Date.UTC(2026, 0, 1, 12);
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function openEngine(dataFolder?: string, magneticWrites = true) {
  const surroundings = openSurroundings(nowMs, dataFolder);
  const { cloud, stored } = surroundings;
  const engine = await createTimestreamEngine(cloud, { endpointAddress: () => '127.0.0.1' });
  const model = engine.resources['AWS::Timestream::Table']!;
  const properties = {
    DatabaseName: 'factory',
    TableName: 'telemetry',
    RetentionProperties: { MemoryStoreRetentionPeriodInHours: '6', MagneticStoreRetentionPeriodInDays: '7' },
    MagneticStoreWriteProperties: { EnableMagneticStoreWrites: magneticWrites },
  };
  await model.create({ stack: 's', logicalId: 'T', type: 'AWS::Timestream::Table', physicalName: 't', properties });
  cleanups.push(surroundings.remove, () => engine.stop?.());
  return { engine, stored, dataFolder: surroundings.dataFolder };
}

const run = async (engine: Engine, operation: string, input: Json): Promise<Json> =>
  (await engine.operations[operation]!.run(input, owner)) as Json;

const sample = (machineId: string, timeMs: number, load: number, version = 1): Json => ({
  Dimensions: [{ Name: 'machine_id', Value: machineId }],
  MeasureName: 'telemetry',
  MeasureValueType: 'MULTI',
  MeasureValues: [
    { Name: 'load_percent', Value: String(load), Type: 'DOUBLE' },
    { Name: 'phase', Value: 'cutting', Type: 'VARCHAR' },
  ],
  Time: String(timeMs),
  Version: version,
});

/** As long as one may be. */
const note: Json[] = [{ Name: 'note', Value: 'x'.repeat(2000), Type: 'VARCHAR' }];

const write = (engine: Engine, ...Records: Json[]): Promise<Json> =>
  run(engine, 'WriteRecords', { DatabaseName: 'factory', TableName: 'telemetry', Records });

const query = async (engine: Engine, QueryString: string): Promise<unknown[][]> => {
  const { Rows } = (await run(engine, 'Query', { QueryString })) as { Rows: { Data: { ScalarValue?: string }[] }[] };
  return Rows.map((row) => row.Data.map((datum) => datum.ScalarValue ?? null));
};

const rejections = async (attempt: Promise<Json>): Promise<unknown> =>
  attempt.then(
    () => 'none',
    (error: ServiceError) => error.details.RejectedRecords,
  );

describe('writing', () => {
  it('stores records, merges what they have in common, and answers as Timestream formats', async () => {
    const { engine } = await openEngine();
    await run(engine, 'WriteRecords', {
      DatabaseName: 'factory',
      TableName: 'telemetry',
      CommonAttributes: {
        Dimensions: [{ Name: 'machine_id', Value: 'CNC-001' }],
        MeasureName: 'load',
        MeasureValueType: 'DOUBLE',
      },
      Records: [
        { MeasureValue: '42', Time: String(nowMs) },
        { MeasureValue: '43.5', Time: String(nowMs + 1000) },
      ],
    });
    expect(
      await query(engine, 'SELECT time, machine_id, "measure_value::double" FROM "factory"."telemetry" ORDER BY time'),
    ).toEqual([
      ['2026-01-01 12:00:00.000000000', 'CNC-001', '42.0'],
      ['2026-01-01 12:00:01.000000000', 'CNC-001', '43.5'],
    ]);
  });

  it('takes a repeated record silently and counts it once', async () => {
    const { engine, stored } = await openEngine();
    await write(engine, sample('A', nowMs, 1), sample('A', nowMs, 1));
    await write(engine, sample('A', nowMs, 1));
    expect(stored).toEqual({ A: 1 });
    expect(await query(engine, 'SELECT count(*) FROM "factory"."telemetry"')).toEqual([['1']]);
  });

  it('knows every record of a series again, in whatever order and however long ago they came', async () => {
    const { engine, stored } = await openEngine();
    // The newest first, as a query may give the rows of a rollup, and more than are held in memory.
    const records = Array.from({ length: 1500 }, (_, i) => sample('M-1', nowMs - i * 1000, 40 + (i % 7)));
    const inCalls = Array.from({ length: 15 }, (_, i) => records.slice(i * 100, (i + 1) * 100));
    for (const call of [...inCalls, ...inCalls]) await write(engine, ...call);
    expect(stored).toEqual({ 'M-1': 1500 });
    expect(await query(engine, 'SELECT count(*) FROM "factory"."telemetry"')).toEqual([['1500']]);
  });

  it('lets a higher version replace, and refuses a lower one by its index while the others are stored', async () => {
    const { engine } = await openEngine();
    await write(engine, sample('A', nowMs, 1, 5));
    expect(await rejections(write(engine, sample('B', nowMs, 7), sample('A', nowMs, 2, 4)))).toEqual([
      { RecordIndex: 1, Reason: 'The record version 4 is not higher than the existing version 5.', ExistingVersion: 5 },
    ]);
    await write(engine, sample('A', nowMs, 9, 6));
    expect(await query(engine, 'SELECT machine_id, load_percent FROM "factory"."telemetry" ORDER BY 1')).toEqual([
      ['A', '9.0'],
      ['B', '7.0'],
    ]);
  });

  it('finds the table wherever a request names it, and refuses one that names two', async () => {
    const { engine } = await openEngine();
    const { access, run: write } = engine.operations.WriteRecords!.raw!;
    const records = JSON.stringify([sample('A', nowMs, 40)]);
    const resource = 'arn:aws:timestream:us-east-1:000000000000:database/factory/table/telemetry';
    const bodies = [
      `{"DatabaseName":"factory","TableName":"telemetry","Records":${records}}`,
      `{"Records":${records},"TableName":"tele\\u006detry","DatabaseName":"factory"}`,
      `{"DatabaseName":"factory","TableName":"telemetry","Records":${records},"TableName":"alerts"}`,
    ].map((body) => Buffer.from(body));
    for (const body of bodies) expect(access(body)).toEqual([{ action: 'timestream:WriteRecords', resource }]);
    for (const body of bodies.slice(0, 2))
      expect(JSON.parse(await write(body))).toMatchObject({ RecordsIngested: { Total: 1 } });
    await expect(write(bodies[2]!)).rejects.toThrow('the request names two tables, alerts and telemetry');
    await expect(write(Buffer.from('{"DatabaseName":"factory","TableName":"telemetry",'))).rejects.toMatchObject({
      name: 'SerializationException',
    });
  });

  it.each([
    ['BIGINT', '1.5'],
    ['BIGINT', '9223372036854775808'],
    ['TIMESTAMP', '1e3'],
    ['BOOLEAN', 'yes'],
    ['DOUBLE', ' '],
  ])('refuses a %s of "%s" alone, not the calls that share its commit', async (Type, Value) => {
    const { engine, stored } = await openEngine();
    const odd = { ...sample('A', nowMs, 1), MeasureValues: [{ Name: 'odd', Type, Value }] };
    const [refused, taken] = await Promise.allSettled([write(engine, odd), write(engine, sample('B', nowMs, 1))]);
    expect(refused).toMatchObject({ reason: { name: 'ValidationException' } });
    expect(taken).toMatchObject({ status: 'fulfilled' });
    expect(stored).toEqual({ B: 1 });
  });

  it.each([0, 1.5, 'x'])('refuses version %s', async (Version) => {
    const { engine } = await openEngine();
    const versioned = { ...sample('A', nowMs, 1), Version };
    await expect(write(engine, versioned)).rejects.toThrow(
      `Version ${JSON.stringify(Version)} is not a whole number from 1`,
    );
  });

  it('makes no column of a record that it refuses', async () => {
    const { engine } = await openEngine();
    await write(engine, sample('A', nowMs, 1));
    const clash = ['context_part', 'machine_id'].map((Name) => ({ Name, Value: 'x', Type: 'VARCHAR' }));
    expect(await rejections(write(engine, { ...sample('A', nowMs + 1, 1), MeasureValues: clash }))).toEqual([
      { RecordIndex: 0, Reason: 'Measure name machine_id is already a dimension or a reserved name' },
    ]);
    await expect(query(engine, 'SELECT context_part FROM "factory"."telemetry"')).rejects.toThrow('context_part');
  });

  it('goes on with a file in which a column was made by halves', async () => {
    const first = await openEngine();
    await write(first.engine, sample('M-1', nowMs, 1));
    await first.engine.stop?.();
    const instance = await DuckDBInstance.create(join(first.dataFolder, 'timestream', 'timestream.duckdb'));
    const connection = await instance.connect();
    await connection.run('ALTER TABLE factory.telemetry ADD COLUMN context_part VARCHAR');
    connection.closeSync();
    instance.closeSync();
    const { engine } = await openEngine(first.dataFolder);
    const part = { Name: 'context_part', Value: 'housing', Type: 'VARCHAR' };
    await write(engine, { ...sample('M-1', nowMs + 1000, 2), MeasureValues: [part] });
    expect(await query(engine, 'SELECT context_part FROM "factory"."telemetry" ORDER BY time')).toEqual([
      [null],
      ['housing'],
    ]);
    await engine.stop?.();
  });

  it('knows after a restart what it stored before', async () => {
    const first = await openEngine();
    await write(first.engine, sample('A', nowMs, 1), sample('A', nowMs - 1000, 2));
    await first.engine.stop?.();
    const second = await openEngine(first.dataFolder);
    await write(second.engine, sample('A', nowMs, 1), sample('A', nowMs - 1000, 2), sample('A', nowMs + 1000, 3));
    expect(second.stored).toEqual({ A: 1 });
    expect(await query(second.engine, 'SELECT count(*) FROM "factory"."telemetry"')).toEqual([['3']]);
  });

  it('finishes what is under way before it stops', async () => {
    const { engine } = await openEngine();
    const writes = Array.from({ length: 20 }, (_, i) => write(engine, sample('A', nowMs - i * 1000, i)));
    await engine.stop?.();
    for (const written of await Promise.all(writes)) expect(written).toMatchObject({ RecordsIngested: { Total: 1 } });
  });

  it('refuses by record what is too old, too far ahead or changes a column’s type', async () => {
    const { engine } = await openEngine(undefined, false);
    const typed = { ...sample('A', nowMs, 1), MeasureValues: [{ Name: 'load_percent', Value: '5', Type: 'BIGINT' }] };
    await write(engine, sample('A', nowMs - 1, 1));
    expect(
      await rejections(
        write(engine, sample('A', nowMs - 7 * 3_600_000, 1), sample('A', nowMs + 16 * 60_000, 1), typed),
      ),
    ).toEqual([
      { RecordIndex: 0, Reason: expect.stringContaining('outside the time range') },
      { RecordIndex: 1, Reason: expect.stringContaining('more than 15 minutes in the future') },
      { RecordIndex: 2, Reason: 'Measure load_percent is stored as DOUBLE, got BIGINT' },
    ]);
  });

  it.each([
    [
      'more than 100 records',
      Array.from({ length: 101 }, (_, i) => sample('A', nowMs + i, 1)),
      'Records has 101 entries',
    ],
    [
      'a value that is no number',
      [{ ...sample('A', nowMs, 1), MeasureValues: [{ Name: 'x', Value: 'abc', Type: 'DOUBLE' }] }],
      '"abc" is not a DOUBLE',
    ],
    [
      'a record of more than 2 KB',
      [{ ...sample('A', nowMs, 1), MeasureValues: [{ Name: 'x', Value: 'y'.repeat(2100), Type: 'VARCHAR' }] }],
      'allowed are 2048',
    ],
  ])('fails the whole call for %s', async (_, records, message) => {
    const { engine } = await openEngine();
    await expect(write(engine, ...records)).rejects.toThrow(message);
  });
});

describe('querying', () => {
  it('asks the permission for every table, in parentheses too', async () => {
    const { engine } = await openEngine();
    const { access } = engine.operations.Query!.raw!;
    const joined = (left: string) =>
      `SELECT count(*) FROM (("factory"."${left}" AS a CROSS JOIN factory.telemetry AS b))`;
    const resources = access(Buffer.from(JSON.stringify({ QueryString: joined('alerts') }))).map(
      ({ resource }) => resource,
    );
    const tables = 'arn:aws:timestream:us-east-1:000000000000:database/factory/table';
    expect(resources).toEqual([`${tables}/alerts`, `${tables}/telemetry`]);
    await write(engine, sample('A', nowMs, 1));
    expect(await query(engine, joined('telemetry'))).toEqual([['1']]);
  });

  it.each([
    'SELECT 1 FROM factory.telemetry, factory.alerts',
    'SELECT 1 FROM factory.telemetry AS a JOIN (SELECT 1) AS b ON a.load IN (1, 2), factory . "alerts"',
    'SELECT (SELECT max(load) FROM factory.alerts) FROM factory.telemetry',
    'WITH alerts AS (SELECT 1 FROM /* all */ factory.alerts) SELECT 1 FROM alerts, -- and\n factory.telemetry',
    'SELECT 1 FROM factory.telemetry WHERE load IS NOT DISTINCT FROM load UNION SELECT a, b FROM factory.alerts',
  ])('asks the permission for both tables of %s', async (QueryString) => {
    const { engine } = await openEngine();
    const tables = engine.operations.Query!.access({ QueryString }).map(({ resource }) => resource.split('/').at(-1));
    expect(tables.sort()).toEqual(['alerts', 'telemetry']);
  });

  it('divides whole numbers and counts whole units, as Timestream does', async () => {
    const { engine } = await openEngine();
    await write(engine, sample('A', nowMs - 61_000, 1), sample('A', nowMs, 1));
    const late = `SELECT 7 / 2, 7 / 2.0, count(*) / 4, date_diff('hour', min(time), max(time)),
      date_diff('second', min(time), max(time)) FROM "factory"."telemetry"`;
    expect(await query(engine, late)).toEqual([['3', '3.5', '0', '0', '61']]);
  });

  it('bins, looks back and picks the latest as Timestream does', async () => {
    const { engine } = await openEngine();
    const minute = 60_000;
    await write(engine, ...[0, 1, 2, 3].map((i) => sample('A', nowMs - i * minute, 10 + i)));
    expect(
      await query(
        engine,
        'SELECT bin(time, 2m) AS slot, avg(load_percent), max_by(load_percent, time) FROM "factory"."telemetry" WHERE time > ago(150s) AND time <= now() GROUP BY bin(time, 2m) ORDER BY slot',
      ),
    ).toEqual([
      ['2026-01-01 11:58:00.000000000', '11.5', '11.0'],
      ['2026-01-01 12:00:00.000000000', '10.0', '10.0'],
    ]);
  });

  it('pages', async () => {
    const { engine } = await openEngine();
    await write(engine, ...Array.from({ length: 5 }, (_, i) => sample('A', nowMs + i, i)));
    const QueryString = 'SELECT load_percent FROM "factory"."telemetry" ORDER BY time';
    const first = await run(engine, 'Query', { QueryString, MaxRows: 3 });
    const second = await run(engine, 'Query', { QueryString, MaxRows: 3, NextToken: first.NextToken });
    expect([(first.Rows as unknown[]).length, (second.Rows as unknown[]).length, second.NextToken]).toEqual([
      3,
      2,
      undefined,
    ]);
    const notes = Array.from({ length: 900 }, (_, i) => ({ ...sample('B', nowMs - i, i), MeasureValues: note }));
    for (let i = 0; i < 9; i++) await write(engine, ...notes.slice(i * 100, (i + 1) * 100));
    const page = await run(engine, 'Query', {
      QueryString: 'SELECT note FROM "factory"."telemetry" WHERE machine_id = \'B\'',
    });
    expect(JSON.stringify(page.Rows).length).toBeLessThanOrEqual(1_048_576);
    expect(page.NextToken).toBeDefined();
    // A further page needs the permission of the first, and no other.
    const access = (input: Json) => engine.operations.Query?.access(input);
    expect(access({ QueryString, NextToken: first.NextToken })).toEqual(access({ QueryString }));
    await expect(run(engine, 'Query', { QueryString: 'SELECT 1', NextToken: first.NextToken })).rejects.toThrow(
      'NextToken is of no such query',
    );
  });

  it.each([
    ['SELECT list_sum(x) FROM "factory"."telemetry"', 'function list_sum() is not modelled'],
    ['SELECT nosuch FROM "factory"."telemetry"', 'nosuch'],
    ['SELECT 1 FROM "factory"."missing"', 'The table factory.missing does not exist'],
    ['DROP TABLE "factory"."telemetry"', 'a query begins with SELECT or WITH'],
    ['SELECT 1; SELECT 2', 'one statement'],
    ["SELECT * FROM read_csv('x.csv')", 'function read_csv() is not modelled'],
    [`SELECT * FROM "query_table"('factory.telemetry')`, 'function query_table() is not modelled'],
    [String.raw`SELECT E'\'' FROM factory.telemetry WHERE machine_id <> ' -- '`, 'a text has no letter before it'],
    ['SELECT * FROM duckdb_tables', 'table duckdb_tables: a table is named "database"."table"'],
    ['WITH x AS (SELECT 1) SELECT * FROM x, duckdb_tables', 'table duckdb_tables: a table is named'],
    ['SELECT * FROM timestream.factory.telemetry', 'table timestream.factory.telemetry: a table is named'],
    [
      'WITH x AS (TABLE factory.telemetry) SELECT * FROM x',
      'table factory.telemetry: a table stands after FROM or JOIN',
    ],
    ['SELECT * FROM (PIVOT Factory.Telemetry ON phase USING count(*))', 'table PIVOT: a table is named'],
  ])('refuses %s', async (sql, message) => {
    const { engine } = await openEngine();
    await expect(query(engine, sql)).rejects.toThrow(message);
  });

  it('asks for the permission on the table it reads', async () => {
    const { engine } = await openEngine();
    const access = engine.operations.Query!.access({
      QueryString: 'WITH x AS (SELECT * FROM "factory"."telemetry") SELECT 1 FROM x',
    });
    expect(access).toEqual([
      {
        action: 'timestream:Select',
        resource: 'arn:aws:timestream:us-east-1:000000000000:database/factory/table/telemetry',
      },
    ]);
  });
});
