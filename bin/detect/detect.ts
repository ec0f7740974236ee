import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { sayNotJson } from '../../core/allowed.ts';
import type { Observation } from '../../core/detection/observation.ts';
import { createTwin, type Twin } from '../../core/detection/twin.ts';
import { type Catalogue, createCatalogue } from '../../core/machine-types/catalogue.ts';
import { knownTypes, plantProblems } from '../../core/machine-types/known.ts';
import { failure, type Result } from '../../core/result.ts';
import type { Rejection } from '../../core/telemetry/parse.ts';
import type { Sample } from '../../core/telemetry/sample.ts';
import { type DetectArguments, helpText, parseDetectArguments } from './arguments.ts';
import { readRecording } from './recording.ts';
import { formatJson, formatReadable, tableHeader } from './report.ts';
import { Summary } from './summary.ts';

export interface Streams {
  readonly input: Readable;
  readonly output: Writable;
  readonly errors: Writable;
}

/** The command: its exit code is 0 when all was read, 1 when lines were refused or there was no sample, 2 when it was not understood. */
export async function runDetect(args: readonly string[], streams: Streams): Promise<number> {
  const parsed = parseDetectArguments(args);
  if (!parsed.ok) return complain(streams, parsed.error);
  if (parsed.value.help) {
    streams.output.write(helpText);
    return 0;
  }
  const catalogue = readCatalogue(parsed.value.configPath);
  if (!catalogue.ok) return complain(streams, ...catalogue.error);
  const { machineType } = parsed.value;
  if (machineType !== undefined && catalogue.value.findType(machineType) === undefined) {
    const allowed = catalogue.value.types.map((type) => type.name).join(', ');
    return complain(streams, `--machine-type: got "${machineType}", allowed are ${allowed}`);
  }
  return detectAll(parsed.value, catalogue.value, streams);
}

function complain({ errors }: Streams, ...sentences: readonly string[]): number {
  for (const sentence of sentences) errors.write(`detect: ${sentence}\n`);
  return 2;
}

function readCatalogue(path: string | undefined): Result<Catalogue, readonly string[]> {
  if (plantProblems.length > 0) return failure(plantProblems);
  if (path === undefined) return { ok: true, value: knownTypes };
  try {
    return createCatalogue(JSON.parse(readFileSync(path, 'utf8')), knownTypes.types);
  } catch (error) {
    return failure([`--config ${path}: ${sayNotJson(error)}`]);
  }
}

async function detectAll(options: DetectArguments, catalogue: Catalogue, streams: Streams): Promise<number> {
  const twins = new Map<string, Twin>();
  const summary = new Summary();
  const shown = new Map<string, string>();
  const { output, errors } = streams;
  const wantsLine = createFilter(options, shown);
  if (!options.json && !options.summaryOnly) output.write(`${tableHeader()}\n`);
  try {
    for await (const records of readRecording(streams.input, catalogue, options.machineType)) {
      const lines: string[] = [];
      for (const { line, result } of records) {
        if (!result.ok) {
          tellRefusal(summary.refuse(), line, result.error, errors);
          continue;
        }
        const seen = twinOf(result.value, catalogue, twins).observe(result.value);
        const isFirst = summary.add(seen);
        if (wantsLine(seen)) lines.push(options.json ? formatJson(seen) : formatReadable(seen, isFirst));
      }
      if (lines.length > 0) await write(output, `${lines.join('\n')}\n`);
    }
  } catch (error) {
    errors.write(`detect: the recording could not be read to its end: ${(error as Error).message}\n`);
    return 1;
  }
  tellEnd(summary, errors);
  await writeSummary(options, summary, output);
  return summary.refusedCount > 0 || summary.isEmpty ? 1 : 0;
}

/** A file of another kind is refused line by line: nobody reads a thousand reasons. */
const mostToldRefusals = 50;

function tellRefusal(count: number, line: number, { reason, message }: Rejection, errors: Writable): void {
  if (count <= mostToldRefusals) errors.write(`line ${line}: ${reason}: ${message}\n`);
}

function tellEnd(summary: Summary, errors: Writable): void {
  const untold = summary.refusedCount - mostToldRefusals;
  if (untold > 0) errors.write(`detect: ${untold} more were refused\n`);
  if (summary.isEmpty) errors.write('detect: no sample in the input (see --help for what a recording looks like)\n');
}

/** Programs get every sample; people get those where something changed. Severity alone is none: episodes tell when it lasts. */
function createFilter(options: DetectArguments, shown: Map<string, string>): (seen: Observation) => boolean {
  if (options.summaryOnly) return () => false;
  if (options.json || options.all) return () => true;
  return (seen) => {
    const state = [seen.advice.decision, seen.disposition, ...seen.findings.map((f) => f.code)].join();
    const isNews = shown.get(seen.machineId) !== state || seen.transitions.length > 0;
    shown.set(seen.machineId, state);
    return isNews;
  };
}

/** One twin a machine; a machine that changes its type begins anew. */
function twinOf(sample: Sample, catalogue: Catalogue, twins: Map<string, Twin>): Twin {
  const key = `${sample.machineId} ${sample.machineType}`;
  let twin = twins.get(key);
  if (twin === undefined) {
    twin = createTwin(catalogue.findType(sample.machineType)!);
    twins.set(key, twin);
  }
  return twin;
}

async function writeSummary(options: DetectArguments, summary: Summary, output: Writable): Promise<void> {
  if (options.json && !options.summaryOnly) return;
  if (options.json) await write(output, `${JSON.stringify(summary.toJson())}\n`);
  else await write(output, `${options.summaryOnly ? '' : '\n'}${summary.toText()}\n`);
}

/** Waits for a slow reader instead of piling up. */
async function write(output: Writable, text: string): Promise<void> {
  if (output.write(text)) return;
  await new Promise<void>((resolve) => {
    output.once('drain', resolve);
    output.once('close', resolve);
  });
}
