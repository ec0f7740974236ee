/**
 * How fast the chain from sample to advice is, for each machine type in one process, beside JSON.parse of the same
 * samples in the same run; how large a twin's state is; and what the two forests cost on eight channels.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Detector } from '../core/detection/detector.ts';
import { isolationForest } from '../core/detection/detectors/isolation-forest.ts';
import { randomCutForest } from '../core/detection/detectors/random-cut-forest.ts';
import { createTwin, type Twin } from '../core/detection/twin.ts';
import { type Catalogue, createCatalogue } from '../core/machine-types/catalogue.ts';
import { createRandom } from '../core/random/random.ts';
import { parseSample } from '../core/telemetry/parse.ts';
import type { Sample } from '../core/telemetry/sample.ts';
import { machineCatalogue } from '../simulator/catalogue.ts';
import { describeMachine } from './machine.ts';
import { readChoice, readNumber } from './options.ts';

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
  const rounds = readNumber(values, 'rounds');
  const types = readChoice(values, 'type', Object.keys(machineCatalogue)).map((name) => {
    process.stderr.write(`detect: measuring ${name}\n`);
    return measureType(name, catalogue.value, rounds);
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

/** Pieces this short are seldom interrupted; the best round of each piece counts, so that a busy machine measures the same. */
const pieceSamples = 240;

interface Piece {
  readonly lines: readonly string[];
  parseMs: number;
  envelopeMs: number;
  chainMs: number;
}

function measureType(type: string, catalogue: Catalogue, rounds: number): TypeResult {
  const machines = record(type).map(cutIntoPieces);
  const machineType = catalogue.findType(type)!;
  let stateBytes = 0;
  for (let round = 0; round < rounds; round++) {
    for (const pieces of machines) {
      const twin = createTwin(machineType);
      for (const piece of pieces) measurePiece(piece, twin, catalogue);
      stateBytes = Math.max(stateBytes, JSON.stringify(twin.save()).length);
    }
  }
  const pieces = machines.flat();
  const sum = (of: (piece: Piece) => number): number => pieces.reduce((total, piece) => total + of(piece), 0);
  const count = sum((piece) => piece.lines.length);
  const parseMs = sum((piece) => piece.parseMs);
  const chainMs = sum((piece) => piece.chainMs);
  const fromTextMs = parseMs + chainMs + sum((piece) => piece.envelopeMs);
  return {
    type,
    bytesPerSample: Math.round(sum(({ lines }) => lines.reduce((bytes, line) => bytes + line.length, 0)) / count),
    jsonParsePerSecond: Math.round((count / parseMs) * 1000),
    chainPerSecond: Math.round((count / chainMs) * 1000),
    chainToParse: round2(chainMs / parseMs),
    fromTextPerSecond: Math.round((count / fromTextMs) * 1000),
    fromTextToParse: round2(fromTextMs / parseMs),
    stateBytes,
  };
}

function cutIntoPieces(lines: readonly string[]): Piece[] {
  const never = Number.POSITIVE_INFINITY;
  return Array.from({ length: Math.ceil(lines.length / pieceSamples) }, (_, i) => ({
    lines: lines.slice(i * pieceSamples, (i + 1) * pieceSamples),
    parseMs: never,
    envelopeMs: never,
    chainMs: never,
  }));
}

/** In turns, so that all three meet the same machine and the same heat. */
function measurePiece(piece: Piece, twin: Twin, catalogue: Catalogue): void {
  const [payloads, parseMs] = timed(() => piece.lines.map((line) => JSON.parse(line) as unknown));
  const [samples, envelopeMs] = timed(() => payloads.map((one) => readSample(one, catalogue)));
  const [, chainMs] = timed(() => {
    for (const sample of samples) twin.observe(sample);
  });
  piece.parseMs = Math.min(piece.parseMs, parseMs);
  piece.envelopeMs = Math.min(piece.envelopeMs, envelopeMs);
  piece.chainMs = Math.min(piece.chainMs, chainMs);
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
