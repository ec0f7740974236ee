import { join } from 'node:path';
import { spectralLines } from '../../core/detection/detectors/spectral-lines.ts';
import { controls } from './controls.ts';
import { listTables, numbersOf, readTable, type Table } from './data.ts';
import { scoreEpisodes } from './episodes.ts';
import type { QualitySet, Recording, Verdict } from './recording.ts';
import { runDetector } from './run-detector.ts';

/**
 * IMS: four bearings on one shaft run until the first fails; features of a recording every ten minutes. Every bearing has
 * its own spectral-lines detector with its defaults, over the four lines that an envelope analysis gives and the overall
 * level. No label says when damage began: the reference says the first honest alarm stands 75 h before the end, so the
 * failing bearing counts as faulty from 76 h before, when its level first leaves the flat.
 */
const lines = ['rms_g', 'hf_rms_g', 'env_bpfo', 'env_bpfi', 'env_bsf'];
const onsetHoursBeforeEnd = 76;
const failingBearing = 1;
const trainRows = 100;
/** An alarm that returns within six hours is the same one. */
const rules = { mergeS: 6 * 3600, vusBufferRows: 100 };

interface BearingRecording extends Recording {
  readonly bearing: number;
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
    ours: { ...scoreEpisodes(judged, judged.map(judge), rules), causeTop1: shareOfOuterRace(recordings) },
    controls: Object.fromEntries(others),
    scores: firstAlarm(recordings, recordings.map(judge)),
  };
};

function readBearings(table: Table): BearingRecording[] {
  const bearings = numbersOf(table, 'bearing');
  const columns = lines.map((line) => numbersOf(table, line));
  const at = table.header.indexOf('timestamp');
  return [...new Set(bearings)].map((bearing) => {
    const rows = [...bearings.keys()].filter((row) => bearings[row] === bearing);
    const atS = Float64Array.from(rows, (row) => parseStamp(table.rows[row]![at]!));
    const onsetS = atS.at(-1)! - onsetHoursBeforeEnd * 3600;
    return {
      bearing,
      name: `${table.name} bearing ${bearing}`,
      atS,
      channels: lines,
      values: rows.map((row) => columns.map((column) => column[row]!)),
      labels: Uint8Array.from(atS, (t) => (bearing === failingBearing && t >= onsetS ? 1 : 0)),
      scoredFrom: trainRows,
    };
  });
}

/** "2004.02.12.10.32.39" */
function parseStamp(stamp: string): number {
  const [year, month, day, hour, minute, second] = stamp.split('.').map(Number);
  return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!) / 1000;
}

function keepBeforeOnset(recording: BearingRecording): BearingRecording {
  if (recording.bearing === failingBearing) return recording;
  const endS = recording.atS.at(-1)! - onsetHoursBeforeEnd * 3600;
  const count = recording.atS.filter((t) => t < endS).length;
  return {
    ...recording,
    atS: recording.atS.subarray(0, count),
    values: recording.values.slice(0, count),
    labels: recording.labels.subarray(0, count),
  };
}

function firstAlarm(
  recordings: readonly BearingRecording[],
  verdicts: readonly Verdict[],
): Record<string, number | null> {
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

/** Whether the line that contributes most at the failing bearing's first alarm is the outer race's, which failed. */
function shareOfOuterRace(recordings: readonly BearingRecording[]): number | null {
  const failing = recordings.filter((recording) => recording.bearing === failingBearing);
  const causes = failing.map((recording) => {
    const detector = spectralLines.create({ channels: lines });
    for (const [i, values] of recording.values.entries()) {
      const output = detector.update({ atMs: recording.atS[i]! * 1000, values });
      if (output.alarm) return strongestRace(output.contributions!);
    }
    return null;
  });
  return causes.length > 0 ? causes.filter((cause) => cause === 'env_bpfo').length / causes.length : null;
}

/** Levels rise with any damage; the races tell which. */
function strongestRace(contributions: readonly number[]): string {
  const races = lines.filter((line) => line.startsWith('env_'));
  return races.reduce((a, b) => (contributions[lines.indexOf(b)]! > contributions[lines.indexOf(a)]! ? b : a));
}
