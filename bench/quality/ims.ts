import { join } from 'node:path';
import { spectralLines } from '../../core/detection/detectors/spectral-lines.ts';
import { controls } from './controls.ts';
import { listTables, mapColumn, readTable, type Table, wholeNumbersOf } from './data.ts';
import { scoreEpisodes } from './episodes.ts';
import type { QualityReport, QualitySet, Recording, Verdict } from './recording.ts';
import { runDetector } from './run-detector.ts';

/**
 * IMS: four bearings on one shaft run until the first fails; features of a recording every ten minutes. Every bearing has
 * its own spectral-lines detector with its defaults, over the four lines that an envelope analysis gives and the overall
 * level. No label says when damage began: of set 2 the reference says the first honest alarm stands 75 h before the end, so the
 * failing bearing counts as faulty from 76 h before, when its level first leaves the flat. The other sets are judged by the
 * same hours for want of a reference; which bearing failed, and of what, is in the data's readme.
 */
const lines = ['rms_g', 'hf_rms_g', 'env_bpfo', 'env_bpfi', 'env_bsf'];
const onsetHoursBeforeEnd = 76;
/** By set and bearing: the line of the part that failed. */
const failures: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  set1: { 3: 'env_bpfi', 4: 'env_bsf' },
  set2: { 1: 'env_bpfo' },
  set3: { 3: 'env_bpfo' },
};
const trainRows = 100;
/** An alarm that returns within six hours is the same one. */
const rules = { mergeS: 6 * 3600, vusBufferRows: 100 };

interface BearingRecording extends Recording {
  readonly file: string;
  readonly bearing: number;
  /** The line of the part that failed; null where the bearing held. */
  readonly failedLine: string | null;
}

export const ims: QualitySet = async ({ dataFolder, tell }) => {
  const folder = join(dataFolder, 'ims');
  const files = listTables(folder);
  const recordings = files.flatMap((file) => readBearings(readTable(folder, file)));
  // The others suffer with the failing bearing through the shaft: after the onset only its own rows are judged.
  const judged = recordings.map(keepBeforeOnset);
  tell(`${recordings.length} bearings`);
  const judge = (recording: Recording): Verdict =>
    runDetector(recording, spectralLines.create({ channels: lines }), lines);
  const others = Object.entries(controls).map(
    ([name, control]) => [name, scoreEpisodes(judged, judged.map(control), rules)] as const,
  );
  return {
    set: 'ims',
    files,
    ours: { ...scoreEpisodes(judged, judged.map(judge), rules), causeTop1: shareOfRightLines(recordings) },
    controls: Object.fromEntries(others),
    scores: firstAlarms(files, recordings, recordings.map(judge)),
  };
};

function readBearings(table: Table): BearingRecording[] {
  const bearings = wholeNumbersOf(table, 'bearing');
  const columns = lines.map((line) => wholeNumbersOf(table, line));
  const stamps = mapColumn(table, 'timestamp', 'a time such as 2004.02.12.10.32.39', secondsOfStamp);
  const failed = failures[/set\d+/.exec(table.name)?.[0] ?? ''] ?? failures.set2!;
  return [...new Set(bearings)].map((bearing) => {
    const rows = [...bearings.keys()].filter((row) => bearings[row] === bearing);
    const atS = Float64Array.from(rows, (row) => stamps[row]!);
    const onsetS = atS.at(-1)! - onsetHoursBeforeEnd * 3600;
    const failedLine = failed[bearing] ?? null;
    return {
      file: table.name,
      bearing,
      failedLine,
      name: `${table.name} bearing ${bearing}`,
      atS,
      channels: lines,
      values: rows.map((row) => columns.map((column) => column[row]!)),
      labels: Uint8Array.from(atS, (t) => (failedLine !== null && t >= onsetS ? 1 : 0)),
      scoredFrom: trainRows,
    };
  });
}

/** "2004.02.12.10.32.39"; null where it is no time. */
function secondsOfStamp(stamp: string): number | null {
  const [year, month, day, hour, minute, second] = stamp.split('.').map(Number);
  const atMs = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!);
  return Number.isNaN(atMs) ? null : atMs / 1000;
}

function keepBeforeOnset(recording: BearingRecording): BearingRecording {
  if (recording.failedLine !== null) return recording;
  const endS = recording.atS.at(-1)! - onsetHoursBeforeEnd * 3600;
  const count = recording.atS.filter((t) => t < endS).length;
  return {
    ...recording,
    atS: recording.atS.subarray(0, count),
    values: recording.values.slice(0, count),
    labels: recording.labels.subarray(0, count),
  };
}

interface FirstAlarm {
  readonly firstBearing: number | null;
  readonly leadHours: number | null;
  readonly alarmsBeforeOnset: number;
}

/** Of several files the one with the least lead stands for all; each is told. */
function firstAlarms(
  files: readonly string[],
  recordings: readonly BearingRecording[],
  verdicts: readonly Verdict[],
): QualityReport['scores'] {
  const byFile = files.map((file) => {
    const places = [...recordings.keys()].filter((i) => recordings[i]!.file === file);
    return firstAlarm(
      places.map((i) => recordings[i]!),
      places.map((i) => verdicts[i]!),
    );
  });
  const worst = byFile.reduce((a, b) => ((b.leadHours ?? 0) < (a.leadHours ?? 0) ? b : a));
  return files.length === 1
    ? { ...worst }
    : { ...worst, byFile: Object.fromEntries(files.map((f, i) => [f, byFile[i]])) };
}

function firstAlarm(recordings: readonly BearingRecording[], verdicts: readonly Verdict[]): FirstAlarm {
  const firsts = recordings.map((recording, i) => {
    const row = verdicts[i]!.alarms.indexOf(1);
    const leadHours = row < 0 ? Number.NEGATIVE_INFINITY : (recording.atS.at(-1)! - recording.atS[row]!) / 3600;
    return { bearing: recording.bearing, leadHours };
  });
  const first = firsts.reduce((a, b) => (b.leadHours > a.leadHours ? b : a));
  const before = firsts.filter((f) => f.leadHours > onsetHoursBeforeEnd).length;
  const found = Number.isFinite(first.leadHours);
  return {
    firstBearing: found ? first.bearing : null,
    leadHours: found ? first.leadHours : null,
    alarmsBeforeOnset: before,
  };
}

/** How often the line that contributes most at a failing bearing's first alarm is that of the part that failed. */
function shareOfRightLines(recordings: readonly BearingRecording[]): number | null {
  const failing = recordings.filter(({ failedLine }) => failedLine !== null);
  const rights = failing.filter((recording) => lineAtFirstAlarm(recording) === recording.failedLine);
  return failing.length > 0 ? rights.length / failing.length : null;
}

function lineAtFirstAlarm(recording: BearingRecording): string | null {
  const detector = spectralLines.create({ channels: lines });
  for (const [i, values] of recording.values.entries()) {
    const output = detector.update({ atMs: recording.atS[i]! * 1000, values });
    if (output.alarm) return strongestRace(output.contributions!);
  }
  return null;
}

/** Levels rise with any damage; the races tell which. */
function strongestRace(contributions: readonly number[]): string {
  const races = lines.filter((line) => line.startsWith('env_'));
  return races.reduce((a, b) => (contributions[lines.indexOf(b)]! > contributions[lines.indexOf(a)]! ? b : a));
}
