import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseForecast, noExperience } from '../../core/prognosis/choose.ts';
import { openLifeArtefact, writeLifeArtefact } from '../../core/prognosis/life-artefact.ts';
import { foreseeLife, type Outlook, type TaughtMoment, teachLives } from '../../core/prognosis/life-ensemble.ts';
import type { Quantiles } from '../../core/prognosis/spread.ts';
import project from '../../package.json' with { type: 'json' };
import { makeOutputFolder } from '../../simulator/sinks/output-folder.ts';
import type { TrainOptions } from './arguments.ts';
import { chooseJudging } from './judging.ts';
import { planLives, typesWithLives } from './life-plans.ts';
import { TrainingDataError } from './read-labelled.ts';
import { readFinishedLives } from './read-lives.ts';
import { liveAll, momentsOf } from './wear-lives.ts';

/** How well a way of telling remaining life does on lives that taught nothing, from half of life on. */
export interface MomentScores {
  /** Share of medians within a fifth of the truth, of truths within P10 to P90, and of medians more than a fifth too long. */
  readonly alphaLambda: number;
  readonly coverage80: number;
  readonly lateShare: number;
}

export interface LifeReport {
  readonly machineType: string;
  readonly source: string;
  readonly seed: number;
  readonly lives: { readonly taught: number; readonly judged: number };
  readonly trees: MomentScores;
  /** The methods that need no finished lives. */
  readonly withoutTrees: MomentScores;
  readonly inForce: MomentScores | null;
  readonly promoted: boolean;
  readonly verdict: string;
}

/** May be this much worse by chance before it counts as worse. */
const slack = 0.01;
const tolerance = 0.2;

/** Teaches trees by finished lives; promotes them when they beat the methods that need none, and the trees in force. */
export function runLifeTraining(options: TrainOptions, tell: (line: string) => void): LifeReport {
  makeOutputFolder('--out', options.out);
  makeOutputFolder('--report', options.report);
  const { taught, judged } = gather(options, tell);
  const lives = { taught: countLives(taught), judged: countLives(judged) };
  if (lives.taught < 50) {
    throw new TrainingDataError(`lives: got ${lives.taught} to teach by, allowed are at least 50`);
  }
  tell(`teaching by ${lives.taught} lives, judging by ${lives.judged}`);
  const ensemble = teachLives(taught, options.seed);
  const trees = scoreMoments(judged, (outlook) => foreseeLife(ensemble, outlook));
  const withoutTrees = scoreMoments(judged, (outlook) => chooseForecast(outlook, noExperience).quantiles);
  const inForce = scoreInForce(options, judged, tell);
  const best = Math.max(withoutTrees.alphaLambda, inForce?.alphaLambda ?? 0);
  const promoted = trees.alphaLambda >= best - slack;
  const { machineType, seed, from } = options;
  const verdict = tellVerdict(trees, withoutTrees, inForce, promoted);
  const report = { machineType, source: from, seed, lives, trees, withoutTrees, inForce, promoted, verdict };
  const provenance = { codeVersion: project.version, machineType, source: from, metrics: { ...trees } };
  writeFiles(options, report, promoted ? writeLifeArtefact(ensemble, provenance) : null);
  return report;
}

interface Gathered {
  readonly taught: readonly TaughtMoment[];
  readonly judged: readonly TaughtMoment[];
}

function gather(options: TrainOptions, tell: (line: string) => void): Gathered {
  const { machineType, from, dataPath } = options;
  if (from === 'simulate') {
    if (!typesWithLives.includes(machineType)) {
      throw new TrainingDataError(
        `--machine-type: got ${machineType}, lives are simulated of ${typesWithLives.join(', ')}`,
      );
    }
    const momentsFor = (use: 'taught' | 'judged'): TaughtMoment[] =>
      liveAll(planLives(machineType, use), () => noExperience, tell).flatMap((life, i) => momentsOf(life, i));
    return { taught: momentsFor('taught'), judged: momentsFor('judged') };
  }
  const lives = [...readFinishedLives(dataPath ?? '')];
  const judging = chooseJudging(lives.map(([life]) => life));
  const momentsOfAll = (isJudged: boolean): TaughtMoment[] =>
    lives.flatMap(([life, moments]) => (judging.has(life) === isJudged ? moments : []));
  return { taught: momentsOfAll(false), judged: momentsOfAll(true) };
}

const countLives = (moments: readonly TaughtMoment[]): number => new Set(moments.map(({ life }) => life)).size;

function scoreMoments(
  moments: readonly TaughtMoment[],
  foresee: (outlook: Outlook) => Quantiles | undefined,
): MomentScores {
  const late = moments.filter(
    ({ curve, onsetHours, leftHours }) => onsetHours + (curve.at(-1)?.hours ?? 0) >= leftHours,
  );
  const told = late.flatMap((moment) => {
    const quantiles = foresee(moment);
    return quantiles === undefined ? [] : [{ ...quantiles, left: moment.leftHours }];
  });
  const share = (holds: (t: (typeof told)[number]) => boolean): number =>
    told.length === 0 ? 0 : told.filter(holds).length / told.length;
  return {
    alphaLambda: share(({ p50, left }) => Math.abs(p50 - left) <= tolerance * left),
    coverage80: share(({ p10, p90, left }) => p10 <= left && left <= p90),
    lateShare: share(({ p50, left }) => p50 > (1 + tolerance) * left),
  };
}

function scoreInForce(options: TrainOptions, judged: readonly TaughtMoment[], tell: (line: string) => void) {
  const path = modelPath(options);
  if (!existsSync(path)) return null;
  const opened = openLifeArtefact(readFileSync(path, 'utf8'), options.machineType);
  if (opened.ok) return scoreMoments(judged, (outlook) => foreseeLife(opened.value, outlook));
  tell(`the trees in force are not used: ${opened.error}`);
  return null;
}

function tellVerdict(
  trees: MomentScores,
  withoutTrees: MomentScores,
  inForce: MomentScores | null,
  promoted: boolean,
): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const beside = inForce === null ? 'none were in force' : `those in force ${percent(inForce.alphaLambda)}`;
  const figures = `${percent(trees.alphaLambda)} within a fifth, without trees ${percent(withoutTrees.alphaLambda)}, ${beside}`;
  return promoted ? `Promoted: ${figures}.` : `Refused: ${figures}; nothing is changed.`;
}

const modelPath = ({ out, machineType }: TrainOptions): string => join(out, `${machineType}.lives.json`);

function writeFiles(options: TrainOptions, report: LifeReport, artefact: string | null): void {
  const file = join(options.report, `${options.machineType}.lives.report.json`);
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  if (artefact === null) return;
  writeFileSync(`${modelPath(options)}.new`, artefact);
  renameSync(`${modelPath(options)}.new`, modelPath(options));
}
