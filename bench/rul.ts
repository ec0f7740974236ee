import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMachine } from './machine.ts';
import { helpText, parseRulArguments, type RulOptions } from './rul/arguments.ts';
import { isCovered } from './rul/coverage.ts';
import { type RulReport, roundReport } from './rul/report.ts';

/** The 90 % interval must cover this share of the truths; simulated lives are told apart less sharply (issue 6). */
const coverageBand = {
  cmapss: { min: 0.88, max: 0.92 },
  own: { min: 0.85, max: 0.95 },
  'nasa-milling': { min: 0.85, max: 0.99 },
  ims: null,
} as const;

export async function run(args: string[]): Promise<number> {
  const parsed = parseRulArguments(args);
  if (!parsed.ok) {
    process.stderr.write(`bench rul: ${parsed.error}\n`);
    return 2;
  }
  if (parsed.value === 'help') {
    process.stdout.write(`${helpText}\n`);
    return 0;
  }
  return judge(parsed.value);
}

async function judge(options: RulOptions): Promise<number> {
  let report: RulReport;
  try {
    report = roundReport(await measure(options));
  } catch (error) {
    process.stderr.write(`bench rul: ${(error as Error).message}\n`);
    return 2;
  }
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : formatReport(report));
  if (options.write) writeResult(report);
  return judgeCoverage(options.set, report);
}

function writeResult(report: RulReport): void {
  const name = ['rul', report.set, report.fd].filter((part) => part !== null).join('-');
  const file = join(import.meta.dirname, 'results', `${name}.json`);
  writeFileSync(file, `${JSON.stringify({ ...describeMachine(), ...report }, null, 2)}\n`);
}

function judgeCoverage(set: RulOptions['set'], { coverage90, units }: RulReport): number {
  const band = coverageBand[set];
  if (band === null) return 0;
  if (coverage90 >= band.min && coverage90 <= band.max) return 0;
  const isChance = isCovered(coverage90, units, band);
  const word = isChance
    ? `no more than chance for ${units} units`
    : `more than chance for ${units} units: the interval fails`;
  process.stderr.write(
    `bench rul: the 90 % interval covers ${coverage90}, aimed at is ${band.min} to ${band.max}; ${word}\n`,
  );
  return isChance ? 0 : 1;
}

async function measure({ set, data, fd }: RulOptions): Promise<RulReport> {
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  if (set === 'cmapss') return (await import('./rul/cmapss.ts')).benchCmapss({ folder: data, fd, tell });
  if (set === 'own') return (await import('./rul/own.ts')).benchOwn(tell);
  if (set === 'ims') return (await import('./rul/ims.ts')).benchIms(data);
  return (await import('./rul/nasa-milling.ts')).benchNasaMilling(data);
}

function formatReport(report: RulReport): string {
  const { controls, ...plain } = report;
  const lines = Object.entries(plain).map(([name, value]) => `${name.padEnd(16)} ${tellValue(value)}`);
  const beside = Object.entries(controls).map(([name, scores]) => `  ${name.padEnd(20)} ${JSON.stringify(scores)}`);
  return [...lines, 'controls', ...beside, ''].join('\n');
}

const tellValue = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
