import { beginPeaks, isFreshPeak } from '../../core/detection/detectors/onset.ts';
import { randomCutForest } from '../../core/detection/detectors/random-cut-forest.ts';
import { seasonalResidual } from '../../core/detection/detectors/seasonal-residual.ts';
import { crossValidator, type Fold, leaveOneFileOut, leaveOneFolderOut, type Settings } from './cross-validate.ts';
import type { NabRecording } from './nab-data.ts';
import { type NabProfile, normaliseNab, rawScoreAt } from './nab-score.ts';
import { runDetector } from './run-detector.ts';

/**
 * What settings of the onset detector chosen without a file, or without a folder, reach there, at the threshold chosen with
 * them. The detector's two parts run once a file (the seasonal one once a floor); the rest of the grid only judges scores.
 */
const grid = {
  threshold: [0.8, 0.9, 1, 1.1],
  floorShare: [0.03, 0.05, 0.07, 0.1, 0.15],
  refractorySamples: [300, 350, 400, 450, 500, 600],
  freshRatio: [1.05, 1.1, 1.2, 1.3, 1.4],
};
const forestConfig = { trees: 50, samplesPerTree: 256, shingle: 1 };
const channels = ['value'];

interface Parts {
  readonly forest: Float64Array;
  readonly seasonal: ReadonlyMap<number, Float64Array>;
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
  const forest = runDetector(recording, randomCutForest.create({ channels, config: forestConfig }), channels).scores;
  const seasonal = grid.floorShare.map((floorShare): [number, Float64Array] => {
    const detector = seasonalResidual.create({ channels, config: { floorShare } });
    return [floorShare, runDetector(recording, detector, channels).scores];
  });
  return { forest, seasonal: new Map(seasonal) };
}

/** As the onset detector: the larger part, in thresholds, where it is a fresh peak; 0 elsewhere. */
function freshScores({ forest, seasonal }: Parts, settings: Settings): Float64Array {
  const { threshold, floorShare, refractorySamples, freshRatio } = settings as Record<keyof typeof grid, number>;
  const residuals = seasonal.get(floorShare)!;
  const peaks = beginPeaks();
  return forest.map((score, row) => {
    const larger = Math.max(score, residuals[row]!) / threshold;
    return isFreshPeak(peaks, larger, { refractorySamples, freshRatio }) ? larger : 0;
  });
}
