import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { formatFaults, type TypeScores } from './quality/own/table.ts';
import type { Outcome, QualityReport, QualitySet } from './quality/recording.ts';

const sets: Readonly<Record<string, () => Promise<QualitySet>>> = {
  skab: async () => (await import('./quality/skab.ts')).skab,
  nab: async () => (await import('./quality/nab.ts')).nab,
  ims: async () => (await import('./quality/ims.ts')).ims,
  ai4i: async () => (await import('./quality/ai4i.ts')).ai4i,
  'cnc-umich': async () => (await import('./quality/cnc-umich.ts')).cncUmich,
  own: async () => (await import('./quality/own.ts')).own,
};
const names = Object.keys(sets).join(', ');

const help = `Detection quality on public recordings and on our own simulators, beside controls that know nothing.

npm run -s bench -- quality --set <${names.replaceAll(', ', '|')}> [--data DIR] [--cross-validate] [--json] [--write]

--set    which set
--data   folder with the public sets, laid out as ../shared/data (the default); files may be .csv or .csv.gz
--cross-validate  (skab, nab) also what settings chosen without a file, or without a folder, reach on it; a minute or two
--json   one JSON object on stdout
--write  also writes bench/results/quality-<set>.json, with this machine and the date
`;

export async function run(args: readonly string[]): Promise<number> {
  const options = {
    set: { type: 'string' },
    data: { type: 'string', default: '../shared/data' },
    'cross-validate': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options, allowPositionals: false });
    if (values.help) {
      process.stdout.write(help);
      return 0;
    }
    return await runSet(values.set, values);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

async function runSet(
  set: string | undefined,
  options: { data: string; 'cross-validate': boolean; json: boolean; write: boolean },
): Promise<number> {
  const load = sets[set ?? ''];
  if (load === undefined) throw new Error(`--set: got ${set ?? 'nothing'}, allowed are ${names}`);
  const judge = await load();
  const { data, 'cross-validate': crossValidate, json, write } = options;
  if (crossValidate && set !== 'skab' && set !== 'nab') {
    throw new Error(`--cross-validate: got --set ${set}, allowed are skab, nab`);
  }
  const tell = (line: string): boolean => process.stderr.write(`${set}: ${line}\n`);
  const report = await judge({ dataFolder: data, tell, crossValidate });
  if (write) writeReport(report);
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : formatReport(report));
  return 0;
}

function writeReport(report: QualityReport): void {
  const cores = cpus();
  const machine = { cpu: cores[0]?.model ?? 'unknown', cores: cores.length, node: process.version };
  const folder = new URL('./results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const text = JSON.stringify({ date: new Date().toISOString().slice(0, 10), machine, ...report }, null, 2);
  writeFileSync(new URL(`quality-${report.set}.json`, folder), `${text}\n`);
}

function formatReport(report: QualityReport): string {
  const rows = [['ours', report.ours] as const, ...Object.entries(report.controls)].map(([name, outcome]) => [
    name,
    ...cellsOf(outcome),
  ]);
  const header = ['method', 'episodes', '95 %', 'delay s', 'p90 s', 'false', '/day', 'precision', 'VUS-PR'];
  const widths = header.map((title, c) => Math.max(title.length, ...rows.map((row) => row[c]!.length)));
  const lines = [header, ...rows].map((row) =>
    row
      .map((cell, c) => cell.padEnd(widths[c]!))
      .join('  ')
      .trimEnd(),
  );
  const scores = Object.entries(report.scores).map(([name, value]) =>
    name === 'byType' ? `\n${formatFaults(value as Record<string, TypeScores>)}` : `${name}: ${formatScore(value)}`,
  );
  return `${report.set}: ${report.files.length} files\n\n${lines.join('\n')}\n\n${scores.join('\n')}\n`;
}

function cellsOf(o: Outcome): string[] {
  const figure = (value: number | null, digits: number): string => (value === null ? '–' : value.toFixed(digits));
  const interval = o.wilson95.map((share) => (100 * share).toFixed(0)).join('–');
  const found = `${o.episodesDetected}/${o.episodes}`;
  const delays = [figure(o.delayMedianS, 0), figure(o.delayP90S, 0)];
  const alarms = [String(o.falseAlarms), figure(o.falseAlarmsPerMachineDay, 2), figure(o.alarmPrecision, 2)];
  return [found, interval, ...delays, ...alarms, figure(o.vusPr, 3)];
}

function formatScore(value: unknown): string {
  if (typeof value === 'number') return Number.isFinite(value) ? String(Math.round(value * 1000) / 1000) : '–';
  return typeof value === 'string'
    ? value
    : JSON.stringify(value, (key, part) => (key === 'chosen' ? undefined : part));
}
