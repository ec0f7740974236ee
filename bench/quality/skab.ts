import { levelShift } from '../../core/detection/detectors/level-shift.ts';
import { scoreChangePoints } from './change-points.ts';
import { controls } from './controls.ts';
import { scoreEpisodes } from './episodes.ts';
import type { QualitySet, Recording, Verdict } from './recording.ts';
import { runDetector } from './run-detector.ts';
import { readSkab, type SkabRecording } from './skab-data.ts';

/**
 * SKAB: a pump loop at 1 Hz with valves closing, rotor imbalance and fluid faults. One configuration for all files: the
 * level-shift detector with its defaults on every sensor but the two thermometers, which follow the room.
 */
const channels = [
  'Accelerometer1RMS',
  'Accelerometer2RMS',
  'Current',
  'Pressure',
  'Thermocouple',
  'Voltage',
  'Volume Flow RateRMS',
];

/** An alarm that returns within half a minute is the same one. */
const rules = { mergeS: 30, vusBufferRows: 100 };

export const skab: QualitySet = async ({ dataFolder, tell }) => {
  const recordings = readSkab(dataFolder);
  const judge = (recording: Recording): Verdict => runDetector(recording, levelShift.create({ channels }), channels);
  tell(`${recordings.length} files`);
  const ours = recordings.map(judge);
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
    scores: ownScores(recordings, ours),
  };
};

/** Outlier F1 with the shares of false and missed rows, and the change-point score, over all judged rows together. */
function ownScores(recordings: readonly SkabRecording[], verdicts: readonly Verdict[]): Record<string, number | null> {
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
