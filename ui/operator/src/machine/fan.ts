/**
 * The remaining life as a fan: how P10, P50 and P90 were told over time, and from now on each running down to its end.
 * Time runs in hours from now; what was told before now has negative times.
 */
import type { History, Twin } from '../../../../core/api/schemas.ts';

export type Band = NonNullable<Twin['remainingLife'][number]['hours']>;

export interface FanPoint extends Band {
  readonly atHours: number;
}

export interface Fan {
  /** In this unit are all numbers of the fan. */
  readonly unit: 'min' | 'h' | 'days';
  readonly told: readonly FanPoint[];
  readonly now: Band;
  readonly from: number;
  readonly to: number;
  readonly most: number;
}

const hoursPerUnit: Readonly<Record<Fan['unit'], number>> = { min: 1 / 60, h: 1, days: 24 };

const unitFor = (hours: number): Fan['unit'] => (hours > 96 ? 'days' : hours > 2 ? 'h' : 'min');

/** What was told long ago compared with what is left would press the fan to the side. */
const mostHistoryShare = 1;
/** A part that was good for months and has hours now: its months run out of the drawing's top. */
const mostTimesLeft = 3;

export function prepareFan(history: History | null, now: Band, nowMs: number): Fan {
  const unit = unitFor(now.p90);
  const scale = 1 / hoursPerUnit[unit];
  const toUnit = ({ p10, p50, p90 }: Band): Band => ({ p10: p10 * scale, p50: p50 * scale, p90: p90 * scale });
  const end = now.p90 * scale || 1;
  const told = readTold(history, nowMs)
    .map((point) => ({ ...toUnit(point), atHours: point.atHours * scale }))
    .filter(({ atHours }) => atHours < 0 && atHours >= -end * mostHistoryShare);
  const most = Math.min(Math.max(end, ...told.map(({ p90 }) => p90)), end * mostTimesLeft);
  return { unit, told, now: toUnit(now), from: Math.min(-0.05 * end, told[0]?.atHours ?? 0), to: end * 1.02, most };
}

function readTold(history: History | null, nowMs: number): FanPoint[] {
  if (history === null) return [];
  const { p10, p50, p90 } = history.remainingHours;
  return history.timesMs.flatMap((timeMs, i) => {
    const [low, middle, high] = [p10[i], p50[i], p90[i]];
    if (low == null || middle == null || high == null) return [];
    return [{ atHours: (timeMs - nowMs) / 3_600_000, p10: low, p50: middle, p90: high }];
  });
}
