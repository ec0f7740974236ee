/**
 * What an accelerometer on the bearing housing hears, as RMS bands: 1× (balance), 2× (alignment), vane pass, broadband
 * (turbulence, recirculation off best efficiency, cavitation, rub), and in g the high-frequency band and the 6205's lines.
 * Axes x and y are radial, z axial; an axis is the root of its bands' squares. Velocity bands grow with speed² as forces do.
 * Stages of a wearing bearing: high frequency first, then the lines, the overall RMS last (as in the IMS run-to-failure sets).
 * Amplitudes are assumptions: about 1.1 mm/s when sound (zone A of ISO 10816-7), beyond zone C/D when a fault is full.
 */
import { housingGain, innerRaceHz, outerRaceHz } from './bearing-lines.ts';
import type { OperatingPoint } from './curves.ts';
import { pumpDesign } from './curves.ts';
import type { FaultLevels } from './faults.ts';

export interface VibrationBands {
  onceMmPerS: number;
  twiceMmPerS: number;
  vanePassMmPerS: number;
  broadbandMmPerS: number;
  highFrequencyG: number;
  outerRaceG: number;
  innerRaceG: number;
}

export const createVibrationBands = (): VibrationBands => ({
  onceMmPerS: 0,
  twiceMmPerS: 0,
  vanePassMmPerS: 0,
  broadbandMmPerS: 0,
  highFrequencyG: 0,
  outerRaceG: 0,
  innerRaceG: 0,
});

/** Below 70 % of best-efficiency flow liquid turns back at the impeller; fully below 20 %. */
const recirculationBegins = 0.7;
const recirculationFull = 0.2;

export interface VibrationCauses {
  readonly speedRatio: number;
  readonly point: OperatingPoint;
  readonly levels: FaultLevels;
  /** 0 to 1, from the NPSH margin. */
  readonly cavitation: number;
}

export function setVibrationBands({ speedRatio, point, levels, cavitation }: VibrationCauses, bands: VibrationBands) {
  const s2 = speedRatio * speedRatio;
  const wear = levels.bearing_wear;
  const dry = levels.dry_run;
  const recirculation = recirculationAt(point.flowRatio);
  const offBest = Math.abs(1 - point.flowRatio);
  bands.onceMmPerS = s2 * (0.9 + 8 * levels.imbalance);
  bands.twiceMmPerS = s2 * (0.35 + 0.8 * wear * wear);
  bands.vanePassMmPerS = s2 * (1 - dry) * (0.35 + 0.7 * offBest + 0.5 * cavitation);
  bands.broadbandMmPerS = s2 * (0.3 + 1.6 * recirculation + 2.2 * cavitation + 7 * wear * wear * wear + 0.8 * dry);
  bands.highFrequencyG = s2 * (0.4 + 2.5 * wear * (2 - wear) + 8 * cavitation + 0.4 * recirculation + 1.5 * dry);
  setBearingLines(speedRatio, wear, bands);
}

function setBearingLines(speedRatio: number, wear: number, bands: VibrationBands): void {
  const s2 = speedRatio * speedRatio;
  const speedRpm = speedRatio * pumpDesign.ratedSpeedRpm;
  bands.outerRaceG = s2 * housingGain(outerRaceHz(speedRpm)) * (0.03 + 1.4 * wear * Math.sqrt(wear));
  bands.innerRaceG = s2 * housingGain(innerRaceHz(speedRpm)) * (0.02 + 0.8 * wear * wear);
}

function recirculationAt(flowRatio: number): number {
  const share = (recirculationBegins - flowRatio) / (recirculationBegins - recirculationFull);
  return share <= 0 ? 0 : Math.min(1, share);
}

/** How much of each band an axis hears (assumption: a horizontal foot-mounted pump is softest sideways). */
const axisGains = { x: [1, 1, 1, 1], y: [0.85, 0.9, 0.9, 0.95], z: [0.35, 0.8, 0.6, 0.8] } as const;

export function overallMmPerS(bands: VibrationBands, axis: keyof typeof axisGains): number {
  const gains = axisGains[axis];
  const once = gains[0] * bands.onceMmPerS;
  const twice = gains[1] * bands.twiceMmPerS;
  const vanePass = gains[2] * bands.vanePassMmPerS;
  const broadband = gains[3] * bands.broadbandMmPerS;
  return Math.sqrt(once * once + twice * twice + vanePass * vanePass + broadband * broadband);
}
