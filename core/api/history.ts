/** Which intervals a history has. */
import { failure, type Result, success } from '../result.ts';
import { formatMoment } from './moment.ts';

/** Steps a person reads at a glance. */
const resolutionsS = [1, 2, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400];
/** As many points as a wide screen has columns for. */
const wantedPoints = 900;
export const mostPoints = 200_000;

export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export function readRange(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  { nowMs, usualMs, longestMs }: { readonly nowMs: number; readonly usualMs: number; readonly longestMs: number },
): Result<TimeRange, string> {
  const toMs = to === undefined ? nowMs : Date.parse(to);
  const fromMs = from === undefined ? toMs - usualMs : Date.parse(from);
  if (fromMs >= toMs) return failure(`from: got ${formatMoment(fromMs)}, allowed is before to, ${formatMoment(toMs)}`);
  if (toMs - fromMs > longestMs) {
    return failure(
      `from and to: ${Math.round((toMs - fromMs) / 3_600_000)} hours apart, at most ${longestMs / 3_600_000}`,
    );
  }
  return success({ fromMs, toMs });
}

export function chooseResolutionS({ fromMs, toMs }: TimeRange): number {
  const spanS = (toMs - fromMs) / 1000;
  return resolutionsS.find((resolution) => spanS / resolution <= wantedPoints) ?? resolutionsS.at(-1)!;
}

export interface HistoryPlan extends TimeRange {
  readonly resolutionS: number;
}

/** Starts on a whole interval, so that a page begins where the one before it ended. */
export function planHistory(range: TimeRange, resolutionS = chooseResolutionS(range)): Result<HistoryPlan, string> {
  const stepMs = resolutionS * 1000;
  const points = Math.ceil((range.toMs - range.fromMs) / stepMs);
  if (points > mostPoints) {
    return failure(
      `resolutionS: got ${resolutionS}, which makes ${points} intervals of the range; at most ${mostPoints}`,
    );
  }
  return success({ fromMs: Math.floor(range.fromMs / stepMs) * stepMs, toMs: range.toMs, resolutionS });
}
