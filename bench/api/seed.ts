/** Fills a stopped laptop's store: a day at 1 Hz of so many machines, each row like one that the pipeline wrote. */
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

const secondsPerDay = 86_400;

/** Rows come hour by hour over all machines, as they would have arrived; gives how many there are then. */
export async function seedStore(dataFolder: string, machineIds: readonly string[], endMs: number): Promise<number> {
  const instance = await DuckDBInstance.create(join(dataFolder, 'timestream', 'timestream.duckdb'), {
    memory_limit: '600MB',
    threads: '2',
  });
  const connection = await instance.connect();
  const found = await connection.runAndReadAll(
    `SELECT schema_name, table_name FROM duckdb_columns() WHERE column_name = 'spindle_load_pct'`,
  );
  const [schema, table] = (found.getRows()[0] ?? []).map(String);
  const name = `"${schema}"."${table}"`;
  await connection.run(`CREATE TEMP TABLE model AS SELECT * FROM ${name} ORDER BY time DESC LIMIT 1`);
  await connection.run(`CREATE TEMP TABLE machines AS SELECT unnest(${listOf(machineIds)}) AS id`);
  for (let hour = 0; hour < 24; hour++) {
    const fromMs = endMs - (secondsPerDay - hour * 3600) * 1000;
    await connection.run(`INSERT INTO ${name} SELECT model.* REPLACE (
        make_timestamp((${fromMs} + s.range * 1000) * 1000) AS time,
        machines.id AS machine_id,
        spindle_load_pct + 5 * sin(s.range / 60.0) AS spindle_load_pct)
      FROM range(3600) s, machines, model`);
  }
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM ${name}`);
  connection.closeSync();
  instance.closeSync();
  return Number(counted.getRows()[0]?.[0]);
}

const listOf = (texts: readonly string[]): string => `[${texts.map((text) => `'${text}'`).join(', ')}]`;
