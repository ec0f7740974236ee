import { writeFileSync } from 'node:fs';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import type { ExportOptions } from './export-arguments.ts';
import { findMachineType, type LabelledSample, simulateLives } from './labelled-lives.ts';
import { chooseEvenly, groupByUnit } from './rows.ts';

/** Writes the file and says in words how many samples of each state it holds. */
export function exportTraining(options: ExportOptions): string {
  const samples = balance(simulateLives(options));
  if (options.format === 'csv') writeFileSync(options.file, toCsv(options.machineType, samples));
  else writeParquet(options.machineType, samples, options.file);
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

/** A missing value is null; moments are UTC milliseconds. */
function writeParquet(machineType: string, samples: readonly LabelledSample[], file: string): void {
  const signals = findMachineType(machineType)!.signals;
  const columnData: ColumnSource[] = [
    { name: 'unit', data: samples.map(({ unit }) => unit), type: 'STRING' },
    { name: 'timestamp', data: samples.map(({ atMs }) => new Date(atMs)), type: 'TIMESTAMP' },
    { name: 'state', data: samples.map(({ state }) => state), type: 'STRING' },
    { name: 'failure_mode', data: samples.map(({ failureMode }) => failureMode), type: 'STRING' },
    { name: 'rul_hours', data: samples.map(({ rulHours }) => rulHours), type: 'DOUBLE' },
    ...signals.map(({ path }, i) => ({
      name: path,
      data: samples.map(({ values }) => (Number.isFinite(values[i]) ? values[i]! : null)),
      type: 'DOUBLE' as const,
    })),
  ];
  writeFileSync(file, new Uint8Array(parquetWriteBuffer({ columnData })));
}
