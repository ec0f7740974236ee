import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExportOptions } from './export-arguments.ts';
import { findMachineType, type LabelledSample, simulateLives } from './labelled-lives.ts';
import { chooseEvenly, groupByUnit } from './rows.ts';

/** Writes the file and says in words how many samples of each state it holds. */
export async function exportTraining(options: ExportOptions): Promise<string> {
  const samples = balance(simulateLives(options));
  const csv = toCsv(options.machineType, samples);
  if (options.format === 'csv') writeFileSync(options.file, csv);
  else await writeParquet(csv, options.file);
  const counts = Map.groupBy(samples, (sample) => sample.state);
  return [...counts].map(([state, of]) => `${of.length} ${state}`).join(', ');
}

/** Of each unit as many samples of each state as of its rarest. */
function balance(samples: Iterable<LabelledSample>): LabelledSample[] {
  return [...groupByUnit(samples).values()].flatMap((life) => {
    const counts = Map.groupBy(life, (sample) => sample.state).values();
    const rarest = Math.min(...Array.from(counts, (of) => of.length));
    const keep = chooseEvenly(life, rarest);
    return life.filter((_, i) => keep.has(i));
  });
}

function toCsv(machineType: string, samples: readonly LabelledSample[]): string {
  const paths = findMachineType(machineType)!.signals.map((signal) => signal.path);
  const header = ['unit', 'timestamp', 'state', 'failure_mode', 'rul_hours', ...paths].join(',');
  const lines = samples.map(({ unit, atMs, state, failureMode, rulHours, values }) => {
    const cells = values.map((value) => (Number.isNaN(value) ? '' : String(value)));
    return [unit, new Date(atMs).toISOString(), state, failureMode ?? '', rulHours ?? '', ...cells].join(',');
  });
  return `${[header, ...lines].join('\n')}\n`;
}

/** By DuckDB, which the project carries anyway; loaded only for this. */
async function writeParquet(csv: string, file: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'training-'));
  try {
    const source = join(folder, 'rows.csv');
    writeFileSync(source, csv);
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create()).connect();
    const quote = (path: string): string => `'${path.replaceAll("'", "''")}'`;
    await connection.run(
      `COPY (SELECT * FROM read_csv(${quote(source)}, header = true)) TO ${quote(file)} (FORMAT parquet)`,
    );
    connection.closeSync();
  } finally {
    rmSync(folder, { recursive: true });
  }
}
