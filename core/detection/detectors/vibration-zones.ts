import { perChannelKind } from './per-channel.ts';

/**
 * Decides: in which evaluation zone does the machine's vibration velocity stand, for long enough to mean it?
 * Formula: zones A|B|C|D by three bounds in mm/s RMS; alarm once the value stayed beyond the bound into `alarmZone` for
 * `holdS` seconds without a break. A change by 25 % of the B/C bound from the reference value counts as well, when asked.
 * Fails when: the signal isn't broad-band velocity RMS (10–1000 Hz) on a bearing housing; class or mounting is wrong.
 * Source: bounds as commonly quoted from ISO 10816-1, -3 and -7 (now ISO 20816-1, -3; copies disagree: check the
 * edition that applies before showing them as the standard's).
 */
export type VibrationZone = 'A' | 'B' | 'C' | 'D';
export type ZoneBoundsMmPerS = readonly [aToB: number, bToC: number, cToD: number];

export const zoneTables = {
  'iso10816-1-class1': [0.71, 1.8, 4.5],
  'iso10816-1-class2': [1.12, 2.8, 7.1],
  'iso10816-1-class3': [1.8, 4.5, 11.2],
  'iso10816-1-class4': [2.8, 7.1, 18],
  'iso10816-3-group1-rigid': [2.3, 4.5, 7.1],
  'iso10816-3-group1-flexible': [3.5, 7.1, 11],
  'iso10816-3-group2-rigid': [1.4, 2.8, 4.5],
  'iso10816-3-group2-flexible': [2.3, 4.5, 7.1],
  'iso10816-7-category1-small': [2.5, 4, 6.6],
  'iso10816-7-category1-large': [3.5, 5, 7.6],
  'iso10816-7-category2-small': [3.2, 5.1, 8.5],
  'iso10816-7-category2-large': [4.2, 6.1, 9.5],
} as const satisfies Readonly<Record<string, ZoneBoundsMmPerS>>;
export type ZoneTable = keyof typeof zoneTables;

export interface VibrationZonesSettings {
  readonly table: ZoneTable;
  /** Own bounds instead of the table's. */
  readonly boundsMmPerS: ZoneBoundsMmPerS | null;
  readonly alarmZone: 'B' | 'C' | 'D';
  readonly holdS: number;
  /** The value of the new or overhauled machine; null leaves the change criterion out. */
  readonly referenceMmPerS: number | null;
}

/** Share of the B/C bound that a change must reach to count. */
const changeShare = 0.25;

/** 60 s: longer than a start or a knock, far shorter than damage grows (assumption). */
const defaults: VibrationZonesSettings = {
  table: 'iso10816-3-group2-rigid',
  boundsMmPerS: null,
  alarmZone: 'C',
  holdS: 60,
  referenceMmPerS: null,
};

interface Memory {
  beyondSinceMs: number | null;
}

export const vibrationZones = perChannelKind<VibrationZonesSettings, Memory>({
  name: 'vibration-zones',
  version: 1,
  defaults,
  begin: () => ({ beyondSinceMs: null }),
  step: (memory, value, atMs, settings) => {
    const ratio = zoneRatio(value, settings);
    if (ratio < 1) {
      memory.beyondSinceMs = null;
      return ratio;
    }
    // A clock that steps back restarts the hold: it must not shorten it.
    if (memory.beyondSinceMs === null || atMs < memory.beyondSinceMs) memory.beyondSinceMs = atMs;
    const held = atMs - memory.beyondSinceMs >= settings.holdS * 1000;
    return held ? Math.max(ratio, 1 + Number.EPSILON) : 1;
  },
  limit: (settings) => ({ max: alarmBound(settings) }),
});

const boundsOf = ({ boundsMmPerS, table }: VibrationZonesSettings): ZoneBoundsMmPerS =>
  boundsMmPerS ?? zoneTables[table];

const alarmBound = (settings: VibrationZonesSettings): number =>
  boundsOf(settings)[{ B: 0, C: 1, D: 2 }[settings.alarmZone]]!;

export function zoneOf(valueMmPerS: number, bounds: ZoneBoundsMmPerS): VibrationZone {
  if (valueMmPerS < bounds[0]) return 'A';
  if (valueMmPerS < bounds[1]) return 'B';
  return valueMmPerS < bounds[2] ? 'C' : 'D';
}

function zoneRatio(value: number, settings: VibrationZonesSettings): number {
  const ratio = Math.abs(value) / alarmBound(settings);
  if (settings.referenceMmPerS === null) return ratio;
  return Math.max(ratio, Math.abs(value - settings.referenceMmPerS) / (changeShare * boundsOf(settings)[1]));
}
