/** Which intervals a history has, and how the marks in it become anomalies. */
import { type Severity, severities } from '../detection/observation.ts';
import { failure, type Result, success } from '../result.ts';
import { formatMoment } from './moment.ts';
import type { Anomaly } from './schemas.ts';

/** Steps a person reads at a glance. */
const resolutionsS = [1, 2, 5, 10, 30, 60, 300, 900, 3600, 21_600, 86_400];
/** As many points as a wide screen has columns for. */
const wantedPoints = 900;
export const mostPoints = 200_000;
/** What two marks of a code may lie apart and still be one anomaly: the detection's own time to clear is of this order. */
const mergeGapMs = 30_000;

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

/** The codes that stood in one interval of one machine. */
export interface AnomalyMark {
  readonly machineId: string;
  readonly codes: readonly string[];
  readonly severity: Severity;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly samples: number;
  readonly lowestHealthPercent: number | null;
}

interface Growing {
  machineId: string;
  code: string;
  severity: Severity;
  firstMs: number;
  lastMs: number;
  samples: number;
  lowestHealthPercent: number | null;
}

/** Joins the marks of each machine and code that lie close together; newest first. */
export function mergeAnomalies(marks: readonly AnomalyMark[]): Anomaly[] {
  const open = new Map<string, Growing>();
  const all: Growing[] = [];
  for (const mark of [...marks].sort((a, b) => a.firstMs - b.firstMs)) {
    for (const code of mark.codes) {
      const key = `${mark.machineId}/${code}`;
      const last = open.get(key);
      if (last !== undefined && mark.firstMs - last.lastMs <= mergeGapMs) extend(last, mark);
      else {
        const begun: Growing = { ...mark, code };
        open.set(key, begun);
        all.push(begun);
      }
    }
  }
  all.sort((a, b) => b.lastMs - a.lastMs || a.machineId.localeCompare(b.machineId) || a.code.localeCompare(b.code));
  return all.map(describe);
}

function extend(growing: Growing, mark: AnomalyMark): void {
  growing.lastMs = Math.max(growing.lastMs, mark.lastMs);
  growing.samples += mark.samples;
  if (severities.indexOf(mark.severity) > severities.indexOf(growing.severity)) growing.severity = mark.severity;
  const healths = [growing.lowestHealthPercent, mark.lowestHealthPercent].filter((health) => health !== null);
  growing.lowestHealthPercent = healths.length === 0 ? null : Math.min(...healths);
}

const describe = ({ machineId, code, severity, firstMs, lastMs, samples, lowestHealthPercent }: Growing): Anomaly => ({
  anomalyId: `${machineId}/${code}/${firstMs}`,
  machineId,
  code,
  severity,
  firstSeen: formatMoment(firstMs),
  lastSeen: formatMoment(lastMs),
  samples,
  lowestHealthPercent,
});
