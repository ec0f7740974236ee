/**
 * What learned models cost: scoring a forest of 100 trees of depth 8 on 20 features, size and loading of the forest and of each
 * model that ships, and following one machine's stream sample by sample.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openArtefact } from '../core/learning/artefact.ts';
import { matrixOf } from '../core/learning/matrix.ts';
import { fitForestClassifier, predictForest } from '../core/learning/random-forest.ts';
import { loadTrees, saveTrees } from '../core/learning/saved-trees.ts';
import { StateEstimator } from '../core/learning/state-model.ts';
import { openLifeArtefact } from '../core/prognosis/life-artefact.ts';
import { createRandom } from '../core/random/random.ts';
import { describeMachine } from './machine.ts';

const help = `npm run bench -- models [--write] [--json]
  --write   keep the result in bench/results/models.json
  --json    the result on stdout as JSON

Exit code: 1 when the forest scores fewer than 100,000 rows a second, takes more than 2 MB, or anything takes more than 50 ms to load.`;

const goal = { rowsPerS: 100_000, bytes: 2_000_000, loadMs: 50 } as const;
const folder = new URL('../core/learning/models/', import.meta.url);
/** The best of several: what else the machine does only takes away. */
const rounds = 7;

export async function run(args: string[]): Promise<number> {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ args, options: { write: flag, json: flag, help: flag } });
  if (values.help) {
    process.stdout.write(`${help}\n`);
    return 0;
  }
  const forest = measureForest();
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const result = { bench: 'models', ...describeMachine(), goal, forest, shipped: files.map(measureShipped) };
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`);
  if (values.write) {
    writeFileSync(new URL('results/models.json', import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
  }
  const loads = [forest, ...result.shipped].every(({ loadMs }) => loadMs <= goal.loadMs);
  return forest.rowsPerS >= goal.rowsPerS && forest.bytes <= goal.bytes && loads ? 0 : 1;
}

/** Four classes whose borders run across the features, so that the trees grow to their depth. */
function measureForest() {
  const random = createRandom(1);
  const rows = Array.from({ length: 4000 }, () => Float32Array.from({ length: 20 }, () => random.normal(0, 1)));
  const classOf = (row: Float32Array): number =>
    (row[0]! + row[1]! * row[2]! > 0 ? 2 : 0) + (row[3]! > row[4]! ? 1 : 0);
  const labels = Uint8Array.from(rows, classOf);
  const matrix = matrixOf(rows);
  const { trees } = fitForestClassifier({ matrix, labels, classes: 4 }, { trees: 100, maxDepth: 8 });
  const text = JSON.stringify(saveTrees(trees));
  const scoreS = bestOf(() => predictForest({ trees }, matrix));
  const loadS = bestOf(() => loadTrees(JSON.parse(text), 20));
  return {
    trees: 100,
    depth: 8,
    features: 20,
    rowsPerS: Math.round(4000 / scoreS),
    bytes: text.length,
    loadMs: inMs(loadS),
  };
}

function measureShipped(file: string) {
  const text = readFileSync(new URL(file, folder), 'utf8');
  const machineType = file.split('.')[0]!;
  if (file.endsWith('.lives.json')) {
    return { file, bytes: text.length, loadMs: inMs(bestOf(() => openLifeArtefact(text, machineType))) };
  }
  const opened = openArtefact(text, machineType);
  if (!opened.ok) throw new Error(opened.error);
  const loadMs = inMs(bestOf(() => openArtefact(text, machineType)));
  const { model } = opened.value;
  const estimator = new StateEstimator(model);
  const values = Float64Array.from(model.scaler.means);
  let atMs = 0;
  const samples = 20_000;
  const updateS = bestOf(() => {
    for (let i = 0; i < samples; i++) {
      atMs += 5000;
      estimator.update(values, atMs);
    }
  });
  const estimateS = bestOf(() => {
    for (let i = 0; i < samples; i++) estimator.estimate();
  });
  return {
    file,
    bytes: text.length,
    loadMs,
    signals: model.signals.length,
    updatesPerS: Math.round(samples / updateS),
    estimatesPerS: Math.round(samples / estimateS),
    stateBytes: JSON.stringify(estimator.save()).length,
  };
}

function bestOf(work: () => unknown): number {
  let bestS = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const startedMs = performance.now();
    work();
    bestS = Math.min(bestS, (performance.now() - startedMs) / 1000);
  }
  return bestS;
}

const inMs = (seconds: number): number => Number((seconds * 1000).toFixed(2));
