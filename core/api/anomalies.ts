/** How the marks that a store keeps become anomalies, told page by page. */
import { type Severity, severities } from '../detection/observation.ts';
import { formatMoment } from './moment.ts';
import type { Anomaly } from './schemas.ts';

/** What two marks of a code may lie apart and still be one anomaly: the detection's own time to clear is of this order. */
export const mergeGapMs = 30_000;

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

/** An anomaly's place in the list: by its end, the newest first, then by machine and code. */
export interface AnomalyPlace {
  readonly lastMs: number;
  readonly machineId: string;
  readonly code: string;
}

export interface AnomalyPaging {
  readonly limit: number;
  /** Where the page before ended. */
  readonly after: AnomalyPlace | null;
  /** The store holds older marks in the range than it gave. */
  readonly isCut: boolean;
}

/** Marks have codes; what a code is called, the machine's type knows. */
export type UntitledAnomaly = Omit<Anomaly, 'title'>;

export interface AnomalyPage {
  readonly anomalies: UntitledAnomaly[];
  readonly next: AnomalyPlace | null;
}

/**
 * A page of the anomalies that the newest marks of a range tell. For a page after another the marks reach back from a
 * gap after its place: an anomaly that went on past the place has a mark within that gap, so it ends after the place and
 * was told before. Where the marks were cut, what ends at the oldest of them waits for the next page.
 */
export function pageAnomalies(marks: readonly AnomalyMark[], { limit, after, isCut }: AnomalyPaging): AnomalyPage {
  const oldest = marks.at(-1);
  const cutAt = isCut && oldest !== undefined ? { lastMs: oldest.lastMs, machineId: '', code: '' } : null;
  const rest = mergeMarks(marks).filter(
    (one) => (after === null || byPlace(after, one) < 0) && (cutAt === null || byPlace(one, cutAt) < 0),
  );
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  const next = rest.length > limit && last !== undefined ? placeOf(last) : cutAt;
  return { anomalies: page.map(describe), next };
}

interface Growing extends AnomalyPlace {
  severity: Severity;
  readonly firstMs: number;
  lastMs: number;
  samples: number;
  lowestHealthPercent: number | null;
}

/** Joins the marks of each machine and code that lie close together; newest first. */
function mergeMarks(marks: readonly AnomalyMark[]): Growing[] {
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
  return all.sort(byPlace);
}

const placeOf = ({ lastMs, machineId, code }: AnomalyPlace): AnomalyPlace => ({ lastMs, machineId, code });

const byPlace = (a: AnomalyPlace, b: AnomalyPlace): number =>
  b.lastMs - a.lastMs || a.machineId.localeCompare(b.machineId) || a.code.localeCompare(b.code);

function extend(growing: Growing, mark: AnomalyMark): void {
  growing.lastMs = Math.max(growing.lastMs, mark.lastMs);
  growing.samples += mark.samples;
  if (severities.indexOf(mark.severity) > severities.indexOf(growing.severity)) growing.severity = mark.severity;
  const healths = [growing.lowestHealthPercent, mark.lowestHealthPercent].filter((health) => health !== null);
  growing.lowestHealthPercent = healths.length === 0 ? null : Math.min(...healths);
}

const describe = ({
  machineId,
  code,
  severity,
  firstMs,
  lastMs,
  samples,
  lowestHealthPercent,
}: Growing): UntitledAnomaly => ({
  anomalyId: `${machineId}/${code}/${firstMs}`,
  machineId,
  code,
  severity,
  firstSeen: formatMoment(firstMs),
  lastSeen: formatMoment(lastMs),
  samples,
  lowestHealthPercent,
});
