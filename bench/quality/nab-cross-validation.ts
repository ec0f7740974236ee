import type { DetectorKind } from '../../core/detection/detector.ts';
import { committee } from '../../core/detection/detectors/committee.ts';
import { familiarContexts } from '../../core/detection/detectors/familiar-contexts.ts';
import { nearestWindows } from '../../core/detection/detectors/nearest-windows.ts';
import { beginPeaks, isFreshPeak } from '../../core/detection/detectors/onset.ts';
import { beginHistory, surpriseOf } from '../../core/detection/detectors/own-history.ts';
import { randomCutForest } from '../../core/detection/detectors/random-cut-forest.ts';
import { seasonalResidual } from '../../core/detection/detectors/seasonal-residual.ts';
import { crossValidator, type Fold, leaveOneFileOut, leaveOneFolderOut, type Settings } from './cross-validate.ts';
import type { NabRecording } from './nab-data.ts';
import { type NabProfile, normaliseNab, rawScoreAt } from './nab-score.ts';
import { runDetector } from './run-detector.ts';

/**
 * What settings of the committee chosen without a file, or without a folder, reach there, at the threshold chosen with
 * them. Each member runs once a file and setting of its own; the rest of the grid only judges surprises.
 */
const grid = {
  threshold: [7, 8, 9, 10, 11, 12],
  rangeMargin: [0.25, 0.5, 0.75, 1, 1.5],
  samplesPerMean: [2, 4, 8, 16],
  refractorySamples: [100, 150, 200, 300, 450, 525],
  freshRatio: [1.02, 1.1, 1.2, 1.3],
};
const channels = ['value'];

interface Parts {
  readonly forest: Float64Array;
  readonly seasonal: Float64Array;
  readonly contexts: ReadonlyMap<number, Float64Array>;
  readonly windows: ReadonlyMap<number, Float64Array>;
}

export function nabHeldOut(
  recordings: readonly NabRecording[],
  profile: NabProfile,
  tell: (line: string) => void,
): Record<string, unknown> {
  const parts = recordings.map((recording) => {
    tell(`cross-validation: ${recording.name}`);
    return partsOf(recording);
  });
  const windowsOf = (files: readonly number[]): number =>
    files.reduce((sum, file) => sum + recordings[file]!.windows.length, 0);
  const score = (raws: readonly number[], files: readonly number[]): number =>
    normaliseNab(
      raws.reduce((sum, raw) => sum + raw, 0),
      windowsOf(files),
      profile,
    );
  const validate = crossValidator<number>({
    grid,
    files: recordings,
    judge: (settings, file) =>
      rawScoreAt({ windows: recordings[file]!.windows, scores: freshScores(parts[file]!, settings) }, profile, 1),
    worthOf: score,
  });
  const report = (folds: readonly Fold[]): Record<string, unknown> => {
    const { verdicts, chosen } = validate(folds);
    return { nabStandardOwnThreshold: score(verdicts, [...recordings.keys()]), chosen };
  };
  return {
    heldOutByFile: report(leaveOneFileOut(recordings)),
    heldOutByFolder: report(leaveOneFolderOut(recordings)),
  };
}

function partsOf(recording: NabRecording): Parts {
  const scoresOf = <Config>(kind: DetectorKind<Config>, config: Partial<Config>): Float64Array =>
    runDetector(recording, kind.create({ channels, config }), channels).scores;
  const { forest, seasonal } = committee.defaults;
  return {
    forest: surprises(scoresOf(randomCutForest, forest)),
    seasonal: surprises(scoresOf(seasonalResidual, seasonal)),
    contexts: new Map(
      grid.rangeMargin.map((rangeMargin) => [rangeMargin, scoresOf(familiarContexts, { rangeMargin, sigmas: 1 })]),
    ),
    windows: new Map(
      grid.samplesPerMean.map((count) => [count, scoresOf(nearestWindows, { samplesPerMean: count, sigmas: 1 })]),
    ),
  };
}

function surprises(scores: Float64Array): Float64Array {
  const history = beginHistory();
  return scores.map((score) => surpriseOf(history, score));
}

/** As the committee: the larger of the forest and the three others' sum, in thresholds, where it is a fresh peak; 0 elsewhere. */
function freshScores({ forest, seasonal, ...parts }: Parts, settings: Settings): Float64Array {
  const { threshold, rangeMargin, samplesPerMean, ...rule } = settings as Record<keyof typeof grid, number>;
  const contexts = parts.contexts.get(rangeMargin)!;
  const windows = parts.windows.get(samplesPerMean)!;
  const peaks = beginPeaks();
  return forest.map((alone, row) => {
    const larger = Math.max(alone, seasonal[row]! + contexts[row]! + windows[row]!) / threshold;
    return isFreshPeak(peaks, larger, rule) ? larger : 0;
  });
}
