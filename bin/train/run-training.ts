import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openArtefact, writeArtefact } from '../../core/learning/artefact.ts';
import type { StateModel } from '../../core/learning/state-model.ts';
import project from '../../package.json' with { type: 'json' };
import { makeOutputFolder } from '../../simulator/sinks/output-folder.ts';
import type { TrainOptions } from './arguments.ts';
import { simulateChaoticLives } from './chaos-lives.ts';
import { createFoundStates, type FoundStates, type LabelUsage, nothingFound } from './found-states.ts';
import { judgingSeeds, judgingUnits } from './judging.ts';
import { findMachineType, type LabelledSample, simulateLives } from './labelled-lives.ts';
import { scoreRemainingLife } from './life-scores.ts';
import { createCounter } from './progress.ts';
import { readArchive, readCsv, TrainingDataError } from './read-labelled.ts';
import { readLabels } from './read-labels.ts';
import { renderHtml, type TrainingReport, tellLabels } from './report.ts';
import { groupByUnit, hashSamples, type Lives } from './rows.ts';
import { judge, type SplitLives, splitLives, trainStates } from './train-model.ts';

export type Tell = (line: string) => void;

/** F1 may be this much lower by chance before a model counts as worse. */
const promotionSlack = 0.002;
const chaosUnits = 20;
const leastUnits = 5;

/** Trains, judges, compares, and writes model and report; the report says whether the new model was promoted. */
export function runTraining(options: TrainOptions, tell: Tell): TrainingReport {
  makeOutputFolder('--out', options.out);
  makeOutputFolder('--report', options.report);
  const found = findStates(options);
  const split = gatherLives(options, found, tell);
  const labels = options.labels === null ? null : found.usage();
  if (labels !== null) tell(tellLabels(labels));
  if (split.taught.size + split.judged.size < leastUnits) {
    throw new TrainingDataError(
      `training: got ${split.taught.size + split.judged.size} units, allowed are at least ${leastUnits}`,
    );
  }
  tell(`training on ${split.taught.size} units, judging on ${split.judged.size}`);
  const { model: untitled, importance } = trainStates(options.machineType, split.taught, {
    seed: options.seed,
    onTree: createCounter('tree', tell),
  });
  const draft: StateModel = { ...untitled, version: 'draft' };
  const states = judge(draft, split.judged);
  tell(`macro F1 ${states.macroF1.toFixed(3)} on units it never saw; judging remaining life and chaos`);
  const withChaos = judgeChaos(draft, options);
  const remainingLife = scoreRemainingLife(draft, split.taught, split.judged, options.seed);
  const inForce = judgeInForce(options, split.judged, tell);
  const promoted = inForce === null || states.macroF1 >= inForce.states.macroF1 - promotionSlack;
  const trainedOn = { sha256: hashSamples(split.taught), units: split.taught.size, rows: countRows(split.taught) };
  const metrics = {
    macroF1: states.macroF1,
    accuracy: states.accuracy,
    calibrationError: states.calibrationError,
    ...(withChaos && { macroF1WithChaos: withChaos.macroF1 }),
  };
  const text = writeArtefact(untitled, {
    codeVersion: project.version,
    trainedOn: { source: sourceOf(options, labels), ...trainedOn },
    metrics,
  });
  const report: TrainingReport = {
    machineType: options.machineType,
    modelVersion: versionOf(text),
    source: options.from,
    seed: options.seed,
    ...(labels && { labels }),
    trainedOn,
    evaluatedOn: { units: split.judged.size, rows: countRows(split.judged) },
    states,
    withChaos,
    inForce,
    importance,
    remainingLife,
    promoted,
    verdict: tellVerdict(states.macroF1, inForce, promoted),
  };
  writeFiles(options, report, promoted ? text : null);
  return report;
}

/** As every finding that rests on it will name it. */
function versionOf(text: string): string {
  const opened = openArtefact(text);
  if (!opened.ok) throw new Error(`the model just made is refused: ${opened.error}`);
  return opened.value.model.version;
}

/** Simulated units all teach: others, of seeds kept for it, judge. */
function gatherLives(options: TrainOptions, found: FoundStates, tell: Tell): SplitLives {
  const { machineType, units } = options;
  if (options.from !== 'simulate') return splitLives(withProgress(readSamples(options, found), null, tell));
  const taught = groupByUnit(withProgress(readSamples(options, found), units, tell));
  const judged = groupByUnit(simulateLives({ machineType, units: judgingUnits, seed: judgingSeeds.states }));
  return { taught, judged };
}

/** What people found of machines of this type; of none where no file was named. */
const findStates = ({ labels, machineType }: TrainOptions): FoundStates =>
  labels === null ? nothingFound : createFoundStates(readLabels(labels), machineType);

function sourceOf({ from, units, seed }: TrainOptions, labels: LabelUsage | null): string {
  if (from === 'simulate') return `simulate --units ${units} --seed ${seed}`;
  return labels === null ? from : `${from} with ${labels.used} labels of findings`;
}

function readSamples(options: TrainOptions, found: FoundStates): Iterable<LabelledSample> {
  const { machineType, from, dataPath, units, seed } = options;
  const type = findMachineType(machineType)!;
  if (from === 'simulate') return simulateLives({ machineType, units, seed });
  return from === 'csv' ? readCsv(dataPath!, type, found) : readArchive(dataPath!, type, found);
}

/** `units` is how many will come; null where only reading tells. */
function* withProgress(samples: Iterable<LabelledSample>, units: number | null, tell: Tell): Generator<LabelledSample> {
  const count = createCounter('unit', tell);
  let unit: string | null = null;
  let seen = 0;
  for (const sample of samples) {
    if (sample.unit !== unit) {
      unit = sample.unit;
      if (units !== null) count(seen++, units);
    }
    yield sample;
  }
}

const judgeChaos = (model: StateModel, { from, machineType }: TrainOptions) =>
  from === 'simulate' && machineType === 'centrifugal-pump'
    ? judge(model, groupByUnit(simulateChaoticLives({ machineType, units: chaosUnits, seed: judgingSeeds.chaos })))
    : null;

/** The model now in the folder, on the same units; one that cannot be opened is named and does not stand in the way. */
function judgeInForce(options: TrainOptions, judged: Lives, tell: Tell): TrainingReport['inForce'] {
  const path = modelPath(options);
  if (!existsSync(path)) return null;
  const opened = openArtefact(readFileSync(path, 'utf8'), options.machineType);
  if (!opened.ok) {
    tell(`the model in force is not used: ${opened.error}`);
    return null;
  }
  return { version: opened.value.model.version, states: judge(opened.value.model, judged) };
}

function tellVerdict(macroF1: number, inForce: TrainingReport['inForce'], promoted: boolean): string {
  const said = `macro F1 ${macroF1.toFixed(3)}`;
  if (inForce === null) return `Promoted: ${said}; no model was in force.`;
  const before = `the model in force (${inForce.version}) has ${inForce.states.macroF1.toFixed(3)}`;
  return promoted ? `Promoted: ${said}; ${before}.` : `Refused: ${said}, but ${before}, which stays.`;
}

const modelPath = ({ out, machineType }: TrainOptions): string => join(out, `${machineType}.json`);

/** The model is renamed into place: nobody ever reads half of one. */
function writeFiles(options: TrainOptions, report: TrainingReport, model: string | null): void {
  writeFileSync(join(options.report, `${options.machineType}.report.json`), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(options.report, `${options.machineType}.report.html`), renderHtml(report));
  if (model === null) return;
  writeFileSync(`${modelPath(options)}.new`, model);
  renameSync(`${modelPath(options)}.new`, modelPath(options));
}

const countRows = (lives: SplitLives['taught']): number =>
  [...lives.values()].reduce((sum, life) => sum + life.length, 0);
