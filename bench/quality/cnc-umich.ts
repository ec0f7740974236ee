import { join } from 'node:path';
import { matrixOf } from '../../core/learning/matrix.ts';
import { fitForestClassifier, predictForest } from '../../core/learning/random-forest.ts';
import { listTables, mapColumn, numbersOf, readTable, type Table } from './data.ts';
import { wilson95 } from './episodes.ts';
import type { Outcome, QualityReport, QualitySet } from './recording.ts';

/**
 * UMich CNC mill: wax blocks cut with a worn or an unworn tool, 10 Hz. Which was it, asked of every five seconds of cutting,
 * by forests that never saw the experiment: leave one experiment out. A random split of the windows gives 91 %, for windows
 * of one experiment are near copies; left out whole, it is hard and small, and the figures say so. An episode is an
 * experiment with a worn tool; the alarm is the majority of its windows.
 */
const windowRows = 50;
const forest = { trees: 100, maxDepth: 10, minLeafWeight: 3, seed: 1 };

/** Loads and deviations from the set point; positions and speeds tell the program, not the tool. */
const signals = [
  'X_CurrentFeedback',
  'X_OutputCurrent',
  'X_OutputVoltage',
  'X_OutputPower',
  'Y_CurrentFeedback',
  'Y_OutputCurrent',
  'Y_OutputVoltage',
  'Y_OutputPower',
  'S_CurrentFeedback',
  'S_OutputCurrent',
  'S_OutputVoltage',
  'S_OutputPower',
];

interface Experiment {
  readonly name: string;
  readonly worn: boolean;
  readonly windows: readonly number[][];
}

/** The share of each experiment's windows that are called worn. */
type Shares = readonly number[];

export const cncUmich: QualitySet = async ({ dataFolder, tell }): Promise<QualityReport> => {
  const folder = join(dataFolder, 'cnc-umich');
  const conditions = readConditions(readTable(folder, 'train'));
  const files = listTables(folder).filter((name) => conditions.has(numberOf(name)));
  if (files.length < 2) {
    throw new Error(`--data: got ${files.length} experiments in ${folder} that train.csv names, two are needed`);
  }
  const experiments = files.map((file) => readExperiment(readTable(folder, file), conditions.get(numberOf(file))!));
  const windows = experiments.flatMap(judgeLeftOut(experiments, tell));
  const shares = windows.map((calls) => calls.filter((worn) => worn).length / Math.max(1, calls.length));
  const worn = experiments.filter((experiment) => experiment.worn).length;
  return {
    set: 'cnc-umich',
    files,
    ours: outcomeOf(experiments, shares),
    controls: controlsFor(experiments),
    scores: {
      windowAccuracy: windowAccuracy(experiments, windows),
      windowAccuracyOfMajority: majorityAccuracy(experiments),
      experimentAccuracy: experimentAccuracy(experiments, shares),
      experimentAccuracyOfMajority: Math.max(worn, experiments.length - worn) / experiments.length,
      shareCalledWorn: Object.fromEntries(
        experiments.map(({ name, worn }, i) => [
          `${name} ${worn ? 'worn' : 'unworn'}`,
          Math.round(shares[i]! * 100) / 100,
        ]),
      ),
    },
  };
};

const numberOf = (name: string): number => Number(/(\d+)$/.exec(name)?.[1] ?? Number.NaN);

function readConditions(table: Table): Map<number, boolean> {
  const numbers = numbersOf(table, table.header[0]!);
  const worn = mapColumn(table, 'tool_condition', 'worn or unworn', (cell) => ({ worn: 1, unworn: 0 })[cell]);
  return new Map([...numbers].map((number, i) => [number, worn[i] === 1]));
}

function readExperiment(table: Table, worn: boolean): Experiment {
  const columns = signals.map((signal) => numbersOf(table, signal));
  const feed = numbersOf(table, 'M_CURRENT_FEEDRATE');
  const cutting = mapColumn(table, 'Machining_Process', 'text', (cell) => (cell.startsWith('Layer') ? 1 : 0));
  const windows: number[][] = [];
  for (let from = 0; from + windowRows <= table.rows.length; from += windowRows) {
    const rows = Array.from({ length: windowRows }, (_, i) => from + i).filter((row) => cutting[row]);
    if (rows.length < windowRows / 2) continue;
    windows.push(
      columns.flatMap((column) =>
        describe(
          rows.map((row) => column[row]!),
          feed[rows[0]!]!,
        ),
      ),
    );
  }
  return { name: table.name, worn, windows };
}

/** Mean size and deviation, and both per unit of feed: the same tool needs more force at a higher feed. */
function describe(values: readonly number[], feed: number): number[] {
  const size = values.reduce((sum, v) => sum + Math.abs(v), 0) / values.length;
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
  const perFeed = Math.max(feed, 1);
  return [size, deviation, size / perFeed, deviation / perFeed];
}

const judgeLeftOut =
  (experiments: readonly Experiment[], tell: (line: string) => void) =>
  (left: Experiment): boolean[][] => {
    tell(`${left.name} left out`);
    const others = experiments.filter((experiment) => experiment !== left);
    const rows = others.flatMap(({ windows }) => windows);
    const labels = Uint8Array.from(others.flatMap(({ windows, worn }) => windows.map(() => (worn ? 1 : 0))));
    if (left.windows.length === 0) return [[]];
    const grown = fitForestClassifier({ matrix: matrixOf(rows), labels, classes: 2 }, forest);
    const shares = predictForest(grown, matrixOf(left.windows));
    return [left.windows.map((_, i) => shares[2 * i + 1]! >= 0.5)];
  };

function windowAccuracy(experiments: readonly Experiment[], windows: readonly (readonly boolean[])[]): number {
  const right = windows.map((calls, i) => calls.filter((call) => call === experiments[i]!.worn).length);
  const all = windows.reduce((sum, calls) => sum + calls.length, 0);
  return right.reduce((a, b) => a + b, 0) / all;
}

function majorityAccuracy(experiments: readonly Experiment[]): number {
  const count = (list: readonly Experiment[]): number => list.reduce((sum, { windows }) => sum + windows.length, 0);
  const worn = count(experiments.filter((experiment) => experiment.worn));
  const all = count(experiments);
  return Math.max(worn, all - worn) / all;
}

const experimentAccuracy = (experiments: readonly Experiment[], shares: Shares): number =>
  experiments.filter(({ worn }, i) => shares[i]! >= 0.5 === worn).length / experiments.length;

/** Experiments aren't moments of one machine: only controls that need no time make sense. */
function controlsFor(experiments: readonly Experiment[]): QualityReport['controls'] {
  return {
    null: outcomeOf(
      experiments,
      experiments.map(() => 0),
    ),
    random: outcomeOf(
      experiments,
      experiments.map((_, i) => (i * 0.618034) % 1),
    ),
    'always-on': outcomeOf(
      experiments,
      experiments.map(() => 1),
    ),
    'fixed-rows': outcomeOf(
      experiments,
      experiments.map((_, i) => (i < experiments.length / 2 ? 1 : 0)),
    ),
    'last-value': outcomeOf(
      experiments,
      experiments.map((_, i) => (experiments[i - 1]?.worn ? 1 : 0)),
    ),
    'z-score': outcomeOf(experiments, loadZScores(experiments)),
  };
}

/** Worn where the spindle's power lies above the mean of all experiments. */
function loadZScores(experiments: readonly Experiment[]): number[] {
  const column = 4 * signals.indexOf('S_OutputPower');
  const loads = experiments.map(
    ({ windows }) => windows.reduce((s, w) => s + w[column]!, 0) / Math.max(1, windows.length),
  );
  const mean = loads.reduce((a, b) => a + b, 0) / loads.length;
  return loads.map((load) => (load > mean ? 1 : 0));
}

function outcomeOf(experiments: readonly Experiment[], shares: Shares): Outcome {
  const alarms = experiments.map((_, i) => shares[i]! >= 0.5);
  const worn = experiments.filter((experiment) => experiment.worn).length;
  const hits = experiments.filter((experiment, i) => experiment.worn && alarms[i]).length;
  const falseAlarms = experiments.filter((experiment, i) => !experiment.worn && alarms[i]).length;
  return {
    episodes: worn,
    episodesDetected: hits,
    wilson95: wilson95(hits, worn),
    delayMedianS: null,
    delayP90S: null,
    falseAlarms,
    normalHours: 0,
    falseAlarmsPerMachineDay: null,
    falseAlarmsPerHour: null,
    alarmPrecision: hits + falseAlarms > 0 ? hits / (hits + falseAlarms) : null,
    vusPr: null,
    causeTop1: null,
  };
}
