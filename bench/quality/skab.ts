import { type LevelShiftConfig, levelShift } from '../../core/detection/detectors/level-shift.ts';
import { scoreChangePoints } from './change-points.ts';
import { controls } from './controls.ts';
import { crossValidator, type Fold, leaveOneFileOut, leaveOneFolderOut } from './cross-validate.ts';
import { scoreEpisodes } from './episodes.ts';
import type { Outcome, QualitySet, Recording, Verdict } from './recording.ts';
import { runDetector } from './run-detector.ts';
import { readSkab, type SkabRecording } from './skab-data.ts';

/**
 * SKAB: a pump loop at 1 Hz with valves closing, rotor imbalance and fluid faults. One configuration for all files: the
 * level-shift detector with its defaults on every sensor but the motor's temperature, which the load of the hours before decides.
 * The two accelerometers sit on one shaft: what shakes it shows in both, so they speak together, as their geometric mean,
 * and only by rising. One of them alone wanders with its mounting.
 */
const accelerometers = ['Accelerometer1RMS', 'Accelerometer2RMS'];
const vibration = 'Vibration';
const alone = ['Current', 'Pressure', 'Thermocouple', 'Voltage', 'Volume Flow RateRMS'];
const channels = [vibration, ...alone];

/** An alarm that returns within half a minute is the same one. */
const rules = { mergeS: 30, vusBufferRows: 100 };

/** What the cross-validation chooses from: the settings that matter, a step to either side of the defaults and further. */
const grid = {
  sigmas: [3, 3.5, 4, 4.5],
  windowSamples: [8, 10, 12, 14, 16],
  adaptSamples: [70, 100, 140],
  noiseShare: [0.2, 0.25, 0.3, 0.35, 0.4],
  settleSamples: [60, 100, 140],
};

export const skab: QualitySet = async ({ dataFolder, tell, crossValidate }) => {
  const recordings = readSkab(dataFolder);
  tell(`${recordings.length} files`);
  const ours = recordings.map((recording) => judge(toSignals(recording)));
  const others = Object.entries(controls).map(([name, control]) => {
    tell(`control ${name}`);
    const verdicts = recordings.map(control);
    return [name, { ...scoreEpisodes(recordings, verdicts, rules), scores: ownScores(recordings, verdicts) }] as const;
  });
  return {
    set: 'skab',
    files: recordings.map((recording) => recording.name),
    ours: scoreEpisodes(recordings, ours, rules),
    controls: Object.fromEntries(others),
    scores: { ...ownScores(recordings, ours), ...(crossValidate ? heldOutScores(recordings, tell) : {}) },
  };
};

function judge(recording: Recording, config: Partial<LevelShiftConfig> = {}): Verdict {
  return runDetector(
    recording,
    levelShift.create({ channels, config: { riseOnly: [vibration], ...config } }),
    channels,
  );
}

function toSignals(recording: Recording): Recording {
  const [first, second] = accelerometers.map((name) => recording.channels.indexOf(name));
  const places = alone.map((name) => recording.channels.indexOf(name));
  const values = recording.values.map((row) => [
    Math.sqrt(row[first!]! * row[second!]!),
    ...places.map((place) => row[place]!),
  ]);
  return { ...recording, channels, values };
}

type Scores = Record<'f1' | 'far' | 'mar' | 'changePointNab', number>;

/** What settings chosen without a file, and without a whole folder, reach there. */
function heldOutScores(recordings: readonly SkabRecording[], tell: (line: string) => void): Record<string, unknown> {
  tell('cross-validation: judging every setting of the grid');
  const signals = recordings.map(toSignals);
  const validate = crossValidator<Verdict>({
    grid,
    files: recordings,
    judge: (settings, file) => judge(signals[file]!, settings),
    worthOf: (verdicts, files) => {
      const own = files.map((file) => recordings[file]!);
      return goalsReached(scoreEpisodes(own, verdicts, { ...rules, vusBufferRows: null }), ownScores(own, verdicts));
    },
  });
  const report = (folds: readonly Fold[]): Record<string, unknown> => {
    const { verdicts, chosen } = validate(folds);
    const outcome = scoreEpisodes(recordings, verdicts, { ...rules, vusBufferRows: null });
    const { episodes, episodesDetected, falseAlarms, falseAlarmsPerHour, alarmPrecision } = outcome;
    const counts = { episodes, episodesDetected, falseAlarms, falseAlarmsPerHour, alarmPrecision };
    return { ...counts, ...ownScores(recordings, verdicts), chosen };
  };
  return {
    heldOutByFile: report(leaveOneFileOut(recordings)),
    heldOutByFolder: report(leaveOneFolderOut(recordings)),
  };
}

/** How far the goals are reached, each counting up to a little above itself. */
function goalsReached(outcome: Outcome, { f1, far, changePointNab }: Scores): number {
  const reached = [
    outcome.episodesDetected / outcome.episodes / 0.94,
    (outcome.alarmPrecision ?? 0) / 0.9,
    f1 / 0.82,
    changePointNab / 36,
    0.17 / Math.max(far, 0.01),
    0.7 / Math.max(outcome.falseAlarmsPerHour ?? 0, 0.1),
  ];
  return reached.reduce((sum, share) => sum + Math.min(1.05, share), 0);
}

/** Outlier F1 with the shares of false and missed rows, and the change-point score, over all judged rows together. */
function ownScores(recordings: readonly SkabRecording[], verdicts: readonly Verdict[]): Scores {
  let [hits, falseRows, missed, quiet] = [0, 0, 0, 0];
  recordings.forEach(({ labels, scoredFrom }, i) => {
    const { alarms } = verdicts[i]!;
    for (let row = scoredFrom; row < labels.length; row++) {
      if (alarms[row]) labels[row] ? hits++ : falseRows++;
      else labels[row] ? missed++ : quiet++;
    }
  });
  const changes = recordings.map((recording, i) => ({
    atS: recording.atS,
    trueRows: recording.changePoints,
    foundRows: switchingRows(verdicts[i]!.alarms, recording.scoredFrom),
  }));
  return {
    f1: (2 * hits) / (2 * hits + falseRows + missed),
    far: falseRows / (falseRows + quiet),
    mar: missed / (hits + missed),
    changePointNab: scoreChangePoints(changes),
  };
}

/** SKAB takes a change point wherever the outlier verdict switches on or off. */
function switchingRows(alarms: Uint8Array, from: number): number[] {
  const rows: number[] = [];
  for (let row = from; row < alarms.length; row++)
    if (alarms[row] !== (row === from ? 0 : alarms[row - 1])) rows.push(row);
  return rows;
}
