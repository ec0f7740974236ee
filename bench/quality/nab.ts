import { committee } from '../../core/detection/detectors/committee.ts';
import { beginPeaks, isFreshPeak } from '../../core/detection/detectors/onset.ts';
import { controls } from './controls.ts';
import { scoreEpisodes } from './episodes.ts';
import { nabHeldOut } from './nab-cross-validation.ts';
import { type NabRecording, readNab, readProfiles } from './nab-data.ts';
import { type NabProfile, scoreNab, scoreNabAt } from './nab-score.ts';
import type { Outcome, QualitySet, Recording, Verdict } from './recording.ts';
import { runDetector } from './run-detector.ts';

/**
 * NAB: single series from machines, servers, taxis and artificial days. One streaming configuration for all: the committee
 * with its defaults. NAB's own score takes the best threshold over the whole set, as NAB does; the figure at the
 * detector's own threshold stands beside it. An alarm within an hour of the last is the same one.
 */
const channels = ['value'];
const rules = { mergeS: 3600, vusBufferRows: 100 };

export const nab: QualitySet = async ({ dataFolder, tell, crossValidate }) => {
  const recordings = readNab(dataFolder);
  const profiles = readProfiles(dataFolder);
  const judge = (recording: Recording): Verdict => {
    tell(recording.name);
    return runDetector(recording, committee.create({ channels }), channels);
  };
  const ours = recordings.map(judge);
  const fresh = ours.map(keepFresh);
  const others = Object.entries(controls).map(([name, control]): [string, Outcome & { scores: Scores }] => {
    const verdicts = recordings.map(control);
    return [
      name,
      {
        ...scoreEpisodes(recordings, verdicts, rules),
        scores: nabScores(recordings, verdicts.map(keepFresh), profiles),
      },
    ];
  });
  return {
    set: 'nab',
    files: recordings.map((recording) => recording.name),
    ours: scoreEpisodes(recordings, ours, rules),
    controls: Object.fromEntries(others),
    scores: {
      ...nabScores(recordings, fresh, profiles),
      nabStandardOwnThreshold: scoreNabAt(toFiles(recordings, fresh), profiles.standard!, 1),
      ...(crossValidate ? nabHeldOut(recordings, profiles.standard!, tell) : {}),
    },
  };
};

type Scores = Readonly<Record<string, number>>;

/** Every row above the threshold is an alarm to NAB: only fresh peaks may be, for ours and the controls alike. */
function keepFresh(verdict: Verdict): Verdict {
  const peaks = beginPeaks();
  return {
    ...verdict,
    scores: verdict.scores.map((score) => (isFreshPeak(peaks, score, committee.defaults) ? score : 0)),
  };
}

const toFiles = (recordings: readonly NabRecording[], verdicts: readonly Verdict[]) =>
  recordings.map(({ windows }, i) => ({ windows, scores: verdicts[i]!.scores }));

function nabScores(
  recordings: readonly NabRecording[],
  verdicts: readonly Verdict[],
  profiles: Readonly<Record<string, NabProfile>>,
): Scores {
  const files = toFiles(recordings, verdicts);
  const standard = scoreNab(files, profiles.standard!);
  return {
    nabStandard: standard.score,
    nabLowFalsePositives: scoreNab(files, profiles.reward_low_FP_rate!).score,
    nabLowFalseNegatives: scoreNab(files, profiles.reward_low_FN_rate!).score,
    nabThreshold: Number.isFinite(standard.threshold) ? standard.threshold : -1,
  };
}
