import type { Detector } from '../../core/detection/detector.ts';
import type { Recording, Verdict } from './recording.ts';

/** Feeds a recording row by row, as a live machine would. */
export function runDetector(recording: Recording, detector: Detector, channels: readonly string[]): Verdict {
  const places = channels.map((channel) => recording.channels.indexOf(channel));
  const scores = new Float64Array(recording.values.length);
  const alarms = new Uint8Array(recording.values.length);
  const again = new Uint8Array(recording.values.length);
  recording.values.forEach((row, i) => {
    const values = places.map((place) => row[place]!);
    const output = detector.update({ atMs: recording.atS[i]! * 1000, values });
    scores[i] = output.score;
    alarms[i] = output.alarm ? 1 : 0;
    again[i] = output.alarmAgain === true ? 1 : 0;
  });
  return { scores, alarms, again };
}
