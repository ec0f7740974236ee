import { quantileOfSorted } from '../../core/detection/statistics/order.ts';
import { findSpans, type Outcome, type Recording, type Span, type Verdict } from './recording.ts';
import { volumeUnderPrCurve } from './vus-pr.ts';

/**
 * Figures an operator would ask for. An alarm is one event however long it stands; it is right when it *begins* inside a
 * fault episode and false when it begins outside of one; an episode is detected by the first alarm that begins in it. An
 * alarm that stood before the fault came announced nothing. No point-adjusting.
 */
export interface EpisodeRules {
  /** An alarm that returns within this time is still the same one. */
  readonly mergeS: number;
  /** Buffer of the volume under the precision-recall curve, in rows; null leaves that figure out. */
  readonly vusBufferRows: number | null;
}

interface Tally {
  readonly delaysS: number[];
  episodes: number;
  right: number;
  wrong: number;
  normalS: number;
}

export function scoreEpisodes(
  recordings: readonly Recording[],
  verdicts: readonly Verdict[],
  rules: EpisodeRules,
): Outcome {
  const tally: Tally = { delaysS: [], episodes: 0, right: 0, wrong: 0, normalS: 0 };
  recordings.forEach((recording, i) => {
    tallyRecording(tally, recording, verdicts[i]!, rules);
  });
  const { episodes, right, wrong } = tally;
  const delays = tally.delaysS.sort((a, b) => a - b);
  const hours = tally.normalS / 3600;
  return {
    episodes,
    episodesDetected: delays.length,
    wilson95: wilson95(delays.length, episodes),
    delayMedianS: delays.length > 0 ? quantileOfSorted(delays, 0.5) : null,
    delayP90S: delays.length > 0 ? quantileOfSorted(delays, 0.9) : null,
    falseAlarms: wrong,
    normalHours: hours,
    falseAlarmsPerMachineDay: hours > 0 ? (wrong / hours) * 24 : null,
    falseAlarmsPerHour: hours > 0 ? wrong / hours : null,
    alarmPrecision: right + wrong > 0 ? right / (right + wrong) : null,
    vusPr: rules.vusBufferRows === null ? null : meanVus(recordings, verdicts, rules.vusBufferRows),
    causeTop1: null,
  };
}

/** The interval that holds the true share with 95 % (Wilson 1927). */
export function wilson95(hits: number, trials: number): [low: number, high: number] {
  if (trials === 0) return [0, 1];
  const z = 1.959964;
  const share = hits / trials;
  const middle = (share + (z * z) / (2 * trials)) / (1 + (z * z) / trials);
  const half = (z * Math.sqrt((share * (1 - share) + (z * z) / (4 * trials)) / trials)) / (1 + (z * z) / trials);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** Alarms as events, those closer than the merging time joined. */
export function alarmEvents(recording: Recording, alarms: Uint8Array, mergeS: number): Span[] {
  const events: Span[] = [];
  for (const span of findSpans(alarms, recording.scoredFrom)) {
    const last = events.at(-1);
    const gapS =
      last === undefined ? Number.POSITIVE_INFINITY : recording.atS[span.from]! - recording.atS[last.to - 1]!;
    if (last !== undefined && gapS <= mergeS) events[events.length - 1] = { from: last.from, to: span.to };
    else events.push(span);
  }
  return events;
}

function tallyRecording(tally: Tally, recording: Recording, verdict: Verdict, rules: EpisodeRules): void {
  const { atS, labels, scoredFrom } = recording;
  const events = alarmEvents(recording, verdict.alarms, rules.mergeS);
  for (const episode of findSpans(labels, scoredFrom)) {
    tally.episodes++;
    const first = events.find((event) => event.from >= episode.from && event.from < episode.to);
    if (first !== undefined) tally.delaysS.push(atS[first.from]! - atS[episode.from]!);
  }
  for (const event of events) {
    if (labels[event.from]) tally.right++;
    else tally.wrong++;
  }
  const stepS = medianStepS(atS);
  for (let i = scoredFrom + 1; i < labels.length; i++) {
    // A gap in the recording is not a watched hour.
    if (!labels[i]) tally.normalS += Math.min(atS[i]! - atS[i - 1]!, 5 * stepS);
  }
}

function medianStepS(atS: Float64Array): number {
  const steps = Array.from(atS.subarray(1), (t, i) => t - atS[i]!).sort((a, b) => a - b);
  return quantileOfSorted(steps, 0.5);
}

function meanVus(recordings: readonly Recording[], verdicts: readonly Verdict[], bufferRows: number): number | null {
  const volumes: number[] = [];
  recordings.forEach((recording, i) => {
    const labels = recording.labels.subarray(recording.scoredFrom);
    if (!labels.includes(1)) return;
    volumes.push(volumeUnderPrCurve(labels, verdicts[i]!.scores.subarray(recording.scoredFrom), bufferRows));
  });
  return volumes.length > 0 ? volumes.reduce((a, b) => a + b, 0) / volumes.length : null;
}
