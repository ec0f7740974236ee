/**
 * How fast the chain from sample to advice is, for each machine type in one process, beside JSON.parse of the same
 * samples in the same run; how large a twin's state is; and what the two forests cost on eight channels.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Detector } from '../core/detection/detector.ts';
import { isolationForest } from '../core/detection/detectors/isolation-forest.ts';
import { randomCutForest } from '../core/detection/detectors/random-cut-forest.ts';
import { createTwin } from '../core/detection/twin.ts';
import { type Catalogue, createCatalogue } from '../core/machine-types/catalogue.ts';
import { createRandom } from '../core/random/random.ts';
import { parseSample } from '../core/telemetry/parse.ts';
import type { Sample } from '../core/telemetry/sample.ts';
import { machineCatalogue } from '../simulator/catalogue.ts';
import { describeMachine } from './machine.ts';

const help = `npm run bench -- detect [--type name] [--rounds n] [--write] [--json]
  --type name   only this machine type
  --rounds n    how often all is measured; the best round of each counts (default 15)
  --write       keep the result in bench/results/detect.json
  --json        the result on stdout as JSON`;

interface TypeResult {
  readonly type: string;
  readonly bytesPerSample: number;
  readonly jsonParsePerSecond: number;
  /** From the parsed sample to the observation. */
  readonly chainPerSecond: number;
  /** Time of the chain over the time of JSON.parse. */
  readonly chainToParse: number;
  /** From text: JSON.parse, the envelope's checks, the chain. */
  readonly fromTextPerSecond: number;
  readonly fromTextToParse: number;
  readonly stateBytes: number;
}

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      type: { type: 'string' },
      rounds: { type: 'string', default: '15' },
      write: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const catalogue = createCatalogue();
  if (!catalogue.ok) throw new Error(catalogue.error.join('; '));
  const names = Object.keys(machineCatalogue).filter((name) => values.type === undefined || values.type === name);
  const types = names.map((name) => {
    process.stderr.write(`detect: measuring ${name}\n`);
    return measureType(name, catalogue.value, Number(values.rounds));
  });
  const result = { bench: 'detect', ...describeMachine(), types, forests: measureForests() };
  if (values.write) {
    writeFileSync(new URL('results/detect.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
  }
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : formatReport(types, result.forests));
  return 0;
}

/** The milling process as its scenario runs it, with more than half of its samples in trouble; the others healthy. */
const recordings: Readonly<Record<string, { machines: number; samples: number; intervalS: number }>> = {
  'cnc-process': { machines: 40, samples: 240, intervalS: 2 },
  'cnc-mill': { machines: 2, samples: 4000, intervalS: 20 },
};
const usualRecording = { machines: 2, samples: 5000, intervalS: 30 };

function record(type: string): string[][] {
  const { machines, samples, intervalS } = recordings[type] ?? usualRecording;
  return Array.from({ length: machines }, (_, i) => {
    const entry = machineCatalogue[type]!;
    const machine = entry.create({
      machineId: entry.nameMachine(i + 1),
      seed: 7 + i,
      startMs: Date.UTC(2026, 0, 1),
      intervalMs: intervalS * 1000,
      faults: [],
    });
    return Array.from({ length: samples }, () => JSON.stringify(machine.next().payload));
  });
}

function measureType(type: string, catalogue: Catalogue, rounds: number): TypeResult {
  const texts = record(type);
  const count = texts.reduce((sum, lines) => sum + lines.length, 0);
  const best = { parse: Number.POSITIVE_INFINITY, envelope: Number.POSITIVE_INFINITY, chain: Number.POSITIVE_INFINITY };
  let stateBytes = 0;
  // In turns, so that all three meet the same machine and the same heat.
  for (let round = 0; round < rounds; round++) {
    const [payloads, parseMs] = timed(() => texts.map((lines) => lines.map((line) => JSON.parse(line) as unknown)));
    const [samples, envelopeMs] = timed(() => payloads.map((list) => list.map((one) => readSample(one, catalogue))));
    const machineType = catalogue.findType(type)!;
    const [twins, chainMs] = timed(() =>
      samples.map((list) => {
        const twin = createTwin(machineType);
        for (const sample of list) twin.observe(sample);
        return twin;
      }),
    );
    best.parse = Math.min(best.parse, parseMs);
    best.envelope = Math.min(best.envelope, envelopeMs);
    best.chain = Math.min(best.chain, chainMs);
    stateBytes = Math.max(...twins.map((twin) => JSON.stringify(twin.save()).length));
  }
  const fromTextMs = best.parse + best.envelope + best.chain;
  return {
    type,
    bytesPerSample: Math.round(texts[0]!.reduce((sum, line) => sum + line.length, 0) / texts[0]!.length),
    jsonParsePerSecond: Math.round((count / best.parse) * 1000),
    chainPerSecond: Math.round((count / best.chain) * 1000),
    chainToParse: round2(best.chain / best.parse),
    fromTextPerSecond: Math.round((count / fromTextMs) * 1000),
    fromTextToParse: round2(fromTextMs / best.parse),
    stateBytes,
  };
}

function readSample(payload: unknown, catalogue: Catalogue): Sample {
  const parsed = parseSample(payload, catalogue);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

interface Forests {
  readonly randomCutForestPointsPerSecond: number;
  readonly isolationForestScoresPerSecond: number;
}

const channels = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Eight correlated channels; the random cut forest as its defaults are (30 × 128, shingle 4), both past their training. */
function measureForests(): Forests {
  return {
    randomCutForestPointsPerSecond: pointsPerSecond(randomCutForest.create({ channels }), 3000),
    isolationForestScoresPerSecond: pointsPerSecond(isolationForest.create({ channels }), 60_000),
  };
}

function pointsPerSecond(detector: Detector, points: number): number {
  const random = createRandom('forests');
  const trainingPoints = 1000;
  const rows = Array.from({ length: trainingPoints + points }, () => {
    const load = random.normal();
    return channels.map((_, i) => load * (1 + i / 8) + random.normal(0, 0.3));
  });
  const feed = (row: readonly number[], i: number): unknown => detector.update({ atMs: i * 1000, values: row });
  rows.slice(0, trainingPoints).forEach(feed);
  const [, ms] = timed(() => rows.slice(trainingPoints).forEach(feed));
  return Math.round((points / ms) * 1000);
}

function timed<T>(work: () => T): [T, number] {
  const started = performance.now();
  const result = work();
  return [result, performance.now() - started];
}

const round2 = (value: number): number => Math.round(value * 100) / 100;

function formatReport(types: readonly TypeResult[], forests: Forests): string {
  const header = ['type', 'bytes', 'parse/s', 'chain/s', 'chain:parse', 'from text/s', ':parse', 'state bytes'];
  const rows = types.map((t) => [
    t.type,
    t.bytesPerSample,
    t.jsonParsePerSecond,
    t.chainPerSecond,
    t.chainToParse,
    t.fromTextPerSecond,
    t.fromTextToParse,
    t.stateBytes,
  ]);
  const table = [header, ...rows.map((row) => row.map(String))];
  const widths = header.map((_, c) => Math.max(...table.map((row) => row[c]!.length)));
  const lines = table.map((row) =>
    row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))),
  );
  return [
    ...lines.map((cells) => cells.join('  ')),
    '',
    `random cut forest 30 × 128, 8 channels, shingle 4: ${forests.randomCutForestPointsPerSecond} points/s`,
    `isolation forest 100 × 256, 8 channels: ${forests.isolationForestScoresPerSecond} scores/s`,
    '',
  ].join('\n');
}
