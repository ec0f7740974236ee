import { quantileOfSorted } from '../../core/detection/statistics/order.ts';
import { findSpans, type Outcome, type Recording, type Span, type Verdict } from './recording.ts';
import { volumeUnderPrCurve } from './vus-pr.ts';

/**
 * Figures an operator would ask for. An alarm is one event however long it stands; it is right when it *begins* inside a
 * fault episode and false when it begins outside of one; an episode is detected by the first alarm that begins in it. An
 * alarm that stood before the fault came announced nothing, unless it is raised again in it; one raised again is an event of
 * its own, false like any other outside of an episode, and inside right only where it is the first. No point-adjusting.
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

/** Alarms as events, those closer than the merging time joined, one that is raised again cut there. */
export function alarmEvents(recording: Recording, verdict: Verdict, mergeS: number): Span[] {
  return mergedAlarms(recording, verdict.alarms, mergeS).flatMap((event) => cutWhereRaisedAgain(event, verdict));
}

function cutWhereRaisedAgain({ from, to }: Span, { again }: Verdict): Span[] {
  const cuts = Array.from({ length: to - from - 1 }, (_, i) => from + 1 + i).filter((row) => again?.[row]);
  return [from, ...cuts].map((start, i) => ({ from: start, to: cuts[i] ?? to }));
}

function mergedAlarms(recording: Recording, alarms: Uint8Array, mergeS: number): Span[] {
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
  const events = alarmEvents(recording, verdict, rules.mergeS);
  for (const episode of findSpans(labels, scoredFrom)) {
    tally.episodes++;
    const inside = events.filter((event) => event.from >= episode.from && event.from < episode.to);
    // Raising what is known already is no further proof of precision.
    tally.right += inside.filter((event, i) => i === 0 || !verdict.again?.[event.from]).length;
    if (inside.length > 0) tally.delaysS.push(atS[inside[0]!.from]! - atS[episode.from]!);
  }
  tally.wrong += events.filter((event) => !labels[event.from]).length;
  const stepS = medianStepS(atS);
  for (let i = Math.max(1, scoredFrom); i < labels.length; i++) {
    // Every judged row stands for the time since the one before. A gap in the recording is not a watched hour.
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
